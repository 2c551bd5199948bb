"""Pose masks exactly as the literature's scoring scripts draw them, for many people at once.

Published mask-SSIM values were made with scikit-image 0.13's half-open polygon fill; today's fills edges
differently, and the geometry room's TF mask is the network's input, not a scoring protocol. Each shape is
reduced to one span of columns a row, and all spans of all people are painted in one pass.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from spt_tf import anatomy

# Limbs of PG2 and of produce_ma_mask in Deformable GAN and PATN, (joint, joint), incl. the torso's diagonals.
MASK_LIMBS = np.array((*anatomy.LIMBS, *anatomy.BODY_OUTLINE))
CHUNK = 64
RADIUS = 4  # pixels, whatever the image size


def polygon_masks(keypoints: np.ndarray, canvas: tuple[int, int]) -> np.ndarray:
    """`produce_ma_mask` of Deformable GAN, PATN and GFLA: limbs as bars, joints as discs, closed by 5x5.

    Args:
        keypoints: `[N,18,2]`, (y, x) in pixels, a negative coordinate where a joint is missing.
        canvas: (height, width).

    Returns:
        bool `[N,H,W]`.
    """
    return _in_chunks(_polygon_masks, keypoints, canvas)


def _polygon_masks(keypoints: np.ndarray, canvas: tuple[int, int]) -> np.ndarray:
    present = (keypoints >= 0).all(axis=-1)
    start, end = (keypoints[:, MASK_LIMBS[:, side]] for side in (0, 1))  # [N, 23, 2]
    along = start - end
    normal = np.stack([-along[..., 1], along[..., 0]], axis=-1)
    length = np.sqrt((along**2).sum(axis=-1))
    drawn = present[:, MASK_LIMBS].all(axis=-1) & (length > 0)  # theirs divides by 0 and draws nothing
    owner, limb = np.nonzero(drawn)
    offset = RADIUS * normal[owner, limb] / length[owner, limb, None]
    start, end = start[owner, limb], end[owner, limb]
    corners = np.stack([start + offset, start - offset, end - offset, end + offset], axis=1)
    spans = [_polygon_spans(owner, corners, canvas[0])]

    owner, joint = np.nonzero(present)
    centre = keypoints[owner, joint]  # [n, 2]
    rows = np.ceil(centre[:, :1]) + np.arange(-RADIUS, RADIUS + 1)
    reach = np.sqrt(np.maximum(RADIUS**2 - (rows - centre[:, :1]) ** 2, 0))
    # An open disc: columns strictly between the two ends.
    left, right = np.floor(centre[:, 1:] - reach) + 1, np.ceil(centre[:, 1:] + reach)
    spans.append(_table(owner, rows, left, right))
    return _close(_paint(np.concatenate(spans), len(keypoints), canvas))


def disc_masks(keypoints: np.ndarray, canvas: tuple[int, int]) -> np.ndarray:
    """`_getPoseMask` of PG2: closed discs of radius 4 along each limb, closed by 5x5.

    Args and return value as in `polygon_masks`; coordinates must be whole numbers, as theirs are.
    """
    return _in_chunks(_disc_masks, keypoints, canvas)


def _disc_masks(keypoints: np.ndarray, canvas: tuple[int, int]) -> np.ndarray:
    present = (keypoints >= 0).all(axis=-1)
    owner, limb = np.nonzero(present[:, MASK_LIMBS].all(axis=-1))
    start, end = (keypoints[owner, MASK_LIMBS[limb, side]].astype(np.int64) for side in (0, 1))
    pieces = (np.sqrt(((start - end) ** 2).sum(axis=-1)) / RADIUS).astype(np.int64)
    owners, centres = [owner, owner], [start, end]
    for step in range(1, max(pieces.max(initial=0), 1)):
        inner = step < pieces
        # Python 2 divided whole numbers downwards, and published masks were drawn by Python 2.
        centres.append(start[inner] + (end - start)[inner] * step // pieces[inner, None])
        owners.append(owner[inner])
    owner, centre = np.concatenate(owners), np.concatenate(centres)
    offsets = np.arange(-RADIUS, RADIUS + 1)
    reach = np.floor(np.sqrt(RADIUS**2 - offsets**2))
    spans = _table(owner, centre[:, :1] + offsets, centre[:, 1:] - reach, centre[:, 1:] + reach + 1)
    return _close(_paint(spans, len(keypoints), canvas))


def _in_chunks(
    draw: Callable[[np.ndarray, tuple[int, int]], np.ndarray], keypoints: np.ndarray, canvas: tuple[int, int]
) -> np.ndarray:
    """Draws `CHUNK` people at a time, so that the tables stay in the processor's cache."""
    keypoints = np.asarray(keypoints, np.float64)
    if keypoints.ndim != 3 or keypoints.shape[1:] != (18, 2):
        raise ValueError(f"masks want keypoints [N,18,2], got {list(keypoints.shape)}")
    masks = np.zeros((len(keypoints), *canvas), bool)
    for start in range(0, len(keypoints), CHUNK):
        masks[start : start + CHUNK] = draw(keypoints[start : start + CHUNK], canvas)
    return masks


