"""The smallest of stage models."""

from __future__ import annotations

import tensorflow as tf

from spt_tf.models.stage_losses import LossTerm, StageLosses
from spt_tf.models.stage_model import StageModel


class Descent(StageModel):
    """Lowers the mean of x * weight; a batch is the x of each example."""

    def __init__(self):
        super().__init__(seed=0)
        self.network = tf.keras.Sequential([tf.keras.layers.Dense(1, use_bias=False)])

    def networks(self):
        return {"line": self.network}

    def variable_groups(self):
        return {"generator": self.network.trainable_variables}

    def compute_stage_losses(self, batch, dropout_seed):
        product = self.network(batch["source_keypoints"][:, 0, :1])[:, 0]
        return StageLosses(
            {"generator": [LossTerm("product", 1.0, product), LossTerm("zero", 0.0, 0.0 * product[:1])]}
        )
