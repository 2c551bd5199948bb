"""The keypoint and pair files of the Deformable GAN literature, read and written.

    name:keypoints_y:keypoints_x                          from,to
    0224_c6s1_055726_02.jpg: [8, ..., 8]: [39, ..., 47]   0228_c6s3_006817_02.jpg,0228_c6s1_052601_01.jpg

Joints are OpenPose's in `anatomy.JOINTS`' order, in pixels, -1 where one is missing. (The label lists that
circulate with these files swap the sides of eyes and ears; the numbers in the files do not.)
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import NamedTuple

import numpy as np

from spt_tf.anatomy import JOINTS, MISSING, NUM_JOINTS
from spt_tf.data.atomic_write import write_whole
from spt_tf.data.file_reading import UnreadableFile, read_text

_ANNOTATION_HEADER = "name:keypoints_y:keypoints_x"
_PAIRS_HEADER = ("from", "to")


class AnnotationError(UnreadableFile):
    """A line of an annotation or pairs file that is not what it should be; names file and row."""

    def __init__(self, path: str | os.PathLike, row: int, problem: str):
        super().__init__(path, problem, row)

    def __reduce__(self) -> tuple:
        return type(self), (self.path, self.row, self.problem)


class AnnotationRow(NamedTuple):
    """One line: the image's file name and float32 `[18, 2]` keypoints, (y, x) in pixels."""

    name: str
    keypoints: np.ndarray
    row: int


def read_annotation_rows(path: str | os.PathLike) -> list[AnnotationRow]:
    """Reads every line in file order, repeated names included.

    Raises AnnotationError at the first malformed line, UnreadableFile where there is no text to read.
    """
    lines = _lines(path)
    row, header = next(lines, (1, ""))
    if header.replace(" ", "") != _ANNOTATION_HEADER:
        raise AnnotationError(path, row, f"expected the header '{_ANNOTATION_HEADER}', found '{header[:80]}'")
    return [_annotation_row(path, row, line) for row, line in lines]


def read_annotations(path: str | os.PathLike) -> dict[str, np.ndarray]:
    """Reads a file in which every name stands once: name -> float32 `[18, 2]` keypoints, in file order.

    Raises AnnotationError at the first malformed line or repeated name.
    """
    return annotations_by_name(path, read_annotation_rows(path))


def annotations_by_name(path: str | os.PathLike, rows: Iterable[AnnotationRow]) -> dict[str, np.ndarray]:
    """Rows of `path` as name -> keypoints, in their order. Raises AnnotationError on a repeated name."""
    people: dict[str, np.ndarray] = {}
    for name, keypoints, row in rows:
        if name in people:
            raise AnnotationError(path, row, f"'{name}' has been annotated in an earlier row")
        people[name] = keypoints
    return people


def write_annotations(path: str | os.PathLike, people: Mapping[str, np.ndarray]) -> None:
    """Writes name -> `[18, 2]` keypoints; a joint with a negative coordinate is written as missing.

    Raises ValueError on keypoints of another shape or not finite; nothing is written then.
    """
    lines = [_ANNOTATION_HEADER]
    for name, keypoints in people.items():
        keypoints = np.asarray(keypoints, np.float64)
        if keypoints.shape != (NUM_JOINTS, 2) or not np.isfinite(keypoints).all():
            raise ValueError(
                f"'{name}': expected finite keypoints of shape ({NUM_JOINTS}, 2), got {keypoints.shape}"
            )
        keypoints = np.where((keypoints >= 0).all(axis=1, keepdims=True), keypoints, MISSING)
        # [[y...], [x...]]; whole numbers without a point, as the literature writes them.
        columns = [[int(v) if v.is_integer() else round(v, 4) for v in axis] for axis in keypoints.T.tolist()]
        lines.append(f"{name}: {columns[0]}: {columns[1]}")
    write_whole(path, ("\n".join(lines) + "\n").encode())


def read_pairs(path: str | os.PathLike) -> list[tuple[str, str]]:
    """Reads (source name, target name) in file order.

    Columns after `from,to`, such as a search's energy, are passed over.
    Raises AnnotationError at the first malformed line, UnreadableFile where there is no text to read.
    """
    lines = _lines(path)
    row, line = next(lines, (1, ""))
    header = [field.strip() for field in line.split(",")]
    if tuple(header[:2]) != _PAIRS_HEADER:
        raise AnnotationError(path, row, f"expected a header that begins 'from,to', found '{line[:80]}'")
    pairs = []
    for row, line in lines:
        fields = [field.strip() for field in line.split(",")]
        if len(fields) != len(header):
            raise AnnotationError(
                path, row, f"expected {len(header)} fields, found {len(fields)}: '{line[:80]}'"
            )
        for name in fields[:2]:
            _check_name(path, row, name)
        pairs.append((fields[0], fields[1]))
    return pairs


def write_pairs(path: str | os.PathLike, pairs: Iterable[tuple[str, str]]) -> None:
    """Writes (source name, target name) pairs."""
    lines = [",".join(_PAIRS_HEADER), *(f"{source},{target}" for source, target in pairs)]
    write_whole(path, ("\n".join(lines) + "\n").encode())


def _lines(path: str | os.PathLike) -> Iterator[tuple[int, str]]:
    """(row, text) of every line that is not blank."""
    try:
        text = read_text(path, pipe=True)
    except UnreadableFile as error:
        if error.row is None:
            raise
        raise AnnotationError(path, error.row, error.problem) from error
    for row, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield row, line.strip()


def _annotation_row(path: str | os.PathLike, row: int, line: str) -> AnnotationRow:
    fields = line.rsplit(":", 2)
    if len(fields) != 3:
        raise AnnotationError(path, row, f"expected name:[y...]:[x...], found '{line[:80]}'")
    name = fields[0].strip()
    _check_name(path, row, name)
    columns = [_coordinates(path, row, axis, field) for axis, field in zip("yx", fields[1:])]
    for joint, y, x in zip(JOINTS, *columns):
        if (y < 0) != (x < 0):
            raise AnnotationError(path, row, f"{joint} has one coordinate of two: y={y:g}, x={x:g}")
    return AnnotationRow(name, np.stack(columns, axis=-1).astype(np.float32), row)


def _coordinates(path: str | os.PathLike, row: int, axis: str, field: str) -> list[float]:
    try:
        values = json.loads(field)
    except (ValueError, RecursionError) as error:
        raise AnnotationError(
            path, row, f"keypoints_{axis} is not a JSON list: '{field.strip()[:80]}'"
        ) from error
    if not isinstance(values, list) or len(values) != NUM_JOINTS:
        found = f"{len(values)} entries" if isinstance(values, list) else f"'{field.strip()[:80]}'"
        raise AnnotationError(
            path, row, f"keypoints_{axis} needs a list of {NUM_JOINTS} numbers, found {found}"
        )
    for joint, value in zip(JOINTS, values):
        number = type(value) in (int, float) and abs(value) < 1e6 and math.isfinite(value)
        if not number or (value < 0 and value != MISSING):
            raise AnnotationError(
                path,
                row,
                f"keypoints_{axis} of {joint} needs a pixel coordinate or {MISSING}, "
                f"found {repr(value)[:80]}",
            )
    return values


def _check_name(path: str | os.PathLike, row: int, name: str) -> None:
    # Names become paths of images read and results written: they must stay inside their folder.
    if not PurePosixPath(name).name or PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        raise AnnotationError(path, row, f"expected an image's file name, found '{name[:80]}'")
