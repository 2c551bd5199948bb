"""SSIM under the target pose's mask, by the protocol of a paper's script (`protocols`)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spt_tf.evaluation import protocols
from spt_tf.evaluation.metrics.metric import Columns, Metric, Output


class MaskSsim(Metric):
    """Structural similarity of the person alone; NaN where the target has no joint: an empty mask."""

    name = "mask_ssim"

    def reason_left_out(self) -> str | None:
        if protocols.find_protocol(self.plan.protocol).draw_masks is None:
            return f"the scripts of protocol {self.plan.protocol} have none"
        return None

    def describe(self) -> dict[str, str]:
        return {"mask_ssim": "-1..1, mean over pairs"}

    def measure(self, batch: Mapping[str, np.ndarray], output: Output) -> Columns:
        target, keypoints = batch["target_image"], batch["target_keypoints"]
        return {"mask_ssim": protocols.mask_ssim(target, output.image, keypoints, self.plan.protocol)}
