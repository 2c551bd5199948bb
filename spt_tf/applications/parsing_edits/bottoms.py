"""Trousers, shorts or a skirt, down to a chosen hem: legs and what covers them exchanged on a label map."""

from __future__ import annotations

import cv2
import numpy as np

from spt_tf.anatomy import LABEL
from spt_tf.applications.parsing_edits import zones

# Where each ends unless said otherwise: 0 at the hips, 1 at the knees, 2 at the ankles.
HEMS = {"trousers": 2.0, "shorts": 0.7, "skirt": 1.0}
# Half-widths at hip, knee and ankle, torso lengths.
_BARE, _TROUSERED = (0.15, 0.105, 0.07), (0.16, 0.135, 0.11)
_HIPS = 1.25  # trunk level down to which trousers cover everything, legs or not
_SKIRT_REACH, _SKIRT_FLARE = 0.15, 0.12  # beyond the legs at its hem, torso lengths


def with_bottom(
    parsing: np.ndarray, keypoints: np.ndarray, kind: str, hem: float | None = None
) -> np.ndarray:
    """A copy of a label map with another bottom.

    Args:
        parsing: `[H,W]`, labels 0..9. keypoints: `[18,2]`.
        kind: a key of HEMS.
        hem: where it ends, 0 at the hips, 1 at the knees, 2 at the ankles; None: as HEMS says.

    Raises CannotPlace where no leg shows hip and knee, or no shoulder is seen.
    """
    hem = HEMS[kind] if hem is None else hem
    legs = {side: zones.leg(keypoints, side, parsing.shape) for side in zones.SIDES}
    seen = {side: line for side, line in legs.items() if line is not None}
    if not seen:
        raise zones.CannotPlace(f"{kind}: no leg shows both hip and knee")
    trunk = zones.trunk(keypoints, parsing.shape)
    torso = zones.torso_length(parsing, keypoints)
    if len(seen) == 1 and (parsing == LABEL["pants"]).any():
        (shown,) = seen
        hidden = "left" if shown == "right" else "right"
        seen[hidden] = _behind(parsing, keypoints, shown, seen[shown], torso)
    bare = _undressed(parsing, seen, trunk, torso)
    if kind == "skirt":
        return _in_skirt(parsing, bare, keypoints, trunk, torso, hem)
    return _in_trousers(bare, seen, trunk, torso, hem)


def _behind(
    parsing: np.ndarray, keypoints: np.ndarray, side: str, line: zones.Line, torso: float
) -> zones.Line:
    """The leg whose joints the other one hides: what is in trousers beside it, by the other's heights."""
    joints = [_leg_point(keypoints, side, place) for place in (0, 1, 2)]
    heights = [point[0] for point in joints if point is not None]
    rows = np.interp(np.arange(parsing.shape[0]), heights, (0, 1, 2))
    beside = (parsing == LABEL["pants"]) & ~_within(line, _TROUSERED, torso)
    distance = np.where(beside, 0.0, np.inf)
    return zones.Line(np.broadcast_to(np.maximum(rows, 0.01)[:, np.newaxis], parsing.shape), distance)


def _undressed(
    parsing: np.ndarray, legs: dict[str, zones.Line], trunk: zones.Trunk, torso: float
) -> np.ndarray:
    """Pants and skirt taken off: legs where legs are, background beside them; the hips stay in pants."""
    clothes = np.isin(parsing, (LABEL["pants"], LABEL["skirt"]))
    below = clothes & (trunk.level > _HIPS)
    bare = parsing.copy()
    bare[clothes] = LABEL["pants"]
    bare[below] = LABEL["background"]
    for (side, line), nearest in zip(legs.items(), _nearest(legs)):
        bare[below & nearest & _within(line, _BARE, torso)] = LABEL[f"{side}_leg"]
    return bare


