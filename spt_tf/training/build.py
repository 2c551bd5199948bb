"""Configuration to networks, and networks to the models of the stages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager, nullcontext

import tensorflow as tf

from spt_tf.config import ExperimentConfig
from spt_tf.models.appearance import AppearanceModel
from spt_tf.models.appearance_critic import AppearanceCritic
from spt_tf.models.end_to_end import EndToEndModel
from spt_tf.models.enhanced_generator import EnhancedPersonGenerator
from spt_tf.models.enhancer import EnhancerModel
from spt_tf.models.person_generator import Additions, PersonGenerator
from spt_tf.models.pose_conditioned import PoseConditionedGenerator
from spt_tf.models.pose_detection import PoseDetectionModel
from spt_tf.models.semantic import SemanticCritic, SemanticModel
from spt_tf.models.stage_model import StageModel
from spt_tf.models.supervised import SupervisedModel
from spt_tf.networks.finder_pose_detector import FinderPoseDetector
from spt_tf.networks.grown_discriminator import GrownDiscriminator
from spt_tf.networks.local_enhancer import LocalEnhancer
from spt_tf.networks.patch_discriminator import PatchDiscriminator
from spt_tf.networks.pose_detector import PoseDetector
from spt_tf.networks.two_stream_unet import TwoStreamUNet
from spt_tf.networks.vgg import VggFeatures
from spt_tf.training.checkpoints import build_from_networks
from spt_tf.training.pose_finder import build_finder_pose_detector
from spt_tf.training.vgg_weights import load_vgg_weights


def build_person_generator(
    config: ExperimentConfig,
    canvas: tuple[int, int],
    enhanced: bool | None = None,
    semantic: bool = True,
) -> PersonGenerator:
    """H_S and H_A for a canvas (height, width), untrained; poses are drawn in proportion to its height.

    enhanced: with the local enhancer; by default where the experiment has one. semantic: with H_S.
    A run without semantics has H_A alone.
    """
    network = config.network
    enhanced = network.local_enhancer if enhanced is None else enhanced
    # Under a local enhancer poses are drawn with the same pixels at both sizes, as the authors' are.
    native = config.half_canvas if network.local_enhancer and not enhanced else config.canvas
    scale = canvas[0] / native[0]
    drawn = scale * network.pose_sigma, scale * network.joint_radius
    additions = Additions(
        keep_background=network.keep_background,
        paste_background=network.paste_background,
        bounded_torso=network.bounded_torso,
        filter_pictures=network.filter_pictures,
        filter_brightness=network.filter_brightness,
        fill_background=network.fill_background,
    )

    def unet(channels: int, activation: str) -> TwoStreamUNet:
        return TwoStreamUNet(
            channels,
            activation,
            width=network.generator_width,
            levels=network.generator_levels,
            dropout=network.dropout,
            upsampling=network.upsampling,
            centred_warps=network.centred_warps,
        )

    if not network.semantics:
        return PoseConditionedGenerator(unet(3, "tanh"), canvas, *drawn, additions)
    parsing, painting = unet(10, "softmax") if semantic else None, unet(3, "tanh")
    if enhanced:
        return EnhancedPersonGenerator(parsing, LocalEnhancer(painting), canvas, *drawn, additions)
    return PersonGenerator(parsing, painting, canvas, *drawn, additions)


def build_pose_detector(config: ExperimentConfig) -> PoseDetector | FinderPoseDetector:
    """P, untrained; raises as `build_finder_pose_detector` where it is a finder."""
    if config.network.pose_finder:
        return build_finder_pose_detector(config)
    return PoseDetector(width=config.network.pose_detector_width, blocks=config.network.pose_detector_blocks)


def build_discriminator(config: ExperimentConfig) -> PatchDiscriminator:
    """D_S, D_A or D_F, untrained."""
    return PatchDiscriminator(
        width=config.network.discriminator_width, layers=config.network.discriminator_layers
    )


def _features(config: ExperimentConfig) -> VggFeatures:
    # random filters are not the run's seed's: other ones would weigh L_cont and L_sty anew
    return VggFeatures(load_vgg_weights(config.loss.vgg_weights), width=config.loss.vgg_width)


def _semantic_critic(config: ExperimentConfig) -> SemanticCritic:
    return SemanticCritic(build_discriminator(config), config.loss)


def build_appearance_critic(config: ExperimentConfig, stage: str) -> AppearanceCritic:
    """At half the size the face crop is half as large; back at the full size D_F has grown."""
    loss, half = config.loss, config.at_half_size(stage)
    face_discriminator = build_discriminator(config)
    if config.network.local_enhancer and not half:
        face_discriminator = GrownDiscriminator(face_discriminator)
    return AppearanceCritic(
        build_discriminator(config),
        face_discriminator,
        build_pose_detector(config),
        _features(config),
        loss.face_size // 2 if half else loss.face_size,
        loss,
    )


def build_stage_model(
    config: ExperimentConfig,
    stage: str,
    read: Mapping[str, Collection[str]] | None = None,
) -> StageModel:
    """The Keras model of a stage of an experiment's `stages`, with all its variables made, untrained.

    read: for checkpoints' prefixes the names of networks that begin as those have them, as far as the model
        has such networks (raises as `checkpoints.build_from_networks`); the others are as without it.
    """
    tf.keras.utils.set_random_seed(config.data.seed)
    seed = config.data.seed
    if stage == "pose_detector":
        both_sizes = config.network.local_enhancer
        model = PoseDetectionModel(build_pose_detector(config), config.network.pose_sigma, both_sizes, seed)
        smallest: AbstractContextManager[tuple[int, int]] = nullcontext(config.canvas)
    else:
        half = config.at_half_size(stage)
        canvas = config.half_canvas if half else config.canvas
        person = build_person_generator(config, canvas, config.network.local_enhancer and not half)
        if config.data.paired and stage == "appearance":
            model = SupervisedModel(person, build_discriminator(config), _features(config), config.loss, seed)
        elif stage == "semantic":
            model = SemanticModel(person, _semantic_critic(config), seed)
        elif stage == "appearance":
            model = AppearanceModel(person, build_appearance_critic(config, stage), seed)
        elif stage == "enhancer":
            critic = build_appearance_critic(config, stage)
            model = EnhancerModel(person, critic, config.optimizer.fade_in_steps, seed)
        else:
            model = EndToEndModel(
                person,
                _semantic_critic(config),
                build_appearance_critic(config, stage),
                seed,
            )
        smallest = person.on_smallest_canvas(*config.network.discriminated_sides)
    networks = model.networks()
    wanted = {
        prefix: {name: networks[name] for name in names if name in networks}
        for prefix, names in (read or {}).items()
    }
    wanted = {prefix: found for prefix, found in wanted.items() if found}
    with smallest as canvas:
        build_from_networks(lambda: model.create_variables(blank_batch(canvas)), wanted)
    return model


def blank_batch(canvas: tuple[int, int], size: int = 1) -> dict[str, tf.Tensor]:
    """A batch of `data.pipeline.training_batches`'s form, with target image, that shows nobody."""
    picture, labels = tf.zeros([size, *canvas, 3], tf.uint8), tf.zeros([size, *canvas], tf.uint8)
    nobody = -tf.ones([size, 18, 2])
    return {
        "source_image": picture,
        "source_parsing": labels,
        "source_keypoints": nobody,
        "target_parsing": labels,
        "target_keypoints": nobody,
        "target_image": picture,
    }
