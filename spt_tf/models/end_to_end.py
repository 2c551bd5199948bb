"""Stage 4: everything jointly; the appearance loss reaches H_S through S~_pt (Section 3.3)."""

from __future__ import annotations

import tensorflow as tf

from spt_tf.layers.dropout import DropoutSeed
from spt_tf.models import conditioning
from spt_tf.models.appearance_critic import AppearanceCritic
from spt_tf.models.cycle import move_and_map_back, seed_of_call
from spt_tf.models.known_parsings import mirror_losses, return_losses
from spt_tf.models.person_generator import PersonGenerator
from spt_tf.models.self_pair import self_pair_losses
from spt_tf.models.semantic import SemanticCritic
from spt_tf.models.stage_losses import StageLosses, together
from spt_tf.models.stage_model import StageModel, trainable_variables


class EndToEndModel(StageModel):
    """Trains H_S and H_A on L_S + L_A, and D_S, D_A, D_F, with p_t the pose of the pseudo-label.

    The terms of `known_parsings` are ours (weight 0 in the paper).
    """

    def __init__(
        self,
        person: PersonGenerator,
        semantic_critic: SemanticCritic,
        appearance_critic: AppearanceCritic,
        seed: int = 0,
    ):
        super().__init__(seed)
        self.person = person
        self.semantic_critic, self.appearance_critic = semantic_critic, appearance_critic

    def _discriminators(self) -> dict[str, tf.keras.Model]:
        return {
            "parsing_discriminator": self.semantic_critic.discriminator,
            **self.appearance_critic.discriminators(),
        }

    def networks(self) -> dict[str, tf.keras.Model]:
        return {
            **self.person.networks(),
            "pose_detector": self.appearance_critic.pose_detector,
            **self._discriminators(),
        }

    def variable_groups(self) -> dict[str, list[tf.Variable]]:
        return {
            "generator": [*self.person.semantic_variables(), *self.person.appearance_variables()],
            "discriminator": trainable_variables(self._discriminators()),
        }

    def compute_stage_losses(
        self, batch: dict[str, tf.Tensor], dropout_seed: DropoutSeed | None
    ) -> StageLosses:
        source = conditioning.source_person(batch)
        cycle = move_and_map_back(self.person, source, batch["target_keypoints"], dropout_seed)
        pseudo_label = conditioning.labels_to_parsing(batch["target_parsing"])
        forward, target_map, moved_map = self.person.at_semantic_size(
            cycle.forward, pseudo_label, cycle.moved.parsing
        )
        semantic = self.semantic_critic.losses(target_map, moved_map, forward.target)
        if "is_candidate" in batch:  # of a stranger's pose no pseudo-label is known
            semantic = semantic.of_examples(tf.cast(batch["is_candidate"], tf.float32))
        options = self.appearance_critic.options
        return together(
            semantic,
            return_losses(
                self.person,
                source.parsing,
                cycle.mapped_back.parsing,
                cycle.backward,
                options.lambda_return,
            ),
            mirror_losses(
                self.person,
                source.parsing,
                source.keypoints,
                options.lambda_mirror,
                seed_of_call(dropout_seed, 5),
            ),
            self.appearance_critic.losses(source, cycle),
            self_pair_losses(self.person, source, options, seed_of_call(dropout_seed, 4)),
        )
