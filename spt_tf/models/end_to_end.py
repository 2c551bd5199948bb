"""Stage 4: everything jointly; the appearance loss reaches H_S through S~_pt (Section 3.3)."""

from __future__ import annotations

import tensorflow as tf

from spt_tf.layers.dropout import DropoutSeed
from spt_tf.losses.semantic import parsing_cross_entropy
from spt_tf.models import conditioning
from spt_tf.models.appearance import AppearanceCritic, round_trip, with_self_pair
from spt_tf.models.person_generator import PersonGenerator
from spt_tf.models.semantic import SemanticCritic
from spt_tf.models.stage_model import StageLosses, StageModel, trainable_variables


class EndToEndModel(StageModel):
    """Trains H_S and H_A on L_S + L_A, and D_S, D_A, D_F, with p_t the pose of the pseudo-label.

    lambda_return: weight of L_ce between S_ps and S~_ps (ours, 0 in the paper). S_pt* is another person's and
    holds errors of the search; of S~_ps the truth is known.
    """

    def __init__(
        self,
        person: PersonGenerator,
        semantic_critic: SemanticCritic,
        appearance_critic: AppearanceCritic,
        lambda_return: float = 0.0,
        seed: int = 0,
    ):
        super().__init__(seed)
        self.person = person
        self.semantic_critic, self.appearance_critic = semantic_critic, appearance_critic
        self.lambda_return = lambda_return

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
        trip = round_trip(self.person, source, batch["target_keypoints"], dropout_seed)
        pseudo_label = conditioning.labels_to_parsing(batch["target_parsing"])
        there, target_map, moved_map = self.person.at_semantic_size(
            trip.there, pseudo_label, trip.moved.parsing
        )
        back, source_map, returned_map = self.person.at_semantic_size(
            trip.back, source.parsing, trip.returned.parsing
        )
        semantic = self.semantic_critic.losses(target_map, moved_map, there.target)
        if "is_candidate" in batch:  # of a stranger's pose no pseudo-label is known
            semantic = semantic.of_examples(tf.cast(batch["is_candidate"], tf.float32))
        appearance = with_self_pair(
            self.appearance_critic.losses(source, trip),
            self.person,
            source,
            self.appearance_critic.weights,
            dropout_seed,
        )
        returned = parsing_cross_entropy(source_map, returned_map, back.target.mask)
        objectives = {
            name: semantic.objectives[name] + appearance.objectives[name] for name in semantic.objectives
        }
        objectives["generator"] += self.lambda_return * returned
        terms = {**semantic.terms, "return_cross_entropy": returned, **appearance.terms}
        return StageLosses(objectives, terms, {**semantic.observed, **appearance.observed})
