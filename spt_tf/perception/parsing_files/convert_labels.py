"""A parser's label map turned into ours.

Sides and skin that the labels do not tell are found from the keypoints, where they are given: pixel by pixel,
the nearest bone. Without them a glove or sock takes, as a whole connected patch, the side of the arm or leg
nearest to it; where the map shows neither (sleeves cover the arms), the person is taken to face the camera:
what lies left of the person's middle in the picture is the person's right.
"""

from __future__ import annotations

import cv2
import numpy as np

from spt_tf.anatomy import LABEL, MISSING, NUM_JOINTS
from spt_tf.perception.parsing_files.bones import PARTS, known_parts, nearest_part
from spt_tf.perception.parsing_files.label_sets import (
    ARM,
    LEG,
    LOWER,
    LOWER_CHOICES,
    SKIN,
    names_of,
    needs_keypoints,
)


def convert_labels(
    labels: np.ndarray, palette: str, keypoints: np.ndarray | None = None, lower: str | None = None
) -> np.ndarray:
    """Turns a parser's labels `[H, W]` into uint8 `[H, W]` of `anatomy.LABELS`.

    Args:
        palette: the name of their label set.
        keypoints: `[18, 2]`, (y, x) in the map's pixels, -1 where missing; some sets cannot do without.
        lower: for sets with one label for all that is worn below: "pants", "skirt", or "guess" (two pieces
            in the garment's lower half are pants, one is a skirt).

    Raises ValueError on an unknown or refused palette, a label outside it, and where it needs keypoints or
    `lower`.
    """
    names = names_of(palette)
    labels = np.asarray(labels)
    if labels.size and (labels.min() < 0 or labels.max() >= len(names)):
        raise ValueError(f"labels {labels.min()}..{labels.max()}, where {palette} has 0..{len(names) - 1}")
    if needs_keypoints(palette) and keypoints is None:
        raise ValueError(f"{palette} needs keypoints: its labels do not tell the sides of the limbs")
    if LOWER in names and lower not in LOWER_CHOICES:
        raise ValueError(f"{palette} does not tell pants from skirts: say --lower=pants, skirt or guess")
    joints = np.full((NUM_JOINTS, 2), MISSING) if keypoints is None else keypoints
    ours = np.array([LABEL.get(name, LABEL["background"]) for name in names], np.uint8)[labels]

    def where(entry: str) -> np.ndarray:
        return np.isin(labels, [label for label, name in enumerate(names) if name == entry])

    garment = where(LOWER)
    if garment.any():
        ours[garment] = LABEL[guess_lower(garment) if lower == "guess" else str(lower)]
    skin = where(SKIN)
    if skin.any():
        parts = known_parts(joints, PARTS)
        if not parts:
            raise ValueError("no joint is known that would tell which limb the skin is of")
        _label_by_bones(ours, skin, parts, joints)
    for limb in (ARM, LEG):
        unsided = where(limb)
        if not unsided.any():
            continue
        sides = known_parts(joints, (f"left_{limb}", f"right_{limb}"))
        # One known side does not tell the other one's pixels from its own: the map may tell better.
        if len(sides) == 2 or (sides and needs_keypoints(palette)):
            _label_by_bones(ours, unsided, sides, joints)
        else:
            _label_by_patches(ours, unsided, limb, labels > 0)
    return ours


def guess_lower(garment: np.ndarray) -> str:
    """Pants where a garment, bool `[H, W]`, is in two pieces in most rows of its lower half, else skirt."""
    rows = np.flatnonzero(garment.any(axis=1))
    below = garment[(rows[0] + rows[-1] + 1) // 2 : rows[-1] + 1]
    pieces = np.diff(below.astype(np.int8), axis=1, prepend=0).clip(min=0).sum(axis=1)
    return "pants" if 2 * (pieces >= 2).sum() >= len(below) else "skirt"


def _label_by_bones(ours: np.ndarray, mask: np.ndarray, parts: list[str], keypoints: np.ndarray) -> None:
    """Labels each pixel of `mask` in place by the nearest of `parts`."""
    nearest = nearest_part(keypoints, parts, np.argwhere(mask))
    ours[mask] = np.array([LABEL[part] for part in parts], np.uint8)[nearest]


def _label_by_patches(ours: np.ndarray, unsided: np.ndarray, limb: str, person: np.ndarray) -> None:
    """Labels each connected patch of `unsided` in place as the left or right limb."""
    left, right = LABEL[f"left_{limb}"], LABEL[f"right_{limb}"]
    to_left, to_right = _distance_to(ours == left), _distance_to(ours == right)
    limb_in_sight = np.isfinite(np.minimum(to_left, to_right)).any()
    middle = np.nonzero(person)[1].mean()
    count, patches = cv2.connectedComponents(unsided.astype(np.uint8))
    for patch in range(1, count):
        where = patches == patch
        if limb_in_sight:
            is_left = to_left[where].min() < to_right[where].min()
        else:
            is_left = np.nonzero(where)[1].mean() > middle
        ours[where] = left if is_left else right


def _distance_to(mask: np.ndarray) -> np.ndarray:
    """Euclidean distance of every pixel to the mask, infinite where the mask is empty."""
    if not mask.any():
        return np.full(mask.shape, np.inf)
    return cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
