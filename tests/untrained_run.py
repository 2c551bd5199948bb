"""A run directory as training leaves it, with small networks that have learned nothing."""

from __future__ import annotations

import os
import pathlib

import tensorflow as tf

from spt_tf.config import DataConfig, ExperimentConfig, LossConfig, NetworkConfig
from spt_tf.models import conditioning
from spt_tf.training.build import blank_batch, build_person_generator, build_pose_detector
from spt_tf.training.checkpoints import StageCheckpoints


def write_untrained_run(
    run_dir: pathlib.Path,
    canvas: tuple[int, int],
    step: int = 7,
    semantics: bool = True,
    filter_scale: float = 1.0,
) -> None:
    """Writes config.json and a checkpoint of the last stage, of networks of a few filters.

    The filters as they start, times `filter_scale`, give a flat grey that almost anything would equal.
    """
    network = NetworkConfig(
        semantics=semantics,
        generator_width=0.04,
        generator_levels=2,
        pose_detector_width=0.04,
        pose_detector_blocks=1,
    )
    data, loss = DataConfig(height=canvas[0], width=canvas[1]), LossConfig(style="mask")
    config = ExperimentConfig(data, network, loss)
    run_dir.mkdir(parents=True, exist_ok=True)
    (run_dir / "config.json").write_text(config.to_json())
    tf.keras.utils.set_random_seed(0)
    generator, pose_detector = build_person_generator(config, canvas), build_pose_detector(config)
    nobody = blank_batch(canvas)
    generator.transfer_pose(conditioning.source_person(nobody), nobody["target_keypoints"])
    pose_detector(conditioning.image_to_float(nobody["source_image"]))
    for variable in generator.variables:
        if variable.shape.rank == 4:
            variable.assign(variable * filter_scale)
    checkpoints = StageCheckpoints(str(run_dir / "checkpoints" / config.stages[-1]))
    unfinished = checkpoints.begin()
    networks = {**generator.networks(), "pose_detector": pose_detector}
    tf.train.Checkpoint(**networks).write(os.path.join(unfinished, "networks"))
    checkpoints.commit(unfinished, step)
