"""Trains the network that finds a person's parsing and joints."""

from __future__ import annotations

import tensorflow as tf

from spt_tf.geometry.heatmaps import keypoint_heatmaps
from spt_tf.geometry.joints import joints_present
from spt_tf.layers.dropout import DropoutSeed
from spt_tf.losses.perception import (
    dice_loss,
    joint_cross_entropy,
    parsing_cross_entropy,
    presence_cross_entropy,
)
from spt_tf.models import conditioning
from spt_tf.models.stage_losses import LossTerm, StageLosses
from spt_tf.models.stage_model import StageModel
from spt_tf.networks.person_finder import Findings

NETWORK = "person_finder"  # the name it is saved under


class PerceptionModel(StageModel):
    """Learns images -> parsings and joints.

    finder: `networks.person_finder`. canvas: (height, width). sigma: pixels, of the joints' distributions.
    joint_weight, presence_weight: of these terms beside the two of parsing.
    """

    def __init__(
        self,
        finder: tf.keras.Model,
        canvas: tuple[int, int],
        sigma: float,
        joint_weight: float,
        presence_weight: float,
        seed: int = 0,
    ):
        super().__init__(seed)
        self.finder, self.canvas, self.sigma = finder, canvas, sigma
        self.joint_weight, self.presence_weight = joint_weight, presence_weight

    def networks(self) -> dict[str, tf.keras.Model]:
        return {NETWORK: self.finder}

    def variable_groups(self) -> dict[str, list[tf.Variable]]:
        return {NETWORK: self.finder.trainable_variables}

    def compute_stage_losses(
        self, batch: dict[str, tf.Tensor], dropout_seed: DropoutSeed | None
    ) -> StageLosses:
        """batch: source_image, source_parsing and source_keypoints of `data.pipeline.training_batches`."""
        # a seed means training: batch statistics then are those of the batch
        found = Findings(
            *self.finder(
                conditioning.image_to_float(batch["source_image"]), training=dropout_seed is not None
            )
        )
        labels, keypoints = batch["source_parsing"], batch["source_keypoints"]
        heatmaps = keypoint_heatmaps(keypoints, self.canvas, self.sigma)
        terms = [
            LossTerm("parsing", 1.0, parsing_cross_entropy(labels, found.parsing)),
            LossTerm("dice", 1.0, dice_loss(labels, found.parsing)),
            LossTerm("joints", self.joint_weight, joint_cross_entropy(heatmaps, found.joints)),
            LossTerm(
                "presence",
                self.presence_weight,
                presence_cross_entropy(joints_present(keypoints), found.presence),
            ),
        ]
        return StageLosses({NETWORK: terms})
