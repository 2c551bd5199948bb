"""A run directory, read back: the one way from training to everything after it."""

import os
from typing import NamedTuple, Optional

import tensorflow as tf

from spt_tf.config import ExperimentConfig
from spt_tf.models.enhanced_generator import EnhancedPersonGenerator, fade_in_share
from spt_tf.models.person_generator import PersonGenerator
from spt_tf.training.build import build_person_generator, build_pose_detector
from spt_tf.training.checkpoints import StageCheckpoints, read_networks, saved_networks

_STAGES_WITH_APPEARANCE = ("end_to_end", "enhancer", "appearance")
# Where a network is looked for that the stage itself has not saved, as those of converted runs have not.
_STAGES_OF_THEIR_OWN = {"semantic_generator": "semantic", "pose_detector": "pose_detector"}


class RunNotFound(ValueError):
    """The directory is no run, or its training has not come far enough."""


class FinishedRun(NamedTuple):
    """What a run has learned.

    generator, pose_detector: without H_S, and None, in a run of the authors' weights
        (scripts/convert_checkpoint.py) in which those stages have not been trained.
    stage, step: where H_A's weights come from.
    """

    config: ExperimentConfig
    generator: PersonGenerator
    pose_detector: Optional[tf.keras.Model]
    stage: str
    step: int


def read_config(run_dir: str) -> ExperimentConfig:
    """The configuration a run was started with; raises RunNotFound where there is none."""
    path = os.path.join(run_dir, "config.json")
    if not os.path.exists(path):
        raise RunNotFound(f"{run_dir}: no config.json there; expected a run directory of scripts/train.py")
    with open(path, encoding="utf8") as text:
        return ExperimentConfig.from_json(text.read())


def load_finished_run(
    run_dir: str, canvas: Optional[tuple[int, int]] = None, stage: Optional[str] = None
) -> FinishedRun:
    """Loads the newest weights (averaged, where the run keeps an average) of the last stage that has H_A.

    canvas: (height, width) to generate at when it is not the run's own: the networks are convolutional.
    stage: that of the weights, when not the last. Raises RunNotFound.
    """
    config = read_config(run_dir)
    checkpoints, stage = _newest(run_dir, _STAGES_WITH_APPEARANCE if stage is None else (stage,))
    prefixes = _prefixes(run_dir, checkpoints.path("networks"))
    generator = build_person_generator(
        config, canvas or config.canvas, semantic="semantic_generator" in prefixes
    )
    generator.create_variables()
    networks = generator.networks()
    pose_detector = None
    if "pose_detector" in prefixes:
        pose_detector = networks["pose_detector"] = build_pose_detector(config)
        pose_detector(tf.zeros([1, *generator.canvas, 3]))
    for prefix in set(prefixes.values()):
        wanted = {name: network for name, network in networks.items() if prefixes.get(name) == prefix}
        read_networks(prefix, wanted)
    if isinstance(generator, EnhancedPersonGenerator):
        share = _enhancer_share(config, stage, checkpoints.latest_step())
        generator.alpha = lambda: share
    return FinishedRun(config, generator, pose_detector, stage, checkpoints.latest_step())


def load_half_size_generator(run_dir: str) -> PersonGenerator:
    """What stage appearance of a run with a local enhancer has learned, at half the canvas."""
    config = read_config(run_dir)
    checkpoints, _ = _newest(run_dir, ("appearance",))
    generator = build_person_generator(config, config.half_canvas, enhanced=False)
    generator.create_variables()
    read_networks(checkpoints.path("networks"), generator.networks())
    return generator


def _newest(run_dir: str, stages: tuple[str, ...]) -> tuple[StageCheckpoints, str]:
    """The checkpoints of the first of these stages that has any, and its name."""
    for stage in stages:
        checkpoints = _checkpoints(run_dir, stage)
        if checkpoints.latest_step():
            return checkpoints, stage
    raise RunNotFound(f"{run_dir}: no checkpoint of stage {' or '.join(stages)}")


def _checkpoints(run_dir: str, stage: str) -> StageCheckpoints:
    return StageCheckpoints(os.path.join(run_dir, "checkpoints", stage))


def _prefixes(run_dir: str, prefix: str) -> dict[str, str]:
    """For each network that the run has saved, the checkpoint to read it from."""
    found = {name: prefix for name in saved_networks(prefix)}
    for name, stage in _STAGES_OF_THEIR_OWN.items():
        checkpoints = _checkpoints(run_dir, stage)
        if name not in found and checkpoints.latest_step():
            found[name] = checkpoints.path("networks")
    return found


def _enhancer_share(config: ExperimentConfig, stage: str, step: int) -> float:
    """alpha of the weights a stage left: before stage enhancer nothing of the enhancer has been learned."""
    if stage == "enhancer":
        return float(fade_in_share(step, config.optimizer.fade_in_steps))
    return 1.0 if stage == "end_to_end" else 0.0
