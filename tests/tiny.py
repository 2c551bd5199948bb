"""A tiny experiment and random people for it, for tests of models and training."""

from __future__ import annotations

import dataclasses

import numpy as np
import tensorflow as tf

from spt_tf.config import DataConfig, ExperimentConfig, LossConfig, NetworkConfig, OptimizerConfig

CANVAS = (32, 32)


def tiny_experiment(data_dir: str = "nowhere", **changes) -> ExperimentConfig:
    """An experiment whose steps take milliseconds; `changes` by option name."""
    groups = {
        "data": DataConfig(data_dir=data_dir, height=CANVAS[0], width=CANVAS[1]),
        "network": NetworkConfig(
            generator_width=0.04,
            generator_levels=3,
            dropout=0.0,
            discriminator_width=0.04,
            discriminator_layers=1,
            pose_detector_width=0.04,
            pose_detector_blocks=1,
            pose_sigma=2.0,
            joint_radius=2.0,
        ),
        "loss": LossConfig(face_size=24, lambda_cont=1.0, lambda_pose=10.0),
        "optimizer": OptimizerConfig(
            batch_size=2,
            pose_detector_steps=4,
            semantic_steps=4,
            appearance_steps=4,
            end_to_end_steps=4,
        ),
    }
    for option, value in changes.items():
        [name] = [n for n, g in groups.items() if option in {f.name for f in dataclasses.fields(g)}]
        groups[name] = dataclasses.replace(groups[name], **{option: value})
    return ExperimentConfig(**groups)


def tiny_ladder(data_dir: str = "nowhere", **changes) -> ExperimentConfig:
    """The same with a local enhancer, at twice the canvas."""
    ladder = dict(local_enhancer=True, height=2 * CANVAS[0], width=2 * CANVAS[1], face_size=32)
    ladder |= dict(enhancer_steps=4, fade_in_steps=3, discriminator_layers=2)
    return tiny_experiment(data_dir, **{**ladder, **changes})


def random_batch(size: int = 2, seed: int = 0, canvas: tuple[int, int] = CANVAS) -> dict[str, tf.Tensor]:
    """A batch of `data.pipeline.training_batches`'s form: noise with joints anywhere, a few missing."""
    rng = np.random.default_rng(seed)

    def joints() -> tf.Tensor:
        points = rng.uniform(0, np.array(canvas) - 1, [size, 18, 2]).astype(np.float32)
        points[rng.random([size, 18]) < 0.1] = -1
        return tf.constant(points)

    return {
        "source_image": tf.constant(rng.integers(0, 256, [size, *canvas, 3]), tf.uint8),
        "source_parsing": tf.constant(rng.integers(0, 10, [size, *canvas]), tf.uint8),
        "source_keypoints": joints(),
        "target_parsing": tf.constant(rng.integers(0, 10, [size, *canvas]), tf.uint8),
        "target_keypoints": joints(),
        "target_image": tf.constant(rng.integers(0, 256, [size, *canvas, 3]), tf.uint8),
    }
