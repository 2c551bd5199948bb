"""Inception score, mask-IS and FID: numbers of all images together, over the Inception network's outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from spt_tf.evaluation import masks
from spt_tf.evaluation.frechet import feature_statistics, frechet_distance
from spt_tf.evaluation.inception_score import inception_score
from spt_tf.evaluation.metrics.metric import Columns, Metric, Output
from spt_tf.evaluation.metrics.option import Option

if TYPE_CHECKING:
    from spt_tf.evaluation.candidate import Candidate

INCEPTION_SPLITS = 10


class Inception(Metric):
    """Of generated images, and of generated images under the target pose's mask, as Deformable GAN."""

    name = "inception"
    title = "inception score, mask-IS, fid"
    options = (
        Option(
            "inception_graph",
            "classify_image_graph_def.pb of 2015-12-05: adds IS, mask-IS, FID.",
            is_file=True,
        ),
    )
    numbers = ("is_mean", "is_std", "mask_is_mean", "mask_is_std", "fid")
    of_the_whole_set = True

    def reason_left_out(self) -> str | None:
        return None if self.option("inception_graph") else "no --inception_graph was given"

    def describe(self) -> dict[str, str]:
        meaning = "10 splits, mean and population standard deviation; fid: pool_3, sample covariance"
        return {"is, mask_is": meaning}

    def open(self, candidate: Candidate) -> None:
        from spt_tf.evaluation.inception_graph import InceptionGraph

        self._graph = InceptionGraph(self.file("inception_graph"))
        count = len(candidate.pairs)
        if count < INCEPTION_SPLITS:
            raise ValueError(
                f"the Inception score wants at least {INCEPTION_SPLITS} pairs, there are {count}"
            )

    def measure_truth(self, batch: Mapping[str, np.ndarray]) -> Columns:
        return {"features": self._graph(batch["target_image"]).features}

    def measure(self, batch: Mapping[str, np.ndarray], output: Output) -> Columns:
        _, height, width, _ = output.image.shape
        drawn = masks.polygon_masks(batch["target_keypoints"], (height, width))[..., None]
        outputs, masked = self._graph(output.image), self._graph(output.image * drawn)
        return {
            "features": outputs.features,
            "probabilities": outputs.probabilities,
            "masked_probabilities": masked.probabilities,
        }

    def summarize(self, columns: Columns, truth: Columns) -> dict[str, float]:
        mean, spread = inception_score(columns["probabilities"], INCEPTION_SPLITS)
        mask_mean, mask_spread = inception_score(columns["masked_probabilities"], INCEPTION_SPLITS)
        ours, real = feature_statistics(columns["features"]), feature_statistics(truth["features"])
        return {
            "is_mean": mean,
            "is_std": spread,
            "mask_is_mean": mask_mean,
            "mask_is_std": mask_spread,
            "fid": frechet_distance(*ours, *real),
        }
