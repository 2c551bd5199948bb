"""L1 as Deformable GAN and PATN report it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spt_tf.evaluation.metrics.metric import Columns, Metric, Output
from spt_tf.evaluation.pixels import image_difference


class L1(Metric):
    """Mean absolute difference from the true target image."""

    name = "l1"

    def describe(self) -> dict[str, str]:
        return {"l1": "mean absolute difference, images in [-1, 1]"}

    def measure(self, batch: Mapping[str, np.ndarray], output: Output) -> Columns:
        return {"l1": l1(batch["target_image"], output.image)}


def l1(target: np.ndarray, generated: np.ndarray) -> np.ndarray:
    """Of images scaled to [-1, 1]: uint8 `[N,H,W,3]` twice -> float64 `[N]` in 0..2."""
    return np.abs(image_difference(target, generated)).mean(axis=(1, 2, 3)) * 2 / 255
