"""Whether clothes have the right colour, label by label, under the true target's parsing."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spt_tf.anatomy import STYLE_LABELS
from spt_tf.evaluation.metrics.metric import Columns, Metric, Output
from spt_tf.evaluation.metrics.texture import TEXTURE_OPTION


class ColourError(Metric):
    """How far the labels' mean colours are from the true image's; asked for together with `texture`."""

    name = "colour_error"
    options = (TEXTURE_OPTION,)
    needs_label_maps = True

    def reason_left_out(self) -> str | None:
        return None if self.option("texture") else "--texture was not asked for"

    def describe(self) -> dict[str, str]:
        return {"colour_error": "0..255, each label's mean colour, mean over labels and pairs; low is good"}

    def measure(self, batch: Mapping[str, np.ndarray], output: Output) -> Columns:
        return {"colour_error": colour_error(batch["target_image"], output.image, batch["target_parsing"])}


def colour_error(true: np.ndarray, generated: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """How far each label's mean colour is off: float64 `[B]` in 0..255.

    The mean absolute difference over red, green and blue, averaged over the labels of `STYLE_LABELS` that
    the truth has; NaN where it has none.
    """
    regions = labels[..., np.newaxis] == np.array(STYLE_LABELS)  # [B, H, W, 8]
    pixels = regions.sum(axis=(1, 2))
    difference = true.astype(np.float64) - generated
    sums = np.einsum("bhwc,bhwk->bkc", difference, regions)
    errors = np.abs(sums / np.maximum(pixels, 1)[..., np.newaxis]).mean(axis=-1)
    present = (pixels > 0).sum(axis=1)
    return np.where(present > 0, errors.sum(axis=1) / np.maximum(present, 1), np.nan)
