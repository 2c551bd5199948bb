"""Whether the parts of a generated person can be told apart: the image as an image parser sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from spt_tf.evaluation import pixels
from spt_tf.evaluation.metrics.metric import Columns, Metric, Output
from spt_tf.evaluation.metrics.option import Option

if TYPE_CHECKING:
    from spt_tf.evaluation.candidate import Candidate


class ImageParsingMiou(Metric):
    """Mean intersection over union of the parsing that a finder finds with the true target's.

    The finder has learned apart from any run, and judges all methods alike, those without a semantic
    generator too. Its own mIoU on true images (scripts/evaluate_perception.py) is the ceiling.
    """

    name = "image_parsing_miou"
    options = (
        Option(
            "image_parser",
            "A finder that parses images, learned apart from any run: run directory of "
            "scripts/train_perception.py, or image_parser/ in the --output_dir of scripts/ablate.py. Adds "
            "image_parsing_miou.",
            is_directory=True,
        ),
    )
    needs_label_maps = True

    def reason_left_out(self) -> str | None:
        return None if self.option("image_parser") else "no --image_parser was given"

    def describe(self) -> dict[str, str]:
        meaning = "0..1, the generated image as an image parser sees it against the true parsing"
        return {"image_parsing_miou": meaning}

    def open(self, candidate: Candidate) -> None:
        from spt_tf.perception.finder import load_finder

        run_dir, canvas = self.file("image_parser"), candidate.index.canvas
        self._finder = load_finder(run_dir)
        if self._finder.canvas != tuple(canvas):
            raise ValueError(
                f"--image_parser={run_dir}: parses images of {list(self._finder.canvas)}, these are "
                f"{list(canvas)}"
            )

    def identity(self) -> dict[str, object]:
        given = super().identity()
        if self.option("image_parser"):
            from spt_tf.perception.finder import weights_digest

            given["image_parser"] = weights_digest(self.file("image_parser"))
        return given

    def measure(self, batch: Mapping[str, np.ndarray], output: Output) -> Columns:
        counts = pixels.confusion(batch["target_parsing"], self._finder.find(output.image).parsing.numpy())
        overlap, union = pixels.overlap_and_union(counts)
        return {"overlap": overlap, "union": union}

    def summarize(self, columns: Columns, truth: Columns) -> dict[str, float]:
        return {"image_parsing_miou": pixels.pooled_iou(columns["overlap"], columns["union"])}
