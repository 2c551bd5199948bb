"""LPIPS written out pixel by pixel from the paper's equation 1, channels first, in float64; slow.

The layer lists are spelled as torchvision prints them, apart from the code under test.
"""

from __future__ import annotations

import zlib

import numpy as np

# (number in `features`, filters, kernel, stride, padding), "R" for a tapped ReLU, or a max pooling's side
ALEX = [(0, 64, 11, 4, 2), "R", 3, (3, 192, 5, 1, 2), "R", 3, (6, 384, 3, 1, 1), "R"]
ALEX += [(8, 256, 3, 1, 1), "R", (10, 256, 3, 1, 1), "R"]
VGG = [(0, 64, 3, 1, 1), (2, 64, 3, 1, 1), "R", 2, (5, 128, 3, 1, 1), (7, 128, 3, 1, 1), "R", 2]
VGG += [(10, 256, 3, 1, 1), (12, 256, 3, 1, 1), (14, 256, 3, 1, 1), "R", 2]
VGG += [(17, 512, 3, 1, 1), (19, 512, 3, 1, 1), (21, 512, 3, 1, 1), "R", 2]
VGG += [(24, 512, 3, 1, 1), (26, 512, 3, 1, 1), (28, 512, 3, 1, 1), "R"]


def formula_tensors(layers: list) -> dict[str, np.ndarray]:
    """A state dict drawn by the tensors' names; linear weights are positive, as the published ones."""
    tensors, channels, taps = {}, 3, 0
    for layer in layers:
        if isinstance(layer, tuple):
            number, filters, size = layer[:3]
            tensors[f"features.{number}.weight"] = _draw(f"w{number}", (filters, channels, size, size)) * (
                np.float32(np.sqrt(2 / (channels * size * size)))
            )
            tensors[f"features.{number}.bias"] = _draw(f"b{number}", (filters,)) * np.float32(0.1)
            channels = filters
        elif layer == "R":
            tensors[f"lin{taps}.model.1.weight"] = np.abs(_draw(f"l{taps}", (1, channels, 1, 1)))
            taps += 1
    return tensors


def reference_lpips(a: np.ndarray, b: np.ndarray, tensors: dict[str, np.ndarray], layers: list) -> float:
    """Of two uint8 `[H,W,3]` images."""
    total = 0.0
    for tap, (x, y) in enumerate(zip(_taps(a, tensors, layers), _taps(b, tensors, layers))):
        weights = tensors[f"lin{tap}.model.1.weight"].ravel().astype(np.float64)
        for row in range(x.shape[1]):
            for column in range(x.shape[2]):
                p, q = x[:, row, column], y[:, row, column]
                p, q = p / (np.sqrt((p * p).sum()) + 1e-10), q / (np.sqrt((q * q).sum()) + 1e-10)
                total += (weights * (p - q) ** 2).sum() / (x.shape[1] * x.shape[2])
    return total


def _taps(image: np.ndarray, tensors: dict[str, np.ndarray], layers: list) -> list[np.ndarray]:
    maps = image.astype(np.float64).transpose(2, 0, 1) / 255 * 2 - 1
    shift, scale = np.array([-0.030, -0.088, -0.188]), np.array([0.458, 0.448, 0.450])
    maps = (maps - shift[:, None, None]) / scale[:, None, None]
    taps = []
    for layer in layers:
        if layer == "R":
            taps.append(maps)
        elif isinstance(layer, tuple):
            number, _, size, stride, padding = layer
            kernel = tensors[f"features.{number}.weight"].astype(np.float64)
            padded = np.pad(maps, ((0, 0), (padding, padding), (padding, padding)))
            found = _slide(padded, size, stride, lambda patch, k=kernel: np.tensordot(k, patch, 3))
            maps = np.maximum(found + tensors[f"features.{number}.bias"][:, None, None], 0)
        else:
            maps = _slide(maps, layer, 2, lambda patch: patch.max(axis=(1, 2)))
    return taps


def _slide(maps: np.ndarray, size: int, stride: int, compute) -> np.ndarray:
    rows = range(0, maps.shape[1] - size + 1, stride)
    columns = range(0, maps.shape[2] - size + 1, stride)
    return np.stack(
        [np.stack([compute(maps[:, r : r + size, c : c + size]) for c in columns], axis=-1) for r in rows],
        axis=1,
    )


def _draw(name: str, shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(zlib.crc32(name.encode())).standard_normal(shape, np.float32)
