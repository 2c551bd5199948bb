"""LPIPS v0.1 (Zhang et al. 2018), with the published weights from a local file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from spt_tf.evaluation.lpips_weights import read_lpips_weights
from spt_tf.evaluation.metrics.metric import Columns, Metric, Output
from spt_tf.evaluation.metrics.option import Option

if TYPE_CHECKING:
    from spt_tf.evaluation.candidate import Candidate
    from spt_tf.evaluation.lpips_network import LpipsNetwork


class Lpips(Metric):
    """Distance of deep features from those of the true target image; never with random weights."""

    name = "lpips"
    options = (Option("lpips_weights", "File of scripts/convert_lpips.py: adds LPIPS.", is_file=True),)

    _network: LpipsNetwork | None = None

    def reason_left_out(self) -> str | None:
        return None if self.option("lpips_weights") else "no --lpips_weights was given"

    def describe(self) -> dict[str, str]:
        if self._network is None:
            return {}
        backbone = self._network.backbone
        return {"lpips": f"0 and up, mean over pairs, version 0.1, {backbone} backbone, images in [-1, 1]"}

    def open(self, candidate: Candidate) -> None:
        from spt_tf.evaluation.lpips_network import LpipsNetwork

        self._network = LpipsNetwork(read_lpips_weights(self.file("lpips_weights")))

    def measure(self, batch: Mapping[str, np.ndarray], output: Output) -> Columns:
        assert self._network is not None
        return {"lpips": self._network(batch["target_image"], output.image)}
