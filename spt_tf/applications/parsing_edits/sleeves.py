"""Sleeves longer, shorter or off: arms and top of a label map exchanged along shoulder, elbow and wrist."""

from __future__ import annotations

import numpy as np

from spt_tf.anatomy import LABEL
from spt_tf.applications.parsing_edits import zones

# Where a sleeve ends: 0 at the shoulder, 1 at the elbow, 2 at the wrist.
SLEEVES = {"none": 0.0, "short": 0.7, "long": 2.0}
_FRINGE = 1.7  # a wide sleeve hangs off the arm by less than this, arm half-widths


def with_sleeves(parsing: np.ndarray, keypoints: np.ndarray, length: str) -> np.ndarray:
    """A copy of a label map with other sleeves; the hands stay.

    Args:
        parsing: `[H,W]`, labels 0..9. keypoints: `[18,2]`.
        length: a key of SLEEVES.

    Raises CannotPlace where no arm shows shoulder and elbow.
    """
    edited = parsing.copy()
    arms = {side: zones.arm(keypoints, side, parsing.shape) for side in zones.SIDES}
    seen = {side: line for side, line in arms.items() if line is not None}
    if not seen:
        raise zones.CannotPlace("sleeves: no arm shows both shoulder and elbow")
    torso = zones.torso_length(parsing, keypoints)
    for side, line in seen.items():
        _edit_arm(edited, parsing, keypoints, side, line, SLEEVES[length], torso)
    return edited


def _edit_arm(
    edited: np.ndarray,
    parsing: np.ndarray,
    keypoints: np.ndarray,
    side: str,
    line: zones.Line,
    end: float,
    torso: float,
) -> None:
    skin, cloth = LABEL[f"{side}_arm"], LABEL["upper_clothes"]
    bare, dressed = parsing == skin, parsing == cloth
    width = zones.half_width(bare, line, zones.ARM_HALF_WIDTH * torso)
    covered = line.place <= end
    edited[bare & covered] = cloth
    uncovered = dressed & ~covered
    edited[uncovered & (line.distance <= width)] = skin
    fringe = uncovered & (line.distance > width) & (line.distance <= _FRINGE * width)
    edited[fringe & _beside_trunk(keypoints, parsing.shape)] = LABEL["background"]


def _beside_trunk(keypoints: np.ndarray, canvas: tuple[int, ...]) -> np.ndarray:
    """Pixels that the trunk's clothes do not reach; none where nobody knows."""
    try:
        trunk = zones.trunk(keypoints, canvas)
    except zones.CannotPlace:
        return np.zeros(canvas, bool)
    return np.abs(trunk.aside) > 1.15 * zones.TRUNK_HALF_WIDTH * trunk.length