def _polygon_spans(owner: np.ndarray, corners: np.ndarray, height: int) -> np.ndarray:
    """Spans of convex quadrilaterals `[n,4,2]` by the half-open crossing rule of scikit-image 0.13."""
    first = np.clip(np.floor(corners[..., 0].min(axis=1)), 0, height).astype(np.int64)
    stop = np.clip(np.ceil(corners[..., 0].max(axis=1)) + 1, first, height).astype(np.int64)
    # One line for each row that a shape may touch: m lines in all.
    counts = stop - first
    shape = np.repeat(np.arange(len(corners)), counts)  # [m]
    row = np.arange(len(shape)) + np.repeat(first - (np.cumsum(counts) - counts), counts)
    # Edge i joins corner i to the one before it, in the order of the original loop: rounding is the same.
    y_i, x_i = np.ascontiguousarray(corners[shape].transpose(2, 1, 0))  # [4, m]
    y_j, x_j = np.roll(y_i, 1, axis=0), np.roll(x_i, 1, axis=0)
    crossed = (y_i <= row) != (y_j <= row)
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = (x_j - x_i) * (row - y_i) / (y_j - y_i) + x_i
    left = np.ceil(np.where(crossed, crossing, np.inf).min(axis=0))  # [m]
    right = np.ceil(np.where(crossed, crossing, -np.inf).max(axis=0))
    used = np.isfinite(left)
    return np.stack([owner[shape], row, left, right], axis=1)[used]


def _table(owner: np.ndarray, rows: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Lists spans `[n, k]` of `owner` `[n]` as lines (owner, row, first column, end column)."""
    owner = np.broadcast_to(owner[:, None], rows.shape)
    left, right = np.broadcast_to(left, rows.shape), np.broadcast_to(right, rows.shape)
    return np.stack([owner, rows, left, right], axis=-1).reshape(-1, 4)


def _paint(spans: np.ndarray, count: int, canvas: tuple[int, int]) -> np.ndarray:
    """Paints spans, cut to the canvas: +1 where one begins, -1 where it ends, then a running sum."""
    height, width = canvas
    owner, row, left, right = spans.T.astype(np.int64)
    left, right = np.clip(left, 0, width), np.clip(right, 0, width)
    kept = (row >= 0) & (row < height) & (left < right)
    line = (owner[kept] * height + row[kept]) * (width + 1)
    size = count * height * (width + 1)
    steps = np.bincount(line + left[kept], minlength=size) - np.bincount(line + right[kept], minlength=size)
    steps = steps.astype(np.int16).reshape(count, height, width + 1)
    return np.cumsum(steps[..., :width], axis=-1, dtype=np.int16) > 0


def _close(masks: np.ndarray) -> np.ndarray:
    """Morphological closing by a 5x5 square; pixels beyond the border do not take part."""
    import cv2  # here, because --help of scripts/evaluate.py comes by this module

    square = np.ones((5, 5), np.uint8)
    return np.stack([cv2.morphologyEx(mask, cv2.MORPH_CLOSE, square) for mask in masks.view(np.uint8)])
