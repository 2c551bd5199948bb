"""Stage 3: appearance generation, forward and back, with H_S frozen (Section 3.2)."""

from __future__ import annotations

import tensorflow as tf

from spt_tf.layers.dropout import DropoutSeed
from spt_tf.models import conditioning
from spt_tf.models.appearance_critic import AppearanceCritic
from spt_tf.models.cycle import move_and_map_back, seed_of_call
from spt_tf.models.person_generator import PersonGenerator
from spt_tf.models.self_pair import self_pair_losses
from spt_tf.models.stage_losses import StageLosses, together
from spt_tf.models.stage_model import StageModel, trainable_variables


class AppearanceModel(StageModel):
    """Trains H_A against D_A and D_F. P, Lambda and H_S (if the run has one) are frozen."""

    def __init__(self, person: PersonGenerator, critic: AppearanceCritic, seed: int = 0):
        super().__init__(seed)
        self.person, self.critic = person, critic

    def networks(self) -> dict[str, tf.keras.Model]:
        return {
            **self.person.networks(),
            "pose_detector": self.critic.pose_detector,
            **self.critic.discriminators(),
        }

    def variable_groups(self) -> dict[str, list[tf.Variable]]:
        return {
            "generator": self.person.appearance_variables(),
            "discriminator": trainable_variables(self.critic.discriminators()),
        }

    def compute_stage_losses(
        self, batch: dict[str, tf.Tensor], dropout_seed: DropoutSeed | None
    ) -> StageLosses:
        source = self.person.as_input(conditioning.source_person(batch))
        cycle = move_and_map_back(
            self.person, source, batch["target_keypoints"], dropout_seed, parsing_is_frozen=True
        )
        self_pair = self_pair_losses(self.person, source, self.critic.options, seed_of_call(dropout_seed, 4))
        return together(self.critic.losses(source, cycle), self_pair)
