"""A driver's poses on another person's body: limb lengths and place of the person, angles of the driver.

Without it a driver of another build, or one filmed from another distance, changes who is seen.
"""

from __future__ import annotations

import numpy as np

from spt_tf.anatomy import JOINT
from spt_tf.applications.pose_sequence import bones

# Bones measured one by one, both sides together; others (shoulders, head) show the view, not the build.
_LIMBS = {
    "torso": ("neck", "hip"),
    "thigh": ("hip", "knee"),
    "calf": ("knee", "ankle"),
    "upper_arm": ("shoulder", "elbow"),
    "forearm": ("elbow", "wrist"),
}
_STEADY = ("torso", "thigh", "calf")  # seldom seen foreshortened
_NEAR_FULL_LENGTH = 90  # percentile of a driver's bone over the frames
_MOST = (
    1.25  # a limb's own factor over the body's, at most, and under it: one photo shows foreshortened limbs
)


class CannotFit(ValueError):
    """A driver or a person without the joints to measure; says which."""


def fit_to_person(poses: np.ndarray, person: np.ndarray) -> np.ndarray:
    """A driver's poses `[T,18,2]` on the body of a person of keypoints `[18,2]`: float64 `[T,18,2]`.

    The first frame's neck is put where the person's is; from there the neck moves as the driver's, by the
    ratio of their sizes. Joints may end outside the canvas.

    Raises CannotFit where the person or a frame lacks the neck, or the two share no limb.
    """
    poses, person = np.asarray(poses, np.float64), np.asarray(person, np.float64)
    if not bones.seen(person)[bones.ROOT]:
        raise CannotFit("the person's neck is not seen: poses cannot be put in its place")
    for number, pose in enumerate(poses, start=1):
        if not bones.seen(pose)[bones.ROOT]:
            raise CannotFit(f"frame {number}: the driver's neck is not seen")
    size, factors = _factors(poses, person)
    return np.stack([_fitted(pose, poses[0], person, size, factors) for pose in poses])


def _fitted(
    pose: np.ndarray,
    start: np.ndarray,
    person: np.ndarray,
    size: float,
    factors: dict[tuple[int, int], float],
) -> np.ndarray:
    root = person[bones.ROOT] + size * (pose[bones.ROOT] - start[bones.ROOT])
    return bones.built(
        root,
        bones.seen(pose),
        lambda parent, joint: factors.get((parent, joint), size) * (pose[joint] - pose[parent]),
    )


def _factors(poses: np.ndarray, person: np.ndarray) -> tuple[float, dict[tuple[int, int], float]]:
    """The person's size over the driver's, and each limb's own factor by (parent, joint)."""
    ratios = {}
    for limb in _LIMBS:
        lengths = _lengths(person[np.newaxis], limb), _lengths(poses, limb)
        if len(lengths[0]) and len(lengths[1]):
            full = np.percentile(lengths[1], _NEAR_FULL_LENGTH)
            ratios[limb] = float(lengths[0].max() / max(full, 1e-6))
    known = [ratios[limb] for limb in _STEADY if limb in ratios] or list(ratios.values())
    if not known:
        raise CannotFit("person and driver show no limb that both have: lengths cannot be compared")
    size = float(np.median(known))
    factors = {}
    for limb, ratio in ratios.items():
        for parent, joint in _joints(limb):
            factors[parent, joint] = float(np.clip(ratio, size / _MOST, size * _MOST))
    return size, factors


def _lengths(poses: np.ndarray, limb: str) -> np.ndarray:
    """A limb's lengths in all frames and on both sides where it is seen: `[N]`."""
    found = []
    for parent, joint in _joints(limb):
        present = (poses[:, [parent, joint]] >= 0).all(axis=(1, 2))
        found.append(np.linalg.norm(poses[present, joint] - poses[present, parent], axis=-1))
    return np.concatenate(found)


def _joints(limb: str) -> list[tuple[int, int]]:
    start, end = _LIMBS[limb]
    return [
        (JOINT[start] if start in JOINT else JOINT[f"{side}_{start}"], JOINT[f"{side}_{end}"])
        for side in ("right", "left")
    ]
