"""A box of a photo brought to the canvas: pictures averaged, label maps by majority, joints by arithmetic."""

from __future__ import annotations

import cv2
import numpy as np

from spt_tf.anatomy import MISSING, NUM_LABELS
from spt_tf.perception.prepare.box import Box


def image_on_canvas(image: np.ndarray, box: Box, canvas: tuple[int, int]) -> np.ndarray:
    """uint8 RGB `[H,W,3]` to uint8 of `canvas`; beyond the photo lies the median colour of its border."""
    border = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    cut = _cut(image, box, np.median(border, axis=0).astype(np.uint8))
    smaller = box.height >= canvas[0]
    return cv2.resize(cut, canvas[::-1], interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)


def labels_on_canvas(labels: np.ndarray, box: Box, canvas: tuple[int, int]) -> np.ndarray:
    """Labels uint8 `[H,W]` to `canvas`; beyond the photo lies background.

    A pixel takes the label that covers most of it, where the map shrinks; the nearest one, where it grows.
    """
    cut = _cut(labels, box, np.uint8(0))
    if box.height <= canvas[0]:
        return cv2.resize(cut, canvas[::-1], interpolation=cv2.INTER_NEAREST_EXACT)
    covered = np.zeros((NUM_LABELS, *canvas), np.float32)
    for label in np.unique(cut):
        of_label = (cut == label).astype(np.float32)
        covered[label] = cv2.resize(of_label, canvas[::-1], interpolation=cv2.INTER_AREA)
    return covered.argmax(axis=0).astype(np.uint8)


def keypoints_on_canvas(keypoints: np.ndarray, box: Box, canvas: tuple[int, int]) -> tuple[np.ndarray, int]:
    """`[18, 2]` keypoints, (y, x), -1 missing, on the canvas, float32; and how many now lie outside it.

    Those become missing. Places are between the middles of pixels, as `cv2.resize` moves pictures.
    """
    there = (keypoints >= 0).all(axis=1)
    factor = np.array(canvas) / (box.height, box.width)
    moved = np.round((keypoints - (box.top, box.left) + 0.5) * factor - 0.5, 2)
    inside = there & (moved >= -0.5).all(axis=1) & (moved < canvas).all(axis=1)
    on_canvas = np.where(inside[:, None], np.maximum(moved, 0), MISSING).astype(np.float32)
    return on_canvas, int((there & ~inside).sum())


def _cut(picture: np.ndarray, box: Box, fill: np.ndarray | np.uint8) -> np.ndarray:
    height, width = picture.shape[:2]
    cut = np.empty((box.height, box.width, *picture.shape[2:]), np.uint8)
    cut[:] = fill
    top, left = max(box.top, 0), max(box.left, 0)
    bottom, right = min(box.top + box.height, height), min(box.left + box.width, width)
    cut[top - box.top : bottom - box.top, left - box.left : right - box.left] = picture[
        top:bottom, left:right
    ]
    return cut
