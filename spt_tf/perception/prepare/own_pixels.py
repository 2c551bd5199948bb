"""The part of a label map that is of one person, where a photo shows several."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from spt_tf.anatomy import LABEL, LIMBS

_COARSE = 512  # pixels of the longer side at which distances are measured


def own_pixels(labels: np.ndarray, keypoints: np.ndarray, others: Sequence[np.ndarray]) -> np.ndarray:
    """The label map with background wherever somebody else's skeleton is nearer than this person's.

    Parsers label everybody in a photo alike; what is left of the others would be taken for parts of this one.

    Args:
        labels: uint8 `[H, W]`. keypoints: `[18, 2]`, (y, x), -1 missing. others: likewise, of the others.
    """
    if not others:
        return labels
    height, width = labels.shape
    scale = min(1.0, _COARSE / max(height, width))
    shape = max(1, round(height * scale)), max(1, round(width * scale))
    nearest_other = np.min([_distances(other, scale, shape) for other in others], axis=0)
    theirs = (nearest_other < _distances(keypoints, scale, shape)).astype(np.uint8)
    theirs = cv2.resize(theirs, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)
    return np.where(theirs > 0, np.uint8(LABEL["background"]), labels)


def _distances(keypoints: np.ndarray, scale: float, shape: tuple[int, int]) -> np.ndarray:
    """Distances of every pixel of a smaller map to a skeleton."""
    free = np.ones(shape, np.uint8)
    there = (keypoints >= 0).all(axis=1)
    corner = np.array(shape) - 1
    places = np.clip(np.rint((keypoints + 0.5) * scale - 0.5), 0, corner).astype(int)[:, ::-1].tolist()
    for joint in np.flatnonzero(there):
        free[places[joint][1], places[joint][0]] = 0
    for start, end in LIMBS:
        if there[start] and there[end]:
            cv2.line(free, places[start], places[end], 0)
    return cv2.distanceTransform(free, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
