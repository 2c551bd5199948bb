"""Pose files of any known tool -> one checked pose a picture, and what was left out."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from spt_tf.data.annotations import read_annotation_rows
from spt_tf.data.file_reading import UnreadableFile
from spt_tf.perception.pose_files.choose_person import Chosen, NobodyChosen, PoseRules, choose_person
from spt_tf.perception.pose_files.coco_annotations import image_names
from spt_tf.perception.pose_files.coordinates import in_pixels
from spt_tf.perception.pose_files.formats import FORMATS, format_of
from spt_tf.perception.pose_files.found_people import (
    FoundPerson,
    FoundPicture,
    PoseFileError,
    PoseSource,
    Unit,
)
from spt_tf.perception.pose_files.json_values import read_document
from spt_tf.perception.pose_files.picture_files import NoSuchPicture, Pictures

CSV = "csv"  # the literature's annotation file
_CSV_MIN_SCORE = 0.5


class LeftOutPose(NamedTuple):
    """A pose file, or a picture in one, that gives no pose."""

    name: str
    reason: str


class ImportedPoses(NamedTuple):
    """Poses by picture name, in the files' order; what gave none; how many pictures each format gave."""

    path: str
    poses: dict[str, Chosen]
    left_out: tuple[LeftOutPose, ...]
    formats: dict[str, int]

    @property
    def keypoints(self) -> dict[str, np.ndarray]:
        """Picture name -> float32 `[18, 2]`, (y, x), -1 missing."""
        return {name: chosen.keypoints for name, chosen in self.poses.items()}

    def summary(self) -> str:
        """Readable lines: what was read, what became missing, where a choice was close."""
        total = len(self.poses) + len(self.left_out)
        lines = [f"{self.path}: {len(self.poses):,} of {total:,} poses kept"]
        lines += [f"  {count:,} of {name}" for name, count in self.formats.items()]
        chosen = self.poses.values()
        missing = (("outside the picture", "outside"), ("with a low score", "doubtful"))
        for what, field in missing:
            joints = sum(getattr(one, field) for one in chosen)
            pictures = sum(getattr(one, field) > 0 for one in chosen)
            if joints:
                lines.append(f"  {joints:,} joints {what} are missing now, in {pictures:,} pictures")
        several = sum(one.people > 1 for one in chosen)
        near = [name for name, one in self.poses.items() if one.second_is_near]
        if several:
            lines.append(f"  {several:,} pictures show several people")
        if near:
            shown = ", ".join(near[:3]) + (", ..." if len(near) > 3 else "")
            lines.append(f"  {len(near):,} of them have a second person nearly as good: look at {shown}")
        return "\n".join(lines)


def read_poses(path: str | os.PathLike, pictures: Pictures, rules: PoseRules | None = None) -> ImportedPoses:
    """Reads a pose file, or a folder of `*.json` of them, or an annotation CSV.

    Raises UnreadableFile (PoseFileError; AnnotationError of a CSV) where nobody can be read at all, and on a
    single file that is malformed; a malformed file in a folder is left out and named.
    """
    rules = rules or PoseRules()
    path = Path(path)
    poses: dict[str, Chosen] = {}
    left_out: list[LeftOutPose] = []
    formats: Counter[str] = Counter()
    for source, name, min_score, found in _pictures(path, rules, left_out):
        own_name = found.name
        try:
            own_name = pictures.find(found.name)
            if own_name in poses:
                raise NobodyChosen("a second pose of this picture")
            size = pictures.size(own_name)
            people = in_pixels(found, size, rules.keypoint_scale, source)
            poses[own_name] = choose_person(people, size, rules, min_score)
            formats[f"{name}, joints from a score of {min_score:g}"] += 1
        except (NoSuchPicture, NobodyChosen, PoseFileError) as error:
            left_out.append(LeftOutPose(own_name, _reason(error, source)))
    if not poses:
        first = f" ({left_out[0].name}: {left_out[0].reason})" if left_out else ""
        raise PoseFileError(path, f"no pose can be used{first}")
    return ImportedPoses(os.fspath(path), poses, tuple(left_out), dict(formats))


def _reason(error: ValueError, source: PoseSource) -> str:
    text = str(error)
    return text if os.fspath(source.path) in text else f"{text} ({os.fspath(source.path)})"


def _pictures(
    path: Path, rules: PoseRules, left_out: list[LeftOutPose]
) -> Iterator[tuple[PoseSource, str, float, FoundPicture]]:
    """(source, format, threshold, picture) of every record."""
    names = None
    if rules.coco_images is not None:
        names = image_names(read_document(rules.coco_images), PoseSource(rules.coco_images))
    for file in _files(path):
        source = PoseSource(file, names)
        try:
            name, min_score, found = _read_file(source, rules)
        except UnreadableFile as error:
            if not path.is_dir():
                raise
            left_out.append(LeftOutPose(file.name, str(error)))
            continue
        for picture in found:
            yield source, name, min_score if rules.min_score is None else rules.min_score, picture


def _files(path: Path) -> Sequence[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.iterdir() if file.suffix == ".json" and file.is_file())
    if not files:
        raise PoseFileError(path, "no .json file in this folder")
    return files


def _read_file(source: PoseSource, rules: PoseRules) -> tuple[str, float, list[FoundPicture]]:
    path = Path(source.path)
    if rules.format == CSV or (rules.format is None and path.suffix == ".csv"):
        return CSV, _CSV_MIN_SCORE, _read_csv(source)
    document = read_document(path)
    pose_format = format_of(document, source) if rules.format is None else FORMATS[rules.format]
    return pose_format.name, pose_format.min_score, pose_format.read(document, source)


def _read_csv(source: PoseSource) -> list[FoundPicture]:
    pictures = []
    for row in read_annotation_rows(source.path):
        points = row.keypoints.astype(np.float64)
        person = FoundPerson(points, (points >= 0).all(axis=1).astype(np.float64))
        pictures.append(FoundPicture(row.name, (person,), Unit.PIXELS))
    return pictures
