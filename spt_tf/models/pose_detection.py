"""Stage 1: the pose detector P, image to joint heatmaps (Section 3.2, "pose loss")."""

from typing import Optional

import tensorflow as tf

from spt_tf.geometry.heatmaps import keypoint_heatmaps
from spt_tf.losses.pose import pose_loss
from spt_tf.models import conditioning
from spt_tf.models.stage_model import StageLosses, StageModel


class PoseDetectionModel(StageModel):
    """Trains P by squared error on the heatmaps of real images.

    pose_detector: `networks.PoseDetector`. canvas: (height, width). sigma: pixels.
    """

    def __init__(self, pose_detector: tf.keras.Model, canvas: tuple[int, int], sigma: float, seed: int = 0):
        super().__init__(seed)
        self.pose_detector = pose_detector
        self.canvas, self.sigma = canvas, sigma

    def networks(self) -> dict[str, tf.keras.Model]:
        return {"pose_detector": self.pose_detector}

    def variable_groups(self) -> dict[str, list[tf.Variable]]:
        return {"pose_detector": self.pose_detector.trainable_variables}

    def compute_stage_losses(
        self, batch: dict[str, tf.Tensor], dropout_seed: Optional[tf.Tensor]
    ) -> StageLosses:
        heatmaps = keypoint_heatmaps(batch["source_keypoints"], self.canvas, self.sigma)
        predicted = self.pose_detector(conditioning.image_to_float(batch["source_image"]))
        loss = pose_loss(predicted, heatmaps)
        return StageLosses({"pose_detector": loss}, {"pose": loss})
