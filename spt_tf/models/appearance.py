"""Stage 3: appearance generation, forward and back, with H_S frozen (Section 3.2)."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from spt_tf.geometry.face import face_crop
from spt_tf.layers.dropout import DropoutSeed
from spt_tf.losses.adversarial import discriminator_loss, generator_loss
from spt_tf.losses.perceptual import content_loss
from spt_tf.losses.pose import pose_loss
from spt_tf.losses.style import style_loss
from spt_tf.losses.style_regions import Regions, label_regions, mask_regions, patch_regions
from spt_tf.models import conditioning
from spt_tf.models.person_generator import Journey, PersonGenerator
from spt_tf.models.self_pair import self_pair_loss
from spt_tf.models.stage_model import StageLosses, StageModel, trainable_variables
from spt_tf.models.step_statistics import observed_logits
from spt_tf.networks.grown_discriminator import GrownDiscriminator
from spt_tf.people import Person, Pose


class RoundTrip(NamedTuple):
    """A person moved into the target pose and back.

    moved: I~_pt and S~_pt with the target keypoints. returned: I~_ps and S~_ps with the source's. Without
        semantics neither has a parsing.
    there, back: the two journeys.
    """

    moved: Person
    returned: Person
    there: Journey
    back: Journey


def round_trip(
    person: PersonGenerator,
    source: Person,
    target_keypoints: tf.Tensor,
    seed: DropoutSeed | None,
    parsing_is_frozen: bool = False,
) -> RoundTrip:
    """Forward and back ("Forward and back", method.md; Section 3.2): no target image is used.

    parsing_is_frozen: H_S does not learn, and so has no dropout.
    """
    there = person.journey(source.keypoints, target_keypoints)
    back = person.journey(target_keypoints, source.keypoints)
    seeds = [_nth_seed(seed, i) for i in range(4)]
    if parsing_is_frozen:
        seeds[0] = seeds[2] = None
    target_parsing = person.predict_parsing(source.parsing, there, seeds[0])
    image = person.paint(source.image, source.parsing, target_parsing, there, seeds[1])
    source_parsing = person.predict_parsing(target_parsing, back, seeds[2])
    returned = person.paint(image, target_parsing, source_parsing, back, seeds[3], is_generated=True)
    return RoundTrip(
        Person(image, target_parsing, target_keypoints),
        Person(returned, source_parsing, source.keypoints),
        there,
        back,
    )


def _nth_seed(seed: DropoutSeed | None, place: int) -> DropoutSeed | None:
    """The dropout seed of a step's network call number `place`: four of a round trip, one of a self-pair."""
    return None if seed is None else seed.split(5)[place]


class AppearanceWeights(NamedTuple):
    """Weights of L_A, the form of its adversarial terms, and what L_sty is taken over."""

    adversarial: str
    style: str
    match_style_areas: bool
    lambda_pose: float
    lambda_cont: float
    lambda_sty: float
    lambda_self: float = 0.0
    self_pairs: str = "both"


def with_self_pair(
    losses: StageLosses,
    person: PersonGenerator,
    source: Person,
    weights: AppearanceWeights,
    seed: DropoutSeed | None,
) -> StageLosses:
    """The losses with lambda_self times the distance of a self-pair; unchanged where that is 0."""
    if not weights.lambda_self:
        return losses
    distance = self_pair_loss(person, source, weights.self_pairs, _nth_seed(seed, 4))
    objectives = {
        **losses.objectives,
        "generator": losses.objectives["generator"] + weights.lambda_self * distance,
    }
    return losses._replace(objectives=objectives, terms={**losses.terms, "self_pair": distance})


class Verdict(NamedTuple):
    """What a discriminator makes of a batch: both sides' losses `[B]`, and its logits, each `[B,...]`."""

    generator: tf.Tensor
    discriminator: tf.Tensor
    real: list[tf.Tensor]
    generated: list[tf.Tensor]


