"""How far pixels lie from a person's bones: which limb a patch of skin is of, and which side it is on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from spt_tf.anatomy import JOINT

# The joints along each part; a part's bones join those that are there.
_CHAINS = {
    "face": ("nose", "neck"),
    "left_arm": ("left_shoulder", "left_elbow", "left_wrist"),
    "right_arm": ("right_shoulder", "right_elbow", "right_wrist"),
    "left_leg": ("left_hip", "left_knee", "left_ankle"),
    "right_leg": ("right_hip", "right_knee", "right_ankle"),
}
PARTS = tuple(_CHAINS)


def distances_to_bones(keypoints: np.ndarray, part: str, pixels: np.ndarray) -> np.ndarray:
    """Distances in pixels from positions to a part's bones, or to its one joint; it has at least one.

    Args:
        keypoints: `[18, 2]`, (y, x), -1 where a joint is missing.
        part: one of PARTS.
        pixels: `[n, 2]`, (y, x).

    Returns:
        float64 `[n]`.
    """
    joints = np.asarray(keypoints, np.float64)[[JOINT[name] for name in _CHAINS[part]]]
    joints = joints[(joints >= 0).all(axis=1)]
    pixels = np.asarray(pixels, np.float64)
    bones = list(zip(joints[:-1], joints[1:])) or [(joints[0], joints[0])]
    return np.min([_to_segment(pixels, start, end) for start, end in bones], axis=0)


def known_parts(keypoints: np.ndarray, parts: Sequence[str]) -> list[str]:
    """Those of the parts that have a joint."""
    there = (np.asarray(keypoints) >= 0).all(axis=1)
    return [part for part in parts if any(there[JOINT[name]] for name in _CHAINS[part])]


def nearest_part(keypoints: np.ndarray, parts: Sequence[str], pixels: np.ndarray) -> np.ndarray:
    """For each position `[n, 2]` the index into `parts` of the nearest one; each of them has a joint."""
    return np.stack([distances_to_bones(keypoints, part, pixels) for part in parts]).argmin(axis=0)


def _to_segment(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    along = end - start
    length = along @ along
    share = np.clip((points - start) @ along / length, 0, 1) if length > 0 else np.zeros(len(points))
    return np.linalg.norm(points - (start + share[:, None] * along), axis=1)
