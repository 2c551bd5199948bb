"""Mean intersection over union of the predicted parsing S~_pt with the true target's."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spt_tf.evaluation import pixels
from spt_tf.evaluation.metrics.metric import Columns, Metric, Output


class ParsingMiou(Metric):
    """Over all pixels together, as parsing papers report it, and the mean of the pairs' own."""

    name = "parsing_miou"
    needs_label_maps = True

    def describe(self) -> dict[str, str]:
        pooled = "0..1, predicted against true target parsing, all pixels together, labels that occur"
        return {"parsing_miou": pooled, "parsing_miou_per_pair": "0..1, mean of the pairs' own"}

    def measure(self, batch: Mapping[str, np.ndarray], output: Output) -> Columns:
        if output.parsing is None:
            return {}
        counts = pixels.confusion(batch["target_parsing"], output.parsing)
        overlap, union = pixels.overlap_and_union(counts)
        return {"parsing_miou": pixels.mean_iou(counts), "overlap": overlap, "union": union}

    def summarize(self, columns: Columns, truth: Columns) -> dict[str, float]:
        return {
            "parsing_miou": pixels.pooled_iou(columns["overlap"], columns["union"]),
            "parsing_miou_per_pair": float(np.mean(columns["parsing_miou"])),
        }
