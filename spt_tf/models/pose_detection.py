"""Stage 1: the pose detector P, image to joint heatmaps (Section 3.2, "pose loss")."""

from __future__ import annotations

import tensorflow as tf

from spt_tf.geometry.half_size import half_image, half_keypoints
from spt_tf.geometry.heatmaps import keypoint_heatmaps
from spt_tf.layers.dropout import DropoutSeed
from spt_tf.losses.pose import pose_loss
from spt_tf.models import conditioning
from spt_tf.models.stage_losses import LossTerm, StageLosses
from spt_tf.models.stage_model import StageModel


class PoseDetectionModel(StageModel):
    """Trains P by squared error on the heatmaps of real images.

    pose_detector: `networks.PoseDetector`. sigma: pixels. both_sizes: learn from images of half the size too,
    since one P judges both steps of the ladder to a local enhancer.
    """

    def __init__(
        self,
        pose_detector: tf.keras.Model,
        sigma: float,
        both_sizes: bool = False,
        seed: int = 0,
    ):
        super().__init__(seed)
        self.pose_detector = pose_detector
        self.sigma, self.both_sizes = sigma, both_sizes

    def networks(self) -> dict[str, tf.keras.Model]:
        return {"pose_detector": self.pose_detector}

    def variable_groups(self) -> dict[str, list[tf.Variable]]:
        return {"pose_detector": self.pose_detector.trainable_variables}

    def compute_stage_losses(
        self, batch: dict[str, tf.Tensor], dropout_seed: DropoutSeed | None
    ) -> StageLosses:
        image, keypoints = conditioning.image_to_float(batch["source_image"]), batch["source_keypoints"]
        loss = self._loss(image, keypoints)
        if self.both_sizes:
            loss = (loss + self._loss(half_image(image), half_keypoints(keypoints))) / 2.0
        return StageLosses({"pose_detector": [LossTerm("pose", 1.0, loss)]})

    def _loss(self, image: tf.Tensor, keypoints: tf.Tensor) -> tf.Tensor:
        canvas = tuple(image.shape[1:3])
        return pose_loss(self.pose_detector(image), keypoint_heatmaps(keypoints, canvas, self.sigma))
