"""What to prepare and how, and what came of it."""

from __future__ import annotations

import dataclasses
import re
from typing import NamedTuple

import numpy as np

from spt_tf.anatomy import TORSO_JOINTS
from spt_tf.perception.pose_files.choose_person import PoseRules
from spt_tf.perception.pose_files.read_poses import ImportedPoses, LeftOutPose
from spt_tf.perception.prepare.box import Box


@dataclasses.dataclass(frozen=True)
class PrepareSettings:
    """What to prepare, and how.

    images_dir, poses, parsing_dir: photos, pose files (or an annotation CSV), label maps; maps may be left
        out. output_dir, split: the data directory and which part of it, "train" or "test".
    canvas: (height, width). fit: "crop" (the person, with `margin` around them) or "letterbox" (all of it).
    palette, lower, colours: the maps' label set (see `ParserMaps`).
    everybody: prepare the other people of a photo, too, and not the chosen one alone.
    pairs: also list every person with every other as pairs. rules: of the poses.
    """

    images_dir: str
    poses: str
    output_dir: str
    parsing_dir: str | None = None
    split: str = "train"
    canvas: tuple[int, int] = (128, 64)
    fit: str = "crop"
    margin: float = 0.05
    palette: str = "ours"
    lower: str | None = None
    colours: str | None = None
    everybody: bool = False
    pairs: bool = False
    rules: PoseRules = dataclasses.field(default_factory=PoseRules)


class PreparedPerson(NamedTuple):
    """One person on the canvas: name in the data directory, the photo's name, and the box cut out of it."""

    name: str
    photo: str
    box: Box
    keypoints: np.ndarray
    joints_outside: int


class Prepared(NamedTuple):
    """What came of it; warning: what looks wrong in all of the label maps, or None."""

    people: list[PreparedPerson]
    left_out: list[LeftOutPose]
    poses: ImportedPoses
    warning: str | None

    def summary(self) -> str:
        """Readable lines."""
        outside = [person.joints_outside for person in self.people if person.joints_outside]
        torso = sum((person.keypoints[list(TORSO_JOINTS)] >= 0).all() for person in self.people)
        lines = [f"{len(self.people):,} people prepared, {len(self.left_out):,} photos left out"]
        lines.append(f"  {torso:,} with all four joints of the torso, which training needs")
        if outside:
            lines.append(
                f"  {sum(outside):,} joints of {len(outside):,} people lie outside the canvas: missing"
            )
        return "\n".join([self.poses.summary(), *lines])


class OnCanvas(NamedTuple):
    """A person's picture, uint8 `[H,W,3]`, and label map, uint8 `[H,W]` or None, on the canvas."""

    image: np.ndarray
    labels: np.ndarray | None
    person: PreparedPerson


def canvas_of(text: str) -> tuple[int, int]:
    """(height, width) of "HxW". Raises ValueError."""
    match = re.fullmatch(r"([1-9]\d{0,4})x([1-9]\d{0,4})", text)
    if match is None:
        raise ValueError(f"expected HxW, for example 128x64, got '{text}'")
    return int(match[1]), int(match[2])
