"""A doll's pose on the canvas: projected points with their depth, and where the body looks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spt_tf.anatomy import NUM_JOINTS

# Points beyond the 18 joints that a figure is drawn from.
HEAD, RIGHT_HAND, LEFT_HAND, RIGHT_TOE, LEFT_TOE = range(NUM_JOINTS, NUM_JOINTS + 5)
NUM_POINTS = NUM_JOINTS + 5
VIEWS = ("front", "back", "side")


class DollPose(NamedTuple):
    """Where a doll stands.

    points: float32 `[23,2]`, (y, x) canvas pixels of the 18 joints, head centre, hand tips and toes.
    depth: float32 `[23]`, towards the camera, body heights; 0 at the middle of the hips.
    yaw, head_yaw: radians; 0 faces the camera, pi/2 faces the right edge of the image, pi shows the back.
    scale: canvas pixels per body height.
    annotated: bool `[18]`, False where the pose's source says that the joint is missing.
    observed: whether the source saw the annotated joints in a photo: then the drawing hides none of them.
    """

    points: np.ndarray
    depth: np.ndarray
    yaw: float
    head_yaw: float
    scale: float
    annotated: np.ndarray
    observed: bool = False

    @property
    def view(self) -> str:
        """ "front", "back" or "side", by the angle of the shoulders."""
        return view_of(self.yaw)


def view_of(yaw: float) -> str:
    """Names the view of a yaw in radians: side within 35 degrees of a profile."""
    facing = np.cos(yaw)
    if abs(facing) < np.sin(np.radians(35.0)):
        return "side"
    return "front" if facing > 0 else "back"
