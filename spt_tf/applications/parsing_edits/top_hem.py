"""A top's hem, higher or lower: top and bottom of a label map exchanged along the trunk."""

from __future__ import annotations

import numpy as np

from spt_tf.anatomy import LABEL
from spt_tf.applications.parsing_edits import zones


def with_top_hem(parsing: np.ndarray, keypoints: np.ndarray, level: float) -> np.ndarray:
    """A copy of a label map whose top ends elsewhere; its sleeves stay.

    Args:
        parsing: `[H,W]`, labels 0..9. keypoints: `[18,2]`.
        level: where it ends: 0 at the shoulders, 1 at the hips.

    Raises CannotPlace where trunk joints are missing, or nothing is worn below that could come up.
    """
    top, bottoms = LABEL["upper_clothes"], (LABEL["pants"], LABEL["skirt"])
    trunk = zones.trunk(keypoints, parsing.shape)
    worn = [int((parsing == label).sum()) for label in bottoms]
    edited = parsing.copy()
    above = trunk.level <= level
    below_the_top = np.isin(parsing, (*bottoms, LABEL["left_leg"], LABEL["right_leg"]))
    edited[below_the_top & above] = top
    shown = (parsing == top) & ~above & ~_on_an_arm(parsing, keypoints)
    if shown.any():
        if not max(worn):
            raise zones.CannotPlace("top_hem: nothing is worn below the top, so nothing can come up")
        edited[shown] = bottoms[int(np.argmax(worn))]
    return edited


def _on_an_arm(parsing: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Where a sleeve may be, in front of the trunk or beside it."""
    usual = zones.ARM_HALF_WIDTH * zones.torso_length(parsing, keypoints)
    near = np.zeros(parsing.shape, bool)
    for side in zones.SIDES:
        line = zones.arm(keypoints, side, parsing.shape)
        if line is not None:
            near |= line.distance <= 1.2 * usual
    return near
