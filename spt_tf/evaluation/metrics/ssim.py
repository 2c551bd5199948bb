"""SSIM by the protocol of a paper's script (`protocols`)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spt_tf.evaluation import protocols
from spt_tf.evaluation.metrics.metric import Columns, Metric, Output


class Ssim(Metric):
    """Structural similarity with the true target image."""

    name = "ssim"

    def describe(self) -> dict[str, str]:
        return {"ssim": "-1..1, mean over pairs"}

    def measure(self, batch: Mapping[str, np.ndarray], output: Output) -> Columns:
        return {"ssim": protocols.ssim(batch["target_image"], output.image, self.plan.protocol)}
