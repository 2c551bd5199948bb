"""Where limbs and trunk lie on a label map, by the keypoints: what the edits of one map are placed by.

NumPy on single pictures: people edit one map at a time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spt_tf.anatomy import JOINT, LABEL

SIDES = ("right", "left")
# Half-widths in torso lengths (shoulders to hips), of a figure seven and a half heads tall.
ARM_HALF_WIDTH, TRUNK_HALF_WIDTH = 0.08, 0.31
_TORSO_PER_PERSON = 0.3  # of the person's height on the map


class CannotPlace(ValueError):
    """The joints that an edit is placed by are not there; says which."""


class Line(NamedTuple):
    """How pixels lie along a line through joints, both float `[H,W]`.

    place: 0 at the first joint, 1 at the second, 2 at the third; below 0 before, above beyond.
    distance: to the line, pixels.
    """

    place: np.ndarray
    distance: np.ndarray


class Trunk(NamedTuple):
    """How pixels lie on the trunk, both float `[H,W]`.

    level: 0 at the shoulders, 1 at the hips, along the line between their middles.
    aside: distance from that line, pixels, signed: positive to the right of the image in an upright person.
    length: between the middles, pixels.
    """

    level: np.ndarray
    aside: np.ndarray
    length: float


def joint(keypoints: np.ndarray, name: str) -> np.ndarray | None:
    """(y, x) of a joint, None where it is missing."""
    point = keypoints[JOINT[name]]
    return None if (point < 0).any() else np.asarray(point, np.float64)


def trunk(keypoints: np.ndarray, canvas: tuple[int, ...]) -> Trunk:
    """Raises CannotPlace without a shoulder (or the neck) or without a hip."""
    shoulders = _middle(keypoints, "right_shoulder", "left_shoulder", "neck")
    hips = _middle(keypoints, "right_hip", "left_hip")
    if shoulders is None or hips is None:
        raise CannotPlace("neither shoulders nor neck are seen" if shoulders is None else "no hip is seen")
    axis = hips - shoulders
    length = max(float(np.hypot(*axis)), 1.0)
    pixels = _pixels(canvas) - shoulders
    aside = (pixels[..., 1] * axis[0] - pixels[..., 0] * axis[1]) / length
    return Trunk((pixels @ axis) / length**2, aside, length)


def torso_length(parsing: np.ndarray, keypoints: np.ndarray) -> float:
    """Shoulders to hips in pixels; where they are not seen or seen from above, by the person's height."""
    rows = np.flatnonzero((parsing != LABEL["background"]).any(axis=1))
    least = _TORSO_PER_PERSON * (rows[-1] + 1 - rows[0]) if len(rows) else 1.0
    try:
        return max(trunk(keypoints, parsing.shape).length, 0.7 * least)
    except CannotPlace:
        return least


def arm(keypoints: np.ndarray, side: str, canvas: tuple[int, ...]) -> Line | None:
    """Shoulder (0), elbow (1), wrist (2); None where shoulder or elbow are missing, short without wrist."""
    return _limb(keypoints, [f"{side}_{name}" for name in ("shoulder", "elbow", "wrist")], canvas)


def leg(keypoints: np.ndarray, side: str, canvas: tuple[int, ...]) -> Line | None:
    """Hip (0), knee (1), ankle (2); None where hip or knee are missing.

    Without ankle the calf goes on as the thigh does: legs cut off by the picture's edge.
    """
    return _limb(keypoints, [f"{side}_{name}" for name in ("hip", "knee", "ankle")], canvas, straight_on=True)


def along(points: np.ndarray, canvas: tuple[int, ...]) -> Line:
    """How pixels lie along a line through points `[K,2]` (y, x)."""
    pixels = _pixels(canvas)
    place = np.zeros(canvas)
    distance = np.full(canvas, np.inf)
    last = len(points) - 2
    for number, (start, end) in enumerate(zip(points[:-1], points[1:])):
        axis = end - start
        share = ((pixels - start) @ axis) / max(float(axis @ axis), 1e-6)
        within = np.clip(share, 0, 1)
        away = np.linalg.norm(pixels - start - within[..., np.newaxis] * axis, axis=-1)
        # Before the first point and beyond the last the count goes on; at joints it does not.
        share = np.clip(share, -np.inf if number == 0 else 0, np.inf if number == last else 1)
        nearer = away < distance
        place[nearer], distance[nearer] = number + share[nearer], away[nearer]
    return Line(place, distance)


def half_width(mask: np.ndarray, line: Line, usual: float) -> float:
    """A limb's own half-width in pixels: how far the pixels of `mask` beside the line reach from it.

    usual: what it is where too few are seen; the result lies within 0.6 and 1.6 of it.
    """
    beside = mask & (line.distance < 2 * usual) & (line.place > 0)
    if beside.sum() < 6:
        return usual
    return float(np.clip(np.percentile(line.distance[beside], 90) + 0.25, 0.6 * usual, 1.6 * usual))


def _limb(
    keypoints: np.ndarray, names: list[str], canvas: tuple[int, ...], straight_on: bool = False
) -> Line | None:
    first, second, third = (joint(keypoints, name) for name in names)
    if first is None or second is None:
        return None
    points = [first, second]
    if third is None and straight_on:
        third = second + 0.95 * (second - first)
    if third is not None:
        points.append(third)
    return along(np.stack(points), canvas)


def _middle(keypoints: np.ndarray, *names: str) -> np.ndarray | None:
    """The middle of the first two joints, or what is seen of them and their stand-in."""
    seen = [point for point in (joint(keypoints, name) for name in names) if point is not None]
    return np.mean(seen[:2], axis=0) if seen else None


def _pixels(canvas: tuple[int, ...]) -> np.ndarray:
    return np.moveaxis(np.mgrid[: canvas[0], : canvas[1]], 0, -1).astype(np.float64)
