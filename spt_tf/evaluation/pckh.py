"""PCKh as PATN computes it: the share of joints found within half a head of where they should be."""

from __future__ import annotations

import numpy as np

from spt_tf import anatomy

_HEAD_BOX = (anatomy.JOINT["neck"], *anatomy.HEAD_JOINTS)


def pckh(target: np.ndarray, predicted: np.ndarray, alpha: float = 0.5) -> tuple[int, int]:
    """Counts found joints.

    A joint is found when it lies nearer than `alpha` times the head box's width in x and its height in y.
    The box is that of neck, nose, eyes and ears; people with fewer than two of these are passed over.

    Args:
        target: `[N,18,2]`, (y, x), -1 where missing.
        predicted: likewise, of the generated images.

    Returns:
        found joints and joints that the targets have: PCKh is their ratio.
    """
    target, predicted = np.asarray(target, np.float64), np.asarray(predicted, np.float64)
    if target.shape != predicted.shape or target.shape[1:] != (anatomy.NUM_JOINTS, 2):
        raise ValueError(f"pckh wants two [N,18,2] arrays, got {target.shape} and {predicted.shape}")
    wanted, there = (target >= 0).all(axis=-1), (predicted >= 0).all(axis=-1)
    head = np.where(wanted[:, _HEAD_BOX, None], target[:, _HEAD_BOX], np.nan)
    counted = wanted[:, _HEAD_BOX].sum(axis=1) >= 2
    head, wanted = head[counted], wanted[counted]
    size = np.nanmax(head, axis=1) - np.nanmin(head, axis=1)  # [n, 2]
    near = (abs(target - predicted)[counted] < alpha * size[:, None]).all(axis=-1)
    return int((near & wanted & there[counted]).sum()), int(wanted.sum())


def keypoints_of_heatmaps(heatmaps: np.ndarray, threshold: float = 0.1) -> np.ndarray:
    """The place of each heatmap's maximum, missing where that is not above `threshold` (PATN's map_to_cord).

    `[N,H,W,18]` -> float32 `[N,18,2]`, (y, x), -1 where missing.
    """
    heatmaps = np.asarray(heatmaps)
    count, _, width, joints = heatmaps.shape
    flat = heatmaps.reshape(count, -1, joints)
    place = flat.argmax(axis=1)
    keypoints = np.stack([place // width, place % width], axis=-1).astype(np.float32)
    return np.where((flat.max(axis=1) > threshold)[..., None], keypoints, anatomy.MISSING).astype(np.float32)
