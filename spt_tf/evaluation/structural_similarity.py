"""Structural similarity (Wang et al. 2004) of many pairs at once, in float64.

Peers call scikit-image once a pair, which filters five maps of each channel tap by tap. Here the separable
window, its mirrored border and the final crop are one banded matrix a side, applied by blocks as matrix
products to four maps: only the sum of the two second moments is ever needed. The values are the same.
"""

from __future__ import annotations

import concurrent.futures
import functools
import math
import os
from typing import NamedTuple

import numpy as np

# Rows of the band matrix multiplied at once: few enough to skip most of its zeros, and for OpenBLAS to find
# the product too small for threads of its own, which would fight those of `structural_similarity`.
BLOCK = 16


class Window(NamedTuple):
    """A separable SSIM window.

    weights: its odd number of taps, summing to 1.
    crop: pixels at each side of the similarity map that do not count.
    covariance_factor: 1 for the population covariance, n/(n-1) for the sample covariance of n pixels.
    """

    weights: tuple[float, ...]
    crop: int
    covariance_factor: float = 1.0


def gaussian_window(taps: int, crop: int = 5, sigma: float = 1.5) -> Window:
    """A Gaussian of an odd number of taps with population covariance."""
    weights = [math.exp(-0.5 * (tap / sigma) ** 2) for tap in range(-(taps // 2), taps // 2 + 1)]
    return Window(tuple(weight / sum(weights) for weight in weights), crop)


def uniform_window(size: int) -> Window:
    """A flat `size` x `size` window with sample covariance; only positions wholly inside the image count."""
    return Window((1.0 / size,) * size, size // 2, size**2 / (size**2 - 1.0))


def structural_similarity(
    target: np.ndarray, generated: np.ndarray, window: Window, data_range: float | None = None
) -> np.ndarray:
    """Mean SSIM of each pair over positions and channels.

    Args:
        target: uint8 `[N,H,W,C]`.
        generated: uint8 `[N,H,W,C]`.
        window: the weighting.
        data_range: L in the constants (0.01 L)^2 and (0.03 L)^2; None takes each generated image's own
            max - min, as the Deformable GAN lineage does.

    Returns:
        float64 `[N]`; NaN where both images are black and the range is the generated image's: 0 / 0.

    Raises:
        ValueError: for shapes or types that do not fit, or images smaller than the window.
    """
    target, generated = np.asarray(target), np.asarray(generated)
    if target.shape != generated.shape or target.ndim != 4:
        raise ValueError(
            f"SSIM wants two [N,H,W,C] arrays of one shape, got {target.shape} {generated.shape}"
        )
    if target.dtype != np.uint8 or generated.dtype != np.uint8:
        raise ValueError(f"SSIM wants uint8 images, got {target.dtype} and {generated.dtype}")
    height, width = target.shape[1:3]
    if min(height, width) < len(window.weights):
        raise ValueError(
            f"images of {height}x{width} are smaller than the SSIM window of {len(window.weights)}"
        )
    values = np.empty(len(target))

    def score(chunk: range) -> None:
        workspace = _Workspace((height, width, target.shape[3]), window)
        for index in chunk:
            values[index] = workspace.score(target[index], generated[index], data_range)

    workers = min(os.cpu_count() or 1, max(1, len(target) // 4))
    chunks = [range(start, len(target), workers) for start in range(workers)]
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        list(pool.map(score, chunks))
    return values


class _Workspace:
    """Buffers for one thread: allocating them anew for each pair costs as much as the arithmetic."""

    def __init__(self, shape: tuple[int, int, int], window: Window):
        height, width, channels = shape
        rows, columns = height - 2 * window.crop, width - 2 * window.crop
        self.factor = window.covariance_factor
        self.down = _band(window, height)
        self.across = _band(window, width)
        self.maps = np.empty((4, channels, height, width))  # target, generated, sum of squares, product
        self.half = np.empty((4, channels, rows, width))
        self.means = np.empty((4, channels, rows, columns))

    def score(self, target: np.ndarray, generated: np.ndarray, data_range: float | None) -> float:
        x, y, squares, product = self.maps
        x[...] = target.transpose(2, 0, 1)
        y[...] = generated.transpose(2, 0, 1)
        np.multiply(x, x, out=squares)
        np.multiply(y, y, out=product)
        squares += product
        np.multiply(x, y, out=product)
        if data_range is None:
            data_range = float(generated.max()) - float(generated.min())
        self._filter()
        return _mean_similarity(self.means, self.factor, data_range)

    def _filter(self) -> None:
        for start, stop, low, high, band in self.down:
            np.matmul(band, self.maps[..., low:high, :], out=self.half[..., start:stop, :])
        for start, stop, low, high, band in self.across:
            np.matmul(self.half[..., low:high], band.T, out=self.means[..., start:stop])


def _mean_similarity(means: np.ndarray, factor: float, data_range: float) -> float:
    """Equation 13 of Wang et al. from the four filtered maps, which it overwrites."""
    x, y, squares, product = means
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    xy = x * y
    x *= x
    y *= y
    x += y  # mean_x^2 + mean_y^2
    squares -= x
    squares *= factor
    squares += c2  # var_x + var_y + c2
    product -= xy
    product *= 2 * factor
    product += c2  # 2 cov + c2
    xy *= 2
    xy += c1
    x += c1
    product *= xy
    squares *= x
    with np.errstate(invalid="ignore"):
        product /= squares
    return float(product.mean())


@functools.lru_cache(maxsize=32)
def _band(window: Window, size: int) -> tuple[tuple[int, int, int, int, np.ndarray], ...]:
    """The matrix `[size - 2 crop, size]` that filters with mirrored borders and crops, in non-zero blocks.

    Each is (first row, end row, first column, end column, `[rows, columns]`).
    """
    radius = len(window.weights) // 2
    matrix = np.zeros((size - 2 * window.crop, size))
    for row in range(len(matrix)):
        for tap, weight in enumerate(window.weights):
            column = row + window.crop + tap - radius
            if column < 0:
                column = -1 - column
            elif column >= size:
                column = 2 * size - 1 - column
            matrix[row, column] += weight
    blocks = []
    for start in range(0, len(matrix), BLOCK):
        block = matrix[start : start + BLOCK]
        used = np.flatnonzero(block.any(axis=0))
        low, high = int(used[0]), int(used[-1]) + 1
        blocks.append((start, start + len(block), low, high, np.ascontiguousarray(block[:, low:high])))
    return tuple(blocks)