class AppearanceCritic(tf.Module):
    """D_A, D_F, P and Lambda, and the appearance losses L_A.

    image_discriminator, face_discriminator: `networks.PatchDiscriminator`s D_A and D_F; under a local
    enhancer D_F is a `networks.GrownDiscriminator`.
    pose_detector: frozen P. features: frozen Lambda (`networks.VggFeatures`).
    """

    def __init__(
        self,
        image_discriminator: tf.keras.Model,
        face_discriminator: tf.keras.Model,
        pose_detector: tf.keras.Model,
        features: tf.keras.Model,
        face_size: int,
        weights: AppearanceWeights,
    ):
        super().__init__()
        self.image_discriminator = image_discriminator
        self.face_discriminator = face_discriminator
        self.pose_detector = pose_detector
        self.features = features
        self.face_size, self.weights = face_size, weights

    def _judge(
        self,
        discriminator: tf.keras.Model,
        real: tf.Tensor,
        moved: tf.Tensor,
        returned: tf.Tensor,
        real_beside_moved: tf.Tensor | None = None,
    ) -> Verdict:
        """L_adv(D; real, moved) + L_adv(D; real, returned) for generator and discriminator.

        real_beside_moved: what stands beside `moved` instead of `real`.
        """
        form = self.weights.adversarial
        # The real picture by itself: no gradient of the generator's is then carried back through it.
        if real_beside_moved is None:
            real = beside_moved = discriminator(real)
            all_real = [real]
        else:
            real, beside_moved = tf.split(discriminator(tf.concat([real, real_beside_moved], axis=0)), 2)
            all_real = [real, beside_moved]
        moved, returned = tf.split(discriminator(tf.concat([moved, returned], axis=0)), 2)
        generator = generator_loss(moved, form) + generator_loss(returned, form)
        critic = discriminator_loss(beside_moved, moved, form) + discriminator_loss(real, returned, form)
        return Verdict(generator, critic, all_real, [moved, returned])

    def _judge_images(self, source: Person, moved: Person, returned: Person) -> Verdict:
        """L_adv_A, real and generated pictures shown with maps of one kind: D_A would tell them by the map.

        I~_ps is shown with the source's own S_ps, as in the authors' code, beside I_ps with S_ps; I~_pt with
        S~_pt beside I_ps with S~_ps, a predicted map too (ours).
        """
        discriminator, shown = self.image_discriminator, conditioning.image_with_parsing
        if source.parsing is None:
            return self._judge(discriminator, source.image, moved.image, returned.image)
        return self._judge(
            discriminator,
            shown(source.image, source.parsing),
            shown(moved.image, moved.parsing),
            shown(returned.image, source.parsing),
            shown(source.image, tf.stop_gradient(returned.parsing)),
        )

    def _judge_faces(self, source: Person, moved: Person, returned: Person) -> tuple[Verdict, tf.Tensor]:
        """L_face, for the people whose head is in the picture in both poses; `[B]`, 1 for those people."""
        crops = [face_crop(p.image, p.keypoints, self.face_size) for p in (source, moved, returned)]
        both = tf.cast(crops[0][1] & crops[1][1], tf.float32)
        face = self._judge(self.face_discriminator, *(crop for crop, _ in crops))
        return face._replace(generator=both * face.generator, discriminator=both * face.discriminator), both

    def _style_regions(self, person: Person, pose: Pose) -> Regions:
        if self.weights.style == "semantic":
            return label_regions(person.parsing)
        if self.weights.style == "mask":
            return mask_regions(pose.mask)
        return patch_regions(person.keypoints, tuple(person.image.shape[1:3]))

    def losses(self, source: Person, trip: RoundTrip) -> StageLosses:
        """L_A = L_adv_A + lambda_pose L_pose + lambda_cont L_cont + lambda_sty L_sty + L_face."""
        moved, returned, weights = trip.moved, trip.returned, self.weights
        image = self._judge_images(source, moved, returned)
        face, has_face = self._judge_faces(source, moved, returned)
        heatmaps = self.pose_detector(tf.concat([moved.image, returned.image], axis=0))
        moved_heatmaps, returned_heatmaps = tf.split(heatmaps, 2)
        pose = pose_loss(moved_heatmaps, trip.there.target.heatmaps)
        pose += pose_loss(returned_heatmaps, trip.back.target.heatmaps)
        source_features = self.features(source.image)
        moved_features, returned_features = tf.split(
            self.features(tf.concat([moved.image, returned.image], axis=0)), 2
        )
        content = content_loss(returned_features, source_features)
        style = style_loss(
            source_features,
            moved_features,
            returned_features,
            self._style_regions(source, trip.there.source),
            self._style_regions(moved, trip.there.target),
            weights.match_style_areas,
        )
        total = (
            image.generator
            + face.generator
            + weights.lambda_pose * pose
            + weights.lambda_cont * content
            + weights.lambda_sty * style
        )
        return StageLosses(
            {"generator": total, "discriminator": image.discriminator + face.discriminator},
            {
                "adversarial_A": image.generator,
                "face": face.generator,
                "pose": pose,
                "content": content,
                "style": style,
                "discriminator_A": image.discriminator,
                "discriminator_F": face.discriminator,
            },
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


class AppearanceModel(StageModel):
    """Trains H_A against D_A and D_F; H_S, where there is one, P and Lambda stand still."""

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
        source = self.person.seen(conditioning.source_person(batch))
        trip = round_trip(
            self.person, source, batch["target_keypoints"], dropout_seed, parsing_is_frozen=True
        )
        losses = self.critic.losses(source, trip)
        return with_self_pair(losses, self.person, source, self.critic.weights, dropout_seed)
