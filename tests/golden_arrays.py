"""The arrays of `tests/golden/`, measured from the authors' program and from the metrics' own code."""

from __future__ import annotations

import pathlib

import numpy as np

from tests.shared_files import shared_golden

GOLDEN_ROOT = pathlib.Path(__file__).resolve().parent / "golden"


def golden(name: str) -> dict[str, np.ndarray]:
    """The arrays of `tests/golden/<name>`, an .npz file, by name."""
    with np.load(GOLDEN_ROOT / name) as arrays:
        return {key: arrays[key] for key in arrays.files}


def metric_golden(name: str) -> dict[str, np.ndarray]:
    """The same for `metrics/<name>`; `ssim` and `ssim_market` hold photographs and lie in `../shared`."""
    holds_photographs = name in ("ssim.npz", "ssim_market.npz")
    return (shared_golden if holds_photographs else golden)(f"metrics/{name}")


def unpacked(bits: np.ndarray) -> np.ndarray:
    """A `*_packed` array's booleans, bits along the last axis."""
    return np.unpackbits(bits, axis=-1).astype(bool)


def in_unit_range(image: np.ndarray) -> np.ndarray:
    """A uint8 image as networks take it: float32 in [-1,1]."""
    return image.astype(np.float32) / np.float32(127.5) - 1
