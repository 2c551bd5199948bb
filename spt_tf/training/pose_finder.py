"""P from a finished run of scripts/train_perception.py (`--pose_finder`)."""

from __future__ import annotations

import os

from spt_tf.config import ConfigError, ExperimentConfig
from spt_tf.config.perception import STAGE, PerceptionConfig
from spt_tf.networks.finder_pose_detector import FinderPoseDetector
from spt_tf.networks.person_finder import person_finder
from spt_tf.training.checkpoints import StageCheckpoints, read_networks
from spt_tf.training.run_directory import RunNotFound, read_config_of


def build_finder_pose_detector(config: ExperimentConfig) -> FinderPoseDetector:
    """P, of the finder that an experiment names, its weights not read.

    Raises RunNotFound where that is no finder's run, ConfigError where it has learned from another canvas.
    """
    run_dir = config.network.pose_finder
    finder = read_config_of(PerceptionConfig, run_dir, "scripts/train_perception.py")
    if finder.canvas != config.canvas:
        sizes = "{}x{}, these are {}x{}".format(*finder.canvas, *config.canvas)
        raise ConfigError(f"--pose_finder={run_dir}: it looks at images of {sizes}")
    network = person_finder(finder.finder.finder_width)
    return FinderPoseDetector(network, finder.canvas, finder.sigma, config.network.pose_sigma)


def read_pose_finder(run_dir: str, pose_detector: FinderPoseDetector) -> None:
    """Reads P's weights from the finder's run. Raises RunNotFound where it has none yet."""
    checkpoints = StageCheckpoints(os.path.join(run_dir, "checkpoints", STAGE))
    step = checkpoints.whole_step("networks")
    if not step:
        raise RunNotFound(f"--pose_finder={run_dir}: no checkpoint of the finder there yet")
    read_networks(checkpoints.path("networks", step), {"person_finder": pose_detector.finder})
