"""PCKh as PATN computes it: the share of joints found within half a head of where they should be."""

from __future__ import annotations

import numpy as np

from spt_tf import anatomy

_HEAD_BOX = (anatomy.JOINT["neck"], *anatomy.HEAD_JOINTS)


def joints_found(target: np.ndarray, predicted: np.ndarray, alpha: float = 0.5) -> np.ndarray:
    """Counts each person's found joints.

    A joint is found when it lies nearer than `alpha` times the head box's width in x and its height in y.
    The box is that of neck, nose, eyes and ears; people with fewer than two of these are passed over.

    Args:
        target: `[N,18,2]`, (y, x), -1 where missing.
        predicted: likewise, of the generated images.

    Returns:
        int64 `[N,2]`: found joints, and joints that the target has; both 0 for people passed over.
    """
    target, predicted = np.asarray(target, np.float64), np.asarray(predicted, np.float64)
    if target.shape != predicted.shape or target.shape[1:] != (anatomy.NUM_JOINTS, 2):
        raise ValueError(f"pckh wants two [N,18,2] arrays, got {target.shape} and {predicted.shape}")
    wanted, there = (target >= 0).all(axis=-1), (predicted >= 0).all(axis=-1)
    counted = wanted[:, _HEAD_BOX].sum(axis=1) >= 2
    counts = np.zeros((len(target), 2), np.int64)
    head = np.where(wanted[:, _HEAD_BOX, None], target[:, _HEAD_BOX], np.nan)[counted]
    size = np.nanmax(head, axis=1) - np.nanmin(head, axis=1)  # [n, 2]
    near = (abs(target - predicted)[counted] < alpha * size[:, None]).all(axis=-1)
    counts[counted, 0] = (near & wanted[counted] & there[counted]).sum(axis=1)
    counts[counted, 1] = wanted[counted].sum(axis=1)
    return counts


def pckh(target: np.ndarray, predicted: np.ndarray, alpha: float = 0.5) -> tuple[int, int]:
    """The sums of `joints_found`: found and wanted joints, whose ratio is PCKh."""
    found, wanted = joints_found(target, predicted, alpha).sum(axis=0)
    return int(found), int(wanted)


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
