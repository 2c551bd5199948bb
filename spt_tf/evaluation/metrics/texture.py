"""Whether clothes have the right texture, label by label (`texture_distance`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from spt_tf.evaluation.metrics.metric import Columns, Metric, Output
from spt_tf.evaluation.metrics.option import Option

if TYPE_CHECKING:
    from spt_tf.evaluation.candidate import Candidate

TEXTURE_OPTION = Option(
    "texture", "Add texture and colour_error, each label against the true image's.", default=False
)


class Texture(Metric):
    """Distance of Gram matrices from the true image's, under the true parsing."""

    name = "texture"
    options = (TEXTURE_OPTION,)
    needs_label_maps = True

    def reason_left_out(self) -> str | None:
        return None if self.option("texture") else "--texture was not asked for"

    def describe(self) -> dict[str, str]:
        meaning = "0 and up, distance of Gram matrices under the true parsing, random filters; low is good"
        return {"texture": meaning}

    def open(self, candidate: Candidate) -> None:
        from spt_tf.evaluation.texture_distance import TextureDistance

        self._distance = TextureDistance()

    def measure(self, batch: Mapping[str, np.ndarray], output: Output) -> Columns:
        distance = self._distance(batch["target_image"], output.image, batch["target_parsing"])
        return {"texture": distance.astype(np.float64)}
