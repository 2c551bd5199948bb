"""L1, PSNR and parsing mIoU of many pairs at once."""

from __future__ import annotations

import numpy as np

from spt_tf import anatomy


def l1(target: np.ndarray, generated: np.ndarray) -> np.ndarray:
    """Mean absolute difference with images scaled to [-1, 1], as Deformable GAN and PATN report it.

    uint8 `[N,H,W,3]` twice -> float64 `[N]` in [0, 2].
    """
    return np.abs(_difference(target, generated)).mean(axis=(1, 2, 3)) * 2 / 255


def psnr(target: np.ndarray, generated: np.ndarray) -> np.ndarray:
    """Peak signal-to-noise ratio in decibels, peak 255; infinite for equal images.

    uint8 `[N,H,W,3]` twice -> float64 `[N]`.
    """
    error = np.square(_difference(target, generated), dtype=np.float64).mean(axis=(1, 2, 3))
    with np.errstate(divide="ignore"):
        return 10 * np.log10(255.0**2 / error)


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


def _difference(target: np.ndarray, generated: np.ndarray) -> np.ndarray:
    target, generated = np.asarray(target), np.asarray(generated)
    if target.shape != generated.shape or target.ndim != 4:
        raise ValueError(f"images differ in shape: {target.shape} and {generated.shape}")
    return target.astype(np.int16) - generated