def _in_trousers(
    bare: np.ndarray, legs: dict[str, zones.Line], trunk: zones.Trunk, torso: float, hem: float
) -> np.ndarray:
    edited = bare.copy()
    skin = np.isin(bare, (LABEL["left_leg"], LABEL["right_leg"]))
    beside = bare == LABEL["background"]
    edited[skin & (trunk.level <= _HIPS)] = LABEL["pants"]
    for line, nearest in zip(legs.values(), _nearest(legs)):
        covered = nearest & (line.place <= hem)
        edited[covered & (skin | (beside & _within(line, _TROUSERED, torso)))] = LABEL["pants"]
    return edited


def _within(line: zones.Line, half_widths: tuple[float, float, float], torso: float) -> np.ndarray:
    """Pixels of a leg of these half-widths at hip, knee and ankle, torso lengths: bool `[H,W]`."""
    return (line.place > 0) & (line.distance <= torso * np.interp(line.place, (0, 1, 2), half_widths))


def _in_skirt(
    parsing: np.ndarray,
    bare: np.ndarray,
    keypoints: np.ndarray,
    trunk: zones.Trunk,
    torso: float,
    hem: float,
) -> np.ndarray:
    outline = np.zeros(parsing.shape, np.uint8)
    corners = _skirt_corners(parsing, keypoints, trunk, torso, hem)
    cv2.fillPoly(outline, [np.rint(corners[:, ::-1]).astype(np.int32)], 1)
    edited = bare.copy()
    edited[bare == LABEL["pants"]] = LABEL["skirt"]
    under = np.isin(bare, [LABEL[name] for name in ("background", "left_leg", "right_leg")])
    edited[under & (outline > 0)] = LABEL["skirt"]
    return edited


def _skirt_corners(
    parsing: np.ndarray, keypoints: np.ndarray, trunk: zones.Trunk, torso: float, hem: float
) -> np.ndarray:
    """(y, x) of a cone from the hips over both legs."""
    hips = np.mean([p for p in _leg_points(keypoints, 0.0)], axis=0)
    clothed = np.isin(parsing, [LABEL[name] for name in ("pants", "skirt", "upper_clothes")])
    at_hips = clothed & (np.abs(trunk.level - 1) < 0.1) & (np.abs(trunk.aside) < 0.5 * torso)
    usual = zones.TRUNK_HALF_WIDTH * torso
    half = float(
        np.clip(np.abs(trunk.aside[at_hips]).max() if at_hips.any() else 0, 0.8 * usual, 1.3 * usual)
    )
    ends = np.stack(_leg_points(keypoints, hem))
    reach = (_SKIRT_REACH + _SKIRT_FLARE * min(hem, 1.0)) * torso
    bottom = max(float(ends[:, 0].mean()), hips[0] + 0.4 * torso * hem)
    left, right = ends[:, 1].min() - reach, ends[:, 1].max() + reach
    left, right = min(left, hips[1] - 0.9 * half), max(right, hips[1] + 0.9 * half)
    return np.array(
        [(hips[0], hips[1] - half), (hips[0], hips[1] + half), (bottom, right), (bottom, left)], np.float64
    )


def _leg_points(keypoints: np.ndarray, place: float) -> list[np.ndarray]:
    """Each seen leg's point at a place: 0 hip, 1 knee, 2 ankle."""
    points = (_leg_point(keypoints, side, place) for side in zones.SIDES)
    return [point for point in points if point is not None]


def _leg_point(keypoints: np.ndarray, side: str, place: float) -> np.ndarray | None:
    hip, knee, ankle = (zones.joint(keypoints, f"{side}_{name}") for name in ("hip", "knee", "ankle"))
    if hip is None or knee is None:
        return None
    end = ankle if ankle is not None else knee + 0.95 * (knee - hip)
    return hip + (knee - hip) * place if place <= 1 else knee + (end - knee) * (place - 1)


def _nearest(legs: dict[str, zones.Line]) -> list[np.ndarray]:
    """For each leg, bool `[H,W]`: the pixels nearer to it than to the other."""
    lines = list(legs.values())
    nearest = np.argmin([line.distance for line in lines], axis=0)
    return [nearest == number for number in range(len(lines))]
