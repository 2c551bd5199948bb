"""L_A: the discriminators D_A and D_F, the frozen P and Lambda, and the list of appearance losses."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from spt_tf.config import LossConfig
from spt_tf.geometry.face import face_crop
from spt_tf.losses.adversarial import discriminator_loss, generator_loss
from spt_tf.losses.perceptual import content_loss
from spt_tf.losses.pose import pose_loss
from spt_tf.losses.reduction import per_example_mean
from spt_tf.losses.style import style_loss
from spt_tf.losses.style_regions import Regions, label_regions, mask_regions, patch_regions
from spt_tf.models import conditioning
from spt_tf.models.cycle import Cycle
from spt_tf.models.stage_losses import LossTerm, StageLosses
from spt_tf.models.step_statistics import observed_logits
from spt_tf.networks.grown_discriminator import GrownDiscriminator
from spt_tf.people import Person, Pose


class Verdict(NamedTuple):
    """A discriminator's result for a batch: both sides' losses `[B]`, and its logits, each `[B,...]`."""

    generator: tf.Tensor
    discriminator: tf.Tensor
    real: list[tf.Tensor]
    generated: list[tf.Tensor]


class AppearanceCritic(tf.Module):
    """D_A, D_F, P and Lambda, and the appearance losses L_A.

    image_discriminator, face_discriminator: `networks.PatchDiscriminator`s D_A and D_F; under a local
    enhancer D_F is a `networks.GrownDiscriminator`.
    pose_detector: frozen P. features: frozen Lambda (`networks.VggFeatures`).
    face_size: side of D_F's crop, pixels. options: the terms' weights and forms.
    """

    def __init__(
        self,
        image_discriminator: tf.keras.Model,
        face_discriminator: tf.keras.Model,
        pose_detector: tf.keras.Model,
        features: tf.keras.Model,
        face_size: int,
        options: LossConfig,
    ):
        super().__init__()
        self.image_discriminator = image_discriminator
        self.face_discriminator = face_discriminator
        self.pose_detector = pose_detector
        self.features = features
        self.face_size, self.options = face_size, options

    def losses(self, source: Person, cycle: Cycle) -> StageLosses:
        """L_A = L_adv_A + L_face + lambda_pose L_pose + lambda_cont L_cont + lambda_sty L_sty.

        With a weight lambda_pixel, ours, the L1 distance of I~_ps from I_ps too.
        """
        options, moved, mapped_back = self.options, cycle.moved, cycle.mapped_back
        image = self._judge_images(source, moved, mapped_back)
        face, has_face = self._judge_faces(source, moved, mapped_back)
        source_features = self.features(source.image)
        moved_features, back_features = self._of_both(self.features, cycle)
        style = style_loss(
            source_features,
            moved_features,
            back_features,
            self._style_regions(source, cycle.forward.source),
            self._style_regions(moved, cycle.forward.target),
            options.match_style_areas,
        )
        generator = [
            LossTerm("adversarial_A", 1.0, image.generator),
            LossTerm("face", 1.0, face.generator),
            LossTerm("pose", options.lambda_pose, self._pose_losses(cycle)),
            LossTerm("content", options.lambda_cont, content_loss(back_features, source_features)),
            LossTerm("style", options.lambda_sty, style),
        ]
        if options.lambda_pixel:
            distance = per_example_mean(tf.abs(mapped_back.image - source.image))
            generator.append(LossTerm("pixel", options.lambda_pixel, distance))
        discriminator = [
            LossTerm("discriminator_A", 1.0, image.discriminator),
            LossTerm("discriminator_F", 1.0, face.discriminator),
        ]
        return StageLosses(
            {"generator": generator, "discriminator": discriminator},
            {
                **observed_logits("logit_A", image.real, image.generated),
                **observed_logits("logit_F", face.real, face.generated, weights=has_face),
            },
        )

    def discriminators(self) -> dict[str, tf.keras.Model]:
        """D_A and D_F by name, and what D_F has grown from."""
        named = {
            "image_discriminator": self.image_discriminator,
            "face_discriminator": self.face_discriminator,
        }
        if isinstance(self.face_discriminator, GrownDiscriminator):
            named["face_discriminator"] = self.face_discriminator.half_size
            named["grown_face_discriminator"] = self.face_discriminator
        return named

    def _judge(
        self,
        discriminator: tf.keras.Model,
        real: tf.Tensor,
        moved: tf.Tensor,
        mapped_back: tf.Tensor,
        real_beside_moved: tf.Tensor | None = None,
    ) -> Verdict:
        """L_adv(D; real, moved) + L_adv(D; real, mapped_back) for generator and discriminator.

        real_beside_moved: what `moved` is compared with, instead of `real`.
        """
        form = self.options.adversarial
        # The real picture by itself: no gradient of the generator's is then carried back through it.
        if real_beside_moved is None:
            real = beside_moved = discriminator(real)
            all_real = [real]
        else:
            real, beside_moved = tf.split(discriminator(tf.concat([real, real_beside_moved], axis=0)), 2)
            all_real = [real, beside_moved]
        moved, back = tf.split(discriminator(tf.concat([moved, mapped_back], axis=0)), 2)
        generator = generator_loss(moved, form) + generator_loss(back, form)
        critic = discriminator_loss(beside_moved, moved, form) + discriminator_loss(real, back, form)
        return Verdict(generator, critic, all_real, [moved, back])

    def _judge_images(self, source: Person, moved: Person, mapped_back: Person) -> Verdict:
        """L_adv_A. Real and generated pictures come with maps of one kind, or D_A would judge by the map.

        I~_ps is shown with the source's own S_ps, as in the authors' code, beside I_ps with S_ps; I~_pt with
        S~_pt beside I_ps with S~_ps, a predicted map too (ours).
        """
        discriminator, shown = self.image_discriminator, conditioning.image_with_parsing
        if source.parsing is None:
            return self._judge(discriminator, source.image, moved.image, mapped_back.image)
        return self._judge(
            discriminator,
            shown(source.image, source.parsing),
            shown(moved.image, moved.parsing),
            shown(mapped_back.image, source.parsing),
            shown(source.image, tf.stop_gradient(mapped_back.parsing)),
        )

    def _judge_faces(self, source: Person, moved: Person, mapped_back: Person) -> tuple[Verdict, tf.Tensor]:
        """L_face of people whose head is in the picture in both poses, and `[B]`: 1 for those people."""
        crops = [face_crop(p.image, p.keypoints, self.face_size) for p in (source, moved, mapped_back)]
        both = tf.cast(crops[0][1] & crops[1][1], tf.float32)
        face = self._judge(self.face_discriminator, *(crop for crop, _ in crops))
        return face._replace(generator=both * face.generator, discriminator=both * face.discriminator), both

    def _pose_losses(self, cycle: Cycle) -> tf.Tensor:
        """L_pose of I~_pt and of I~_ps, added."""
        moved, back = self._of_both(self.pose_detector, cycle)
        return pose_loss(moved, cycle.forward.target.heatmaps) + pose_loss(
            back, cycle.backward.target.heatmaps
        )

    def _of_both(self, network: tf.keras.Model, cycle: Cycle) -> list[tf.Tensor]:
        """A network's outputs for I~_pt and for I~_ps, from one call."""
        return tf.split(network(tf.concat([cycle.moved.image, cycle.mapped_back.image], axis=0)), 2)

    def _style_regions(self, person: Person, pose: Pose) -> Regions:
        if self.options.style == "semantic":
            return label_regions(person.parsing)
        if self.options.style == "mask":
            return mask_regions(pose.mask)
        return patch_regions(person.keypoints, tuple(person.image.shape[1:3]))
