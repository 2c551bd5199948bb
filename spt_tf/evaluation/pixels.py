"""Differences of images and overlaps of label maps, of many pairs at once."""

from __future__ import annotations

import numpy as np

from spt_tf import anatomy


def confusion(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Counts pixels by (true, predicted) label: integers `[N,H,W]` in 0..9 twice -> int64 `[N,10,10]`."""
    truth, predicted = np.asarray(truth), np.asarray(predicted)
    if truth.shape != predicted.shape or truth.ndim != 3:
        raise ValueError(f"confusion wants two [N,H,W] label maps, got {truth.shape} and {predicted.shape}")
    size, count = anatomy.NUM_LABELS, len(truth)
    if truth.size and max(truth.max(), predicted.max()) >= size:
        raise ValueError(f"labels go from 0 to {size - 1}")
    cell = (np.arange(count)[:, None, None] * size + truth) * size + predicted
    return np.bincount(cell.ravel(), minlength=count * size * size).reshape(count, size, size)


def overlap_and_union(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each label's intersection and union in pixels: `confusion` counts `[...,10,10]` -> `[...,10]` twice."""
    overlap = np.diagonal(counts, axis1=-2, axis2=-1)
    return overlap, counts.sum(axis=-1) + counts.sum(axis=-2) - overlap


def mean_iou(counts: np.ndarray) -> np.ndarray:
    """Mean intersection over union of `confusion` counts `[...,10,10]` -> float64 `[...]`.

    The mean runs over labels that occur in the truth or the prediction. Sum the counts over pairs first for
    the usual data-set mIoU; give them as they are for a value a pair.
    """
    overlap, union = overlap_and_union(counts)
    present = union > 0
    return (overlap / np.maximum(union, 1)).sum(axis=-1) / np.maximum(present.sum(axis=-1), 1)


def pooled_iou(overlap: np.ndarray, union: np.ndarray) -> float:
    """mIoU of all pairs' pixels together: counts `[N,10]` twice, the mean over labels that occur."""
    overlap, union = overlap.sum(axis=0), union.sum(axis=0)
    return float(np.mean(overlap[union > 0] / union[union > 0]))


def label_ious(overlap: np.ndarray, union: np.ndarray) -> list[float | None]:
    """IoU of each label, all pairs' pixels together: counts `[N,10]` twice; None where it never occurs."""
    overlap, union = overlap.sum(axis=0), union.sum(axis=0)
    return [float(shared / both) if both else None for shared, both in zip(overlap, union)]


def image_difference(target: np.ndarray, generated: np.ndarray) -> np.ndarray:
    """uint8 `[N,H,W,3]` twice -> int16, target minus generated; raises ValueError where shapes differ."""
    target, generated = np.asarray(target), np.asarray(generated)
    if target.shape != generated.shape or target.ndim != 4:
        raise ValueError(f"images differ in shape: {target.shape} and {generated.shape}")
    return target.astype(np.int16) - generated
