"""What a pose file says, in this project's order of joints, before anything is chosen or dropped."""

from __future__ import annotations

import enum
import os
from typing import NamedTuple

import numpy as np

from spt_tf.data.file_reading import UnreadableFile


class PoseFileError(UnreadableFile):
    """A file of poses, or a record in one, that is not what it should be; names file and record."""


class Unit(enum.Enum):
    """What coordinates are counted in; the values are those of --keypoint_scale."""

    PIXELS = "pixels"
    SHARES = "unit"  # 0 to 1 of the picture's width and height
    SIGNED = "signed"  # -1 to 1, likewise


class FoundPerson(NamedTuple):
    """One person in a picture, as a tool found them.

    points: float64 `[18, 2]`, (y, x), in the picture's Unit; NaN where the tool has no such joint.
    scores: float64 `[18]`, in the tool's own scale; 0 where it found no such joint.
    """

    points: np.ndarray
    scores: np.ndarray


class FoundPicture(NamedTuple):
    """The people that a tool found in one picture, in the file's order.

    name: the picture's file name, or what its file name begins with.
    unit: None where the format leaves it open.
    size: (height, width) that the file says the picture has, or None.
    over_last_pixel: shares are of size - 1, as OpenPose divides, and not of the size.
    """

    name: str
    people: tuple[FoundPerson, ...]
    unit: Unit | None
    size: tuple[int, int] | None = None
    over_last_pixel: bool = False


class PoseSource(NamedTuple):
    """Where a document was read.

    path: the file. image_names: a COCO file's picture names by image id, with (height, width) or None.
    """

    path: str | os.PathLike
    image_names: dict[int, tuple[str, tuple[int, int] | None]] | None = None

    @property
    def stem(self) -> str:
        """The file's name without `.json`."""
        return os.path.splitext(os.path.basename(os.fspath(self.path)))[0]

    def error(self, problem: str) -> PoseFileError:
        """A PoseFileError that names the file."""
        return PoseFileError(self.path, problem)
