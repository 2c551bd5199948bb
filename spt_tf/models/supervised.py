"""The supervised comparator: H_A on true pairs, after Siarohin et al., "Deformable GANs".

Not the paper's method: it trains on the person's true image in the target pose, which the method never uses.
Theirs has no semantics. With them H_A sees S_ps and the frozen H_S's S~_pt, as in stage appearance, and may
have what is ours: the background kept, self-pairs.
"""

from __future__ import annotations

import tensorflow as tf

from spt_tf.config import LossConfig
from spt_tf.layers.dropout import DropoutSeed
from spt_tf.losses.adversarial import discriminator_loss, generator_loss
from spt_tf.losses.nearest_neighbour import nearest_neighbour_loss
from spt_tf.models import conditioning
from spt_tf.models.cycle import seed_of_call
from spt_tf.models.person_generator import PersonGenerator
from spt_tf.models.self_pair import self_pair_losses
from spt_tf.models.stage_losses import LossTerm, StageLosses, together
from spt_tf.models.stage_model import StageModel
from spt_tf.models.step_statistics import observed_logits
from spt_tf.networks.vgg import VggFeatures


class SupervisedModel(StageModel):
    """Trains H_A on {I_ps, p_s, I_pt, p_t}: L_adv(D; I_pt, I~_pt) + lambda_nn L_NN(I_pt, I~_pt).

    person: with semantics, S_ps too. discriminator: takes both images with both poses' heatmaps.
    features: frozen; relu1_2 is compared. options: lambda_nn, the form of L_adv, and self-pairs.
    """

    def __init__(
        self,
        person: PersonGenerator,
        discriminator: tf.keras.Model,
        features: VggFeatures,
        options: LossConfig,
        seed: int = 0,
    ):
        super().__init__(seed)
        self.person, self.discriminator = person, discriminator
        self.features, self.options = features, options

    def networks(self) -> dict[str, tf.keras.Model]:
        return {**self.person.networks(), "pair_discriminator": self.discriminator}

    def variable_groups(self) -> dict[str, list[tf.Variable]]:
        return {
            "generator": self.person.appearance_variables(),
            "discriminator": self.discriminator.trainable_variables,
        }

    def compute_stage_losses(
        self, batch: dict[str, tf.Tensor], dropout_seed: DropoutSeed | None
    ) -> StageLosses:
        """Losses of a batch with `target_image` (`data.pipeline.training_batches`)."""
        source = self.person.as_input(conditioning.source_person(batch))
        true = conditioning.image_to_float(batch["target_image"])
        pair = self.person.pose_pair(source.keypoints, batch["target_keypoints"])
        parsing = self.person.predict_parsing(source.parsing, pair)  # frozen: no dropout
        seed = seed_of_call(dropout_seed, 1)
        generated = self.person.paint(source.image, source.parsing, parsing, pair, seed)
        given = tf.concat([source.image, pair.source.heatmaps, pair.target.heatmaps], axis=-1)
        real, fake = (
            self.discriminator(tf.concat([given, image], axis=-1))  # [B, H, W, 42]
            for image in (true, generated)
        )
        near = nearest_neighbour_loss(self.features.relu1_2(generated), self.features.relu1_2(true))
        form = self.options.adversarial
        supervised = StageLosses(
            {
                "generator": [
                    LossTerm("nearest_neighbour", self.options.lambda_nn, near),
                    LossTerm("adversarial", 1.0, generator_loss(fake, form)),
                ],
                "discriminator": [LossTerm("discriminator", 1.0, discriminator_loss(real, fake, form))],
            },
            observed_logits("logit", [real], [fake]),
        )
        self_pair = self_pair_losses(self.person, source, self.options, seed_of_call(dropout_seed, 4))
        return together(supervised, self_pair)
