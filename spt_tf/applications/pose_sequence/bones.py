"""The skeleton as a tree of bones from the neck out: what poses are interpolated and fitted along."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from spt_tf.anatomy import JOINT, JOINTS, MISSING

ROOT = JOINT["neck"]
_PARENT_NAMES = {
    "nose": ("neck",),
    "right_eye": ("nose", "neck"),
    "left_eye": ("nose", "neck"),
    "right_ear": ("right_eye", "nose", "neck"),
    "left_ear": ("left_eye", "nose", "neck"),
    **{
        f"{side}_{joint}": parents
        for side in ("right", "left")
        for joint, parents in {
            "shoulder": ("neck",),
            "elbow": (f"{side}_shoulder", "neck"),
            "wrist": (f"{side}_elbow", f"{side}_shoulder", "neck"),
            "hip": ("neck",),
            "knee": (f"{side}_hip", "neck"),
            "ankle": (f"{side}_knee", f"{side}_hip", "neck"),
        }.items()
    },
}
# Joint -> those it hangs from, the nearest first: the next one where one is missing.
PARENTS = {JOINT[name]: tuple(JOINT[parent] for parent in names) for name, names in _PARENT_NAMES.items()}
# Joints in an order in which each comes after all it may hang from.
OUTWARD = tuple(sorted(PARENTS, key=lambda joint: (len(PARENTS[joint]), joint)))


def seen(pose: np.ndarray) -> np.ndarray:
    """bool `[18]` of a pose `[18,2]`."""
    return (pose >= 0).all(axis=-1)


def parent_of(joint: int, present: np.ndarray) -> int | None:
    """The nearest joint it hangs from that is present (bool `[18]`); None where there is none."""
    return next((parent for parent in PARENTS[joint] if present[parent]), None)


def built(root: np.ndarray, present: np.ndarray, bone: Callable[[int, int], np.ndarray]) -> np.ndarray:
    """A pose `[18,2]` put together from the neck out.

    Args:
        root: (y, x) of the neck.
        present: bool `[18]`, the joints it has; the neck is one of them.
        bone: (parent, joint) -> the vector between them.
    """
    pose = np.full((len(JOINTS), 2), MISSING, np.float64)
    pose[ROOT] = root
    for joint in OUTWARD:
        if present[joint]:
            parent = parent_of(joint, present)
            assert parent is not None  # the neck is everybody's last
            pose[joint] = pose[parent] + bone(parent, joint)
    return pose
