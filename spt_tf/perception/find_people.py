"""A folder of bare photos -> people with keypoints and parsings, in files that every command reads.

    <dir>/images/<photo>.png    each photo whole on the canvas, upright
    <dir>/parsing/<photo>.png   the parsing found
    <dir>/keypoints.csv         the joints found, in pixels of the canvas
    <dir>/photo_keypoints.csv   the same in the photos' own pixels, by the photos' own names
    <dir>/left_out.csv          photos in which nobody is found, or that cannot be read, and why
    <dir>/sheet.png             what was found, to look at

Whatever was found wrong may be put right there, and the folder be given as --source_dir, --parsing_dir and
--annotations.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import NamedTuple

import numpy as np

from spt_tf.anatomy import MISSING, TORSO_JOINTS
from spt_tf.data.annotations import write_annotations
from spt_tf.data.file_reading import UnreadableFile
from spt_tf.data.left_out_list import write_left_out
from spt_tf.data.parsing_maps import write_parsing_map
from spt_tf.perception.finder import PersonFinder
from spt_tf.perception.mediapipe_pose import MediaPipePoses
from spt_tf.perception.pose_files.choose_person import NobodyChosen
from spt_tf.perception.pose_files.overlay import with_skeleton
from spt_tf.perception.pose_files.picture_files import PictureFolder
from spt_tf.perception.prepare.box import Box, whole_picture
from spt_tf.perception.prepare.photo import read_photo
from spt_tf.perception.prepare.to_canvas import image_on_canvas, keypoints_on_canvas
from spt_tf.visualize import panel, parsing_image, write_png

POSE_SOURCES = ("finder", "mediapipe")
FEWEST_JOINTS, FEWEST_OF_TORSO = 4, 2  # of a person who counts as found, and can be moved
_SHEET_ROWS = 16


class FoundPeople(NamedTuple):
    """Where what was found lies, how many people, and (photo, why) of those left out."""

    root: Path
    people: int
    left_out: list[tuple[str, str]]

    @property
    def images(self) -> Path:
        """Folder of images on the canvas."""
        return self.root / "images"

    @property
    def parsings(self) -> Path:
        """Folder of their parsings."""
        return self.root / "parsing"

    @property
    def keypoints(self) -> Path:
        """Their annotations."""
        return self.root / "keypoints.csv"

    def summary(self) -> str:
        """Readable lines."""
        lines = [f"{self.people:,} people found, {len(self.left_out):,} photos left out; see {self.root}"]
        return "\n".join([*lines, *(f"  {name}: {why}" for name, why in self.left_out[:5])])


class _Person(NamedTuple):
    photo: str
    image: np.ndarray
    parsing: np.ndarray
    keypoints: np.ndarray
    own: np.ndarray


def find_people(
    finder: PersonFinder,
    photos_dir: str | os.PathLike,
    output_dir: str | os.PathLike,
    pose_source: str = "finder",
) -> FoundPeople:
    """Looks at every photo of a folder, one person each, and writes what it finds.

    pose_source: of `POSE_SOURCES`, who finds the joints; parsings are the finder's own.
    Raises ValueError where nobody is found in any photo, or MediaPipe is not there; OSError.
    """
    root, left_out = Path(output_dir), list[tuple[str, str]]()
    people, rows = {}, list[list[np.ndarray]]()
    for person in _look(finder, PictureFolder(photos_dir, upright=True), pose_source, left_out):
        name = file_name(person.photo)
        if name in people:
            left_out.append((person.photo, f"would be {name}, as another photo is"))
            continue
        write_png(root / "images" / name, person.image)
        write_parsing_map(root / "parsing" / name, person.parsing)
        people[name] = person
        if len(rows) < _SHEET_ROWS:
            cells = person.image, parsing_image(person.parsing), with_skeleton(person.image, person.keypoints)
            rows.append(list(cells))
    write_left_out(root / "left_out.csv", left_out)
    if not people:
        first = f" ({left_out[0][0]}: {left_out[0][1]})" if left_out else ", no picture is in it"
        raise ValueError(f"{os.fspath(photos_dir)}: nobody was found{first}")
    scale = max(1, round(256 / finder.canvas[0]))
    captions = [person.photo for person in people.values()][:_SHEET_ROWS]
    write_png(root / "sheet.png", panel(rows, ["photo", "parsing found", "pose found"], scale, captions))
    write_annotations(root / "photo_keypoints.csv", {one.photo: one.own for one in people.values()})
    write_annotations(root / "keypoints.csv", {name: one.keypoints for name, one in people.items()})
    return FoundPeople(root, len(people), left_out)


def file_name(photo: str) -> str:
    """The name of a photo's person: its own, without folders and what annotation files cannot hold."""
    return re.sub(r"[^\w.+=@()-]+", "_", PurePath(photo).with_suffix("").as_posix()) + ".png"


def _look(
    finder: PersonFinder, photos: PictureFolder, pose_source: str, left_out: list[tuple[str, str]]
) -> Iterator[_Person]:
    """Each person found; the others are added to `left_out`."""
    with contextlib.ExitStack() as stack:
        tool = stack.enter_context(MediaPipePoses()) if pose_source == "mediapipe" else None
        for name in photos.names:
            try:
                yield _one(finder, name, read_photo(photos.folder / name), tool)
            except (UnreadableFile, NobodyChosen) as problem:
                left_out.append((name, str(problem)))


def _one(finder: PersonFinder, name: str, photo: np.ndarray, tool: MediaPipePoses | None) -> _Person:
    canvas, size = finder.canvas, (photo.shape[0], photo.shape[1])
    box = whole_picture(size, canvas)
    image = image_on_canvas(photo, box, canvas)
    found = finder.find(image)
    own = _in_photo(found.keypoints.numpy(), box, size, canvas) if tool is None else tool.find(photo)
    keypoints, _ = keypoints_on_canvas(own, box, canvas)
    joints, torso = (keypoints >= 0).all(axis=1), (keypoints[list(TORSO_JOINTS)] >= 0).all(axis=1)
    if joints.sum() < FEWEST_JOINTS:
        raise NobodyChosen(f"nobody found: {joints.sum()} joints; expected one person, filling the photo")
    if torso.sum() < FEWEST_OF_TORSO:
        raise NobodyChosen(f"the torso is only half found: {torso.sum()} of its shoulders and hips")
    return _Person(name, image, found.parsing.numpy(), keypoints, own)


def _in_photo(keypoints: np.ndarray, box: Box, size: tuple[int, int], canvas: tuple[int, int]) -> np.ndarray:
    """Joints on the canvas -> in the photo's own pixels; missing where the photo does not reach."""
    there = (keypoints >= 0).all(axis=1)
    pixel = np.array([box.height, box.width]) / canvas
    places = (keypoints + 0.5) * pixel - 0.5 + (box.top, box.left)
    near = ((places > -0.5 - pixel) & (places < np.array(size) - 0.5 + pixel)).all(axis=1)
    places = np.clip(places, 0, np.array(size) - 1)
    return np.where((there & near)[:, None], places, MISSING).astype(np.float32)
