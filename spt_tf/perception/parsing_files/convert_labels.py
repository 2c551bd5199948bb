"""A parser's label map turned into ours."""

from __future__ import annotations

import cv2
import numpy as np

from spt_tf.anatomy import LABEL
from spt_tf.perception.parsing_files.label_sets import PALETTES


def convert_labels(labels: np.ndarray, palette: str) -> np.ndarray:
    """Turns a parser's labels `[H, W]` into uint8 `[H, W]` of `anatomy.LABELS`.

    Raises ValueError on an unknown palette or a label outside it.
    """
    if palette not in PALETTES:
        raise ValueError(f"unknown palette '{palette}': expected one of {', '.join(sorted(PALETTES))}")
    names = PALETTES[palette]
    labels = np.asarray(labels)
    if labels.size and (labels.min() < 0 or labels.max() >= len(names)):
        raise ValueError(f"labels {labels.min()}..{labels.max()}, where {palette} has 0..{len(names) - 1}")
    ours = np.array([LABEL.get(name, LABEL["background"]) for name in names], np.uint8)[labels]
    person = labels > 0
    for limb in ("arm", "leg"):
        unsided = np.isin(labels, [label for label, name in enumerate(names) if name == limb])
        if unsided.any():
            _give_sides(ours, unsided, limb, person)
    return ours


def _give_sides(ours: np.ndarray, unsided: np.ndarray, limb: str, person: np.ndarray) -> None:
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
