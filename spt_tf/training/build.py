"""Configuration to networks, and networks to the models of the four stages."""

import tensorflow as tf

from spt_tf.config import ExperimentConfig
from spt_tf.models.appearance import AppearanceCritic, AppearanceModel, AppearanceWeights
from spt_tf.models.end_to_end import EndToEndModel
from spt_tf.models.person_generator import PersonGenerator
from spt_tf.models.pose_detection import PoseDetectionModel
from spt_tf.models.semantic import SemanticCritic, SemanticModel
from spt_tf.models.stage_model import StageModel
from spt_tf.networks.patch_discriminator import PatchDiscriminator
from spt_tf.networks.pose_detector import PoseDetector
from spt_tf.networks.two_stream_unet import TwoStreamUNet
from spt_tf.networks.vgg import VggFeatures


def build_person_generator(config: ExperimentConfig, canvas: tuple[int, int]) -> PersonGenerator:
    """H_S and H_A for a canvas (height, width), untrained; poses are drawn in proportion to its height."""
    network = config.network
    scale = canvas[0] / config.data.height

    def unet(channels: int, activation: str) -> TwoStreamUNet:
        return TwoStreamUNet(
            channels,
            activation,
            width=network.generator_width,
            levels=network.generator_levels,
            dropout=network.dropout,
        )

    return PersonGenerator(
        unet(10, "softmax"),
        unet(3, "tanh"),
        canvas,
        scale * network.pose_sigma,
        scale * network.joint_radius,
    )


def build_pose_detector(config: ExperimentConfig) -> PoseDetector:
    """P, untrained."""
    return PoseDetector(width=config.network.pose_detector_width, blocks=config.network.pose_detector_blocks)


def _discriminator(config: ExperimentConfig) -> PatchDiscriminator:
    return PatchDiscriminator(
        width=config.network.discriminator_width, layers=config.network.discriminator_layers
    )


def _semantic_critic(config: ExperimentConfig) -> SemanticCritic:
    return SemanticCritic(_discriminator(config), config.loss.adversarial, config.loss.lambda_ce)


def _appearance_critic(config: ExperimentConfig) -> AppearanceCritic:
    loss = config.loss
    return AppearanceCritic(
        _discriminator(config),
        _discriminator(config),
        build_pose_detector(config),
        VggFeatures(weights=loss.vgg_weights, seed=config.data.seed, width=loss.vgg_width),
        loss.face_size,
        AppearanceWeights(loss.adversarial, loss.lambda_pose, loss.lambda_cont, loss.lambda_sty),
    )


def build_stage_model(config: ExperimentConfig, stage: str) -> StageModel:
    """The Keras model of a stage of `config.STAGES`, with all its variables made, untrained."""
    tf.keras.utils.set_random_seed(config.data.seed)
    canvas, seed = config.canvas, config.data.seed
    if stage == "pose_detector":
        model = PoseDetectionModel(build_pose_detector(config), canvas, config.network.pose_sigma, seed)
    else:
        person = build_person_generator(config, canvas)
        if stage == "semantic":
            model = SemanticModel(person, _semantic_critic(config), seed)
        elif stage == "appearance":
            model = AppearanceModel(person, _appearance_critic(config), seed)
        else:
            model = EndToEndModel(person, _semantic_critic(config), _appearance_critic(config), seed)
    model.create_variables(blank_batch(canvas))
    return model


def blank_batch(canvas: tuple[int, int], size: int = 1) -> dict[str, tf.Tensor]:
    """A batch of `data.pipeline.training_batches`'s form that shows nobody."""
    picture, labels = tf.zeros([size, *canvas, 3], tf.uint8), tf.zeros([size, *canvas], tf.uint8)
    nobody = -tf.ones([size, 18, 2])
    return {
        "source_image": picture,
        "source_parsing": labels,
        "source_keypoints": nobody,
        "target_parsing": labels,
        "target_keypoints": nobody,
    }
