"""A data-set folder (Market-1501, DeepFashion, paper dolls) -> a checked index of people, and pairs of them.

    <dir>/train/*.jpg, <dir>/test/*.jpg       or bounding_box_train/, bounding_box_test/, as Market-1501 comes
    <dir>/market-annotation-{train,test}.csv  or fasion-, fashion-, each also with -resize; or another name-
    <dir>/market-pairs-{train,test}.csv       likewise
    <dir>/parsing/{train,test}/<stem>.png     or <dir>/{train,test}_parsing/; or .npy

Who cannot be used is left out, and the report says why; a malformed line stops (`AnnotationError`).
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from spt_tf.anatomy import NUM_JOINTS, TORSO_JOINTS
from spt_tf.data.annotations import AnnotationRow, read_annotation_rows, read_pairs
from spt_tf.data.file_reading import UnreadableFile
from spt_tf.data.images import read_encoded_image
from spt_tf.data.people_index import PeopleIndex
from spt_tf.data.person_files import ParsingFile, Unusable, check_image, check_parsing, person_digest
from spt_tf.data.report import LeftOut, LoadingReport, Reason

SPLITS = ("train", "test")
Checked = TypeVar("Checked")
_AT_A_TIME = 128  # people that a thread looks at before it takes others
_SETS = ("market", "fasion", "fashion", "fasion-resize", "fashion-resize")
# Market-1501 numbers its people; junk detections are person -1, distractors person 0000. DeepFashion's names
# begin with letters.
_JUNK = re.compile(r"(-1|0000)_c\d")


class DatasetError(ValueError):
    """A folder that cannot be read as a data set at all; says what was looked for."""


class NobodyUsable(DatasetError):
    """Nobody of an annotation file can be used; `report` says why."""

    def __init__(self, report: LoadingReport):
        super().__init__(f"nobody can be used\n{report.summary()}")
        self.report = report


class PairList(NamedTuple):
    """Pairs (source name, target name) whose people are all in one index, and what was left out."""

    pairs: tuple[tuple[str, str], ...]
    report: LoadingReport


def load_people(
    data_dir: str | os.PathLike,
    split: str,
    canvas: tuple[int, int],
    require_torso: bool | None = None,
    with_parsing: bool = True,
) -> PeopleIndex:
    """Loads one split ("train" or "test") of a data-set folder.

    canvas: (height, width) that images and parsing maps must have.
    require_torso: leave out who lacks one of the four torso joints; unless said, in training only (the
        transforms fall back to a similarity for them).
    with_parsing: False where images and keypoints are enough: no label map is looked for.
    Raises DatasetError when files are not there, stand there twice, or nobody can be used; AnnotationError.
    """
    if split not in SPLITS:
        raise ValueError(f"expected a split of {SPLITS}, got '{split}'")
    root = check_data_dir(data_dir)
    parsing = [folder for folder in (root / "parsing" / split, root / f"{split}_parsing") if folder.is_dir()]
    if not parsing and with_parsing:
        raise DatasetError(f"{root}: no parsing/{split}/ and no {split}_parsing/")
    return load_people_from(
        images_dir=_images_dir(root, split),
        annotations=_find_csv(root, "annotation", split),
        parsing_dir=parsing if with_parsing else None,
        canvas=canvas,
        require_torso=split == "train" if require_torso is None else require_torso,
    )


def load_people_from(
    images_dir: str | os.PathLike,
    annotations: str | os.PathLike,
    parsing_dir: str | os.PathLike | Sequence[str | os.PathLike] | None,
    canvas: tuple[int, int],
    require_torso: bool = False,
    rows: Sequence[AnnotationRow] | None = None,
) -> PeopleIndex:
    """Loads people from a folder of images, an annotation file, and one or more folders of parsing maps.

    rows: what is in the annotation file, where it is no CSV and has been read already.
    parsing_dir: None loads people without label maps (see `PeopleIndex`).
    Raises DatasetError when nobody can be used, AnnotationError, OSError when the file cannot be opened.
    """
    images_dir = Path(images_dir)
    given = [parsing_dir] if isinstance(parsing_dir, (str, os.PathLike)) else parsing_dir or ()
    folders = tuple(Path(folder) for folder in given)
    canvas = int(canvas[0]), int(canvas[1])
    people = read_annotation_rows(annotations) if rows is None else rows
    first_place: dict[str, int] = {}
    for place, person in enumerate(people):
        first_place.setdefault(person.name, place)
    blank = ParsingFile(None, zlib.compress(bytes(canvas[0] * canvas[1]), 1))

    def check(place: int) -> tuple[ParsingFile, str] | LeftOut:
        person = people[place]
        try:
            if first_place[person.name] != place:
                raise Unusable(Reason.REPEATED, f"row {person.row}")
            _check_annotation(person, canvas, require_torso)
            image = check_image(images_dir / person.name, canvas)
            parsing = blank if parsing_dir is None else check_parsing(folders, person.name, canvas)
            return parsing, person_digest(image, person.keypoints, parsing)
        except Unusable as problem:
            return LeftOut(person.name, problem.reason, problem.detail)

    kept: dict[str, tuple[AnnotationRow, ParsingFile, str]] = {}
    left_out = []
    for person, found in zip(people, _in_threads(check, len(people))):
        if isinstance(found, LeftOut):
            left_out.append(found)
        else:
            kept[person.name] = person, *found
    report = LoadingReport(os.fspath(annotations), len(kept), tuple(left_out))
    if not kept:
        raise NobodyUsable(report)
    return PeopleIndex(
        names=tuple(kept),
        image_paths=tuple(os.fspath(images_dir / name) for name in kept),
        parsing_paths=tuple(os.fspath(parsing.path) for _, parsing, _ in kept.values() if parsing.path),
        keypoints=np.stack([person.keypoints for person, *_ in kept.values()]).reshape(-1, NUM_JOINTS, 2),
        packed_parsings=tuple(parsing.packed for _, parsing, _ in kept.values()),
        canvas=canvas,
        report=report,
        digests=tuple(digest for *_, digest in kept.values()),
    )


def _in_threads(check: Callable[[int], Checked], count: int) -> Iterator[Checked]:
    """`check` of 0, 1, ..., in order; files are read and decoded, which threads do side by side."""
    stretches = [range(start, min(start + _AT_A_TIME, count)) for start in range(0, count, _AT_A_TIME)]
    with ThreadPoolExecutor() as pool:
        for found in pool.map(lambda places: [check(place) for place in places], stretches):
            yield from found


def load_pairs(data_dir: str | os.PathLike, split: str, index: PeopleIndex) -> PairList:
    """Loads a split's pairs file, without the pairs whose people are not in `index`.

    Raises DatasetError when there is no such file or no pair is left; AnnotationError.
    """
    return load_pairs_from(_find_csv(check_data_dir(data_dir), "pairs", split), index)


def load_pairs_from(pairs_file: str | os.PathLike, index: PeopleIndex) -> PairList:
    """Loads a pairs file (of the literature, or of a pseudo-label search) as `load_pairs` does."""
    kept: dict[tuple[str, str], None] = {}
    left_out = []
    for pair in read_pairs(pairs_file):
        strangers = [name for name in pair if name not in index.positions]
        if strangers or pair in kept:
            reason = Reason.PERSON_LEFT_OUT if strangers else Reason.REPEATED
            left_out.append(LeftOut(",".join(pair), reason, ", ".join(strangers)))
        else:
            kept[pair] = None
    report = LoadingReport(os.fspath(pairs_file), len(kept), tuple(left_out))
    if not kept:
        raise DatasetError(f"no pair can be used\n{report.summary()}")
    return PairList(tuple(kept), report)


def check_data_dir(data_dir: str | os.PathLike) -> Path:
    """The directory as a path; raises DatasetError where there is none."""
    root = Path(data_dir)
    if not root.is_dir():
        what = "a file" if root.exists() else "no such directory"
        raise DatasetError(f"{root}: {what}; expected a data directory, see README.md for its layout")
    return root


def first_canvas(data_dir: str | os.PathLike, split: str) -> tuple[int, int]:
    """(height, width) of the first annotated image of a split that opens: what its others should be.

    Raises DatasetError when none does, AnnotationError.
    """
    root = check_data_dir(data_dir)
    folder, annotations = _images_dir(root, split), _find_csv(root, "annotation", split)
    for person in read_annotation_rows(annotations):
        try:
            return read_encoded_image(folder / person.name).size
        except UnreadableFile:
            continue
    raise DatasetError(f"{folder}: none of the images that {annotations} names can be opened")


def _check_annotation(person: AnnotationRow, canvas: tuple[int, int], require_torso: bool) -> None:
    if _JUNK.match(Path(person.name).name):
        raise Unusable(Reason.JUNK, "")
    if (person.keypoints >= np.array(canvas)).any():
        y, x = person.keypoints.max(axis=0)
        raise Unusable(Reason.JOINT_OUTSIDE, f"(y, x) up to ({y:g}, {x:g}) on {canvas[0]}x{canvas[1]}")
    if require_torso and (person.keypoints[list(TORSO_JOINTS)] < 0).any():
        raise Unusable(Reason.NO_TORSO, "")


def _images_dir(root: Path, split: str) -> Path:
    for name in (split, f"bounding_box_{split}"):
        if (root / name).is_dir():
            return root / name
    raise DatasetError(f"{root}: no {split}/ and no bounding_box_{split}/")


def _find_csv(root: Path, kind: str, split: str) -> Path:
    names = [f"{dataset}-{kind}-{split}.csv" for dataset in _SETS]
    found = [root / name for name in names if (root / name).is_file()]
    if not found:  # a data set of another name
        files = root.glob(f"*-{kind}-{split}.csv")
        found = sorted(path for path in files if path.is_file() and not path.name.startswith("."))
    if not found:
        raise DatasetError(f"{root}: none of {', '.join(names)}, nor another *-{kind}-{split}.csv")
    if len(found) > 1:
        # Files for resized and original images hold different pixels: a guess could be silently wrong.
        raise DatasetError(f"{root}: keep one of {', '.join(path.name for path in found)}")
    return found[0]
