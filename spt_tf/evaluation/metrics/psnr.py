"""Peak signal-to-noise ratio."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spt_tf.evaluation.metrics.metric import Columns, Metric, Output
from spt_tf.evaluation.pixels import image_difference


class Psnr(Metric):
    """Peak signal-to-noise ratio against the true target image; infinite where they are equal."""

    name = "psnr"

    def describe(self) -> dict[str, str]:
        return {"psnr": "decibels, peak 255, mean over pairs"}

    def measure(self, batch: Mapping[str, np.ndarray], output: Output) -> Columns:
        return {"psnr": psnr(batch["target_image"], output.image)}


def psnr(target: np.ndarray, generated: np.ndarray) -> np.ndarray:
    """In decibels, peak 255, infinite for equal images: uint8 `[N,H,W,3]` twice -> float64 `[N]`."""
    error = np.square(image_difference(target, generated), dtype=np.float64).mean(axis=(1, 2, 3))
    with np.errstate(divide="ignore"):
        return 10 * np.log10(255.0**2 / error)
