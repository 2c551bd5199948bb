"""A run directory, read back: the one way from training to everything after it."""

import os
from typing import NamedTuple, Optional

import tensorflow as tf

from spt_tf.config import ExperimentConfig
from spt_tf.models.person_generator import PersonGenerator
from spt_tf.people import Person
from spt_tf.training.build import build_person_generator, build_pose_detector
from spt_tf.training.checkpoints import StageCheckpoints, read_networks

_STAGES_WITH_BOTH_GENERATORS = ("end_to_end", "appearance")


class RunNotFound(ValueError):
    """The directory is no run, or its training has not come far enough."""


class FinishedRun(NamedTuple):
    """What a run has learned.

    stage, step: where the weights come from.
    """

    config: ExperimentConfig
    generator: PersonGenerator
    pose_detector: tf.keras.Model
    stage: str
    step: int


def read_config(run_dir: str) -> ExperimentConfig:
    """The configuration a run was started with; raises RunNotFound where there is none."""
    path = os.path.join(run_dir, "config.json")
    if not os.path.exists(path):
        raise RunNotFound(f"{run_dir}: no config.json there; expected a run directory of scripts/train.py")
    with open(path, encoding="utf8") as text:
        return ExperimentConfig.from_json(text.read())


def load_finished_run(run_dir: str, canvas: Optional[tuple[int, int]] = None) -> FinishedRun:
    """Loads the newest weights (averaged, where the run keeps an average) of the last stage that has both
    generators.

    canvas: (height, width) to generate at when it is not the run's own: the networks are convolutional.
    Raises RunNotFound.
    """
    config = read_config(run_dir)
    for stage in _STAGES_WITH_BOTH_GENERATORS:
        checkpoints = StageCheckpoints(os.path.join(run_dir, "checkpoints", stage))
        if checkpoints.latest_step():
            break
    else:
        raise RunNotFound(f"{run_dir}: no checkpoint of stage {' or '.join(_STAGES_WITH_BOTH_GENERATORS)}")
    generator = build_person_generator(config, canvas or config.canvas)
    pose_detector = build_pose_detector(config)
    _make_variables(generator, pose_detector)
    read_networks(
        checkpoints.path("networks"),
        {
            "semantic_generator": generator.semantic_generator,
            "appearance_generator": generator.appearance_generator,
            "pose_detector": pose_detector,
        },
    )
    return FinishedRun(config, generator, pose_detector, stage, checkpoints.latest_step())


def _make_variables(generator: PersonGenerator, pose_detector: tf.keras.Model) -> None:
    height, width = generator.canvas
    nobody = Person(tf.zeros([1, height, width, 3]), tf.zeros([1, height, width, 10]), -tf.ones([1, 18, 2]))
    image, _ = generator.transfer_pose(nobody, nobody.keypoints)
    pose_detector(image)
