"""Stage 2: semantic parsing transformation on pseudo-label pairs (Section 3.1)."""

from __future__ import annotations

import tensorflow as tf

from spt_tf.config import LossConfig
from spt_tf.layers.dropout import DropoutSeed
from spt_tf.losses.adversarial import discriminator_loss, generator_loss
from spt_tf.losses.semantic import parsing_cross_entropy
from spt_tf.models import conditioning
from spt_tf.models.cycle import seed_of_call
from spt_tf.models.known_parsings import mirror_losses, return_losses
from spt_tf.models.person_generator import PersonGenerator, PosePair
from spt_tf.models.stage_losses import LossTerm, StageLosses, together
from spt_tf.models.stage_model import StageModel
from spt_tf.models.step_statistics import observed_logits
from spt_tf.people import Pose


class SemanticCritic(tf.Module):
    """D_S and the semantic losses L_S = L_adv_S + lambda_ce L_ce."""

    def __init__(self, discriminator: tf.keras.Model, options: LossConfig):
        super().__init__()
        self.discriminator, self.options = discriminator, options

    def losses(self, pseudo_label: tf.Tensor, predicted: tf.Tensor, target: Pose) -> StageLosses:
        """S_pt* and S~_pt `[B,H,W,10]` in the target pose to per-example losses."""
        both = tf.concat(
            [
                conditioning.parsing_with_pose(pseudo_label, target),
                conditioning.parsing_with_pose(conditioning.straight_through(predicted), target),
            ],
            axis=0,
        )
        real, fake = tf.split(self.discriminator(both), 2)
        cross_entropy = parsing_cross_entropy(pseudo_label, predicted, target.mask)
        return StageLosses(
            {
                "generator": [
                    LossTerm("cross_entropy", self.options.lambda_ce, cross_entropy),
                    LossTerm("adversarial_S", 1.0, generator_loss(fake, self.options.adversarial)),
                ],
                "discriminator": [
                    LossTerm("discriminator_S", 1.0, discriminator_loss(real, fake, self.options.adversarial))
                ],
            },
            observed_logits("logit_S", [real], [fake]),
        )


class SemanticModel(StageModel):
    """Trains H_S against D_S on {S_ps, p_s, S_pt*, p_t*}."""

    def __init__(self, person: PersonGenerator, critic: SemanticCritic, seed: int = 0):
        super().__init__(seed)
        self.person, self.critic = person, critic

    def networks(self) -> dict[str, tf.keras.Model]:
        return {
            "semantic_generator": self.person.semantic_generator,
            "parsing_discriminator": self.critic.discriminator,
        }

    def variable_groups(self) -> dict[str, list[tf.Variable]]:
        return {
            "generator": self.person.semantic_variables(),
            "discriminator": self.critic.discriminator.trainable_variables,
        }

    def compute_stage_losses(
        self, batch: dict[str, tf.Tensor], dropout_seed: DropoutSeed | None
    ) -> StageLosses:
        pair, backward = self._pose_pairs(batch["source_keypoints"], batch["target_keypoints"])
        source = conditioning.labels_to_parsing(batch["source_parsing"])
        predicted = self.person.predict_parsing(source, pair, dropout_seed)
        pseudo_label = conditioning.labels_to_parsing(batch["target_parsing"])
        return together(
            self.critic.losses(pseudo_label, predicted, pair.target),
            self._return_losses(source, predicted, backward, seed_of_call(dropout_seed, 2)),
            mirror_losses(
                self.person,
                source,
                batch["source_keypoints"],
                self.critic.options.lambda_mirror,
                seed_of_call(dropout_seed, 5),
            ),
        )

    def _pose_pairs(self, source: tf.Tensor, target: tf.Tensor) -> tuple[PosePair, PosePair | None]:
        """From source to target, and back where S~_pt is mapped back."""
        if self.critic.options.lambda_return:
            return self.person.there_and_back(source, target)
        return self.person.pose_pair(source, target), None

    def _return_losses(
        self,
        source: tf.Tensor,
        predicted: tf.Tensor,
        backward: PosePair | None,
        dropout_seed: DropoutSeed | None,
    ) -> StageLosses:
        """Of S~_pt mapped back; nothing, and no second pass, without a way back."""
        if backward is None:
            return StageLosses({})
        weight = self.critic.options.lambda_return
        returned = self.person.predict_parsing(predicted, backward, dropout_seed)
        return return_losses(self.person, source, returned, backward, weight)
