"""Poses between two poses: bones turn and stretch, so that limbs keep their lengths on the way."""

from __future__ import annotations

import numpy as np

from spt_tf.anatomy import MISSING
from spt_tf.applications.pose_sequence import bones


def poses_between(first: np.ndarray, last: np.ndarray, frames: int) -> np.ndarray:
    """Poses from one to another, both included: float64 `[frames,18,2]`.

    Each bone's angle goes the shorter way round and its length changes evenly. A joint that one of the two
    lacks is carried by its parent through the half that is nearer to the other. Without a neck in both,
    joints go straight.

    first, last: `[18,2]`, (y, x) in pixels, -1 where missing. Raises ValueError for fewer than 2 frames.
    """
    if frames < 2:
        raise ValueError(f"expected at least 2 frames, got {frames}")
    first, last = np.asarray(first, np.float64), np.asarray(last, np.float64)
    shares = np.linspace(0, 1, frames)
    ends = bones.seen(first), bones.seen(last)
    if not (ends[0] & ends[1])[bones.ROOT]:
        return np.stack([_straight(first, last, ends, share) for share in shares])
    return np.stack([_turned(first, last, ends, share) for share in shares])


def _turned(
    first: np.ndarray, last: np.ndarray, ends: tuple[np.ndarray, np.ndarray], share: float
) -> np.ndarray:
    both = ends[0] & ends[1]
    nearer, own = (first, ends[0]) if share < 0.5 else (last, ends[1])

    def bone(parent: int, joint: int) -> np.ndarray:
        if not (both[parent] and both[joint]):
            return nearer[joint] - nearer[parent]
        return _between(first[joint] - first[parent], last[joint] - last[parent], share)

    root = first[bones.ROOT] + share * (last[bones.ROOT] - first[bones.ROOT])
    return bones.built(root, both | own, bone)


def _between(first: np.ndarray, last: np.ndarray, share: float) -> np.ndarray:
    angles = np.arctan2(first[0], first[1]), np.arctan2(last[0], last[1])
    turn = (angles[1] - angles[0] + np.pi) % (2 * np.pi) - np.pi
    length = np.hypot(*first) + share * (np.hypot(*last) - np.hypot(*first))
    angle = angles[0] + share * turn
    return length * np.array([np.sin(angle), np.cos(angle)])


def _straight(
    first: np.ndarray, last: np.ndarray, ends: tuple[np.ndarray, np.ndarray], share: float
) -> np.ndarray:
    both = (ends[0] & ends[1])[:, np.newaxis]
    nearer = first if share < 0.5 else last
    pose = np.where(both, first + share * (last - first), nearer)
    return np.where((pose < 0).any(axis=-1, keepdims=True), MISSING, pose)
