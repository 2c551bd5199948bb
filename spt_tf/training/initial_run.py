"""Networks that begin as those of another run, whatever its canvas or people (`--initial_run`)."""

from __future__ import annotations

import os
from collections.abc import Mapping

import tensorflow as tf
from absl import logging

from spt_tf.config import STAGES, ConfigError, ExperimentConfig
from spt_tf.training.checkpoints import StageCheckpoints, read_networks, saved_networks
from spt_tf.training.run_directory import RunNotFound, read_config

# Options that decide what variables the networks have.
_SHAPES = (
    *("semantics", "generator_width", "generator_levels", "upsampling", "keep_background"),
    *("discriminator_width", "discriminator_layers", "pose_detector_width", "pose_detector_blocks"),
)


def check_initial_run(experiment: ExperimentConfig) -> None:
    """Raises ConfigError, naming the options, where the networks of --initial_run would not fit this run's;
    RunNotFound, UnreadableFile."""
    other = experiment.optimizer.initial_run
    theirs, ours = read_config(other).network, experiment.network
    differences = [
        f"--{name} is {getattr(theirs, name)} there and {getattr(ours, name)} here"
        for name in _SHAPES
        if getattr(theirs, name) != getattr(ours, name)
    ]
    if differences:
        raise ConfigError(f"--initial_run={other}: its networks are others: {'; '.join(differences)}")
    _find_networks(other)


def read_initial_networks(initial_run: str, networks: Mapping[str, tf.keras.Model]) -> None:
    """Gives networks, by the names they are saved under, the weights that another run left them.

    Averaged weights where that run keeps an average, as everything after training loads them; of the last
    stage that has them. A network that the other run lacks stays as it is, and is named in the log. Raises
    RunNotFound, UnreadableFile, and CheckpointMismatch for networks of other shapes.
    """
    prefixes = _find_networks(initial_run)
    for prefix in set(prefixes.values()):
        read_networks(prefix, {name: net for name, net in networks.items() if prefixes.get(name) == prefix})
    began = [name for name in networks if name in prefixes]
    logging.info("from %s begin: %s", initial_run, ", ".join(began) or "no networks")
    if len(began) < len(networks):
        logging.info("random at first: %s", ", ".join(name for name in networks if name not in prefixes))


def _find_networks(initial_run: str) -> dict[str, str]:
    """Network -> the checkpoint to read it from: that of the last stage that has it."""
    found: dict[str, str] = {}
    for stage in STAGES:
        checkpoints = StageCheckpoints(os.path.join(initial_run, "checkpoints", stage))
        if checkpoints.latest_step():
            prefix = checkpoints.path("networks", checkpoints.whole_step("networks"))
            found |= {name: prefix for name in saved_networks(prefix)}
    if not found:
        raise RunNotFound(f"--initial_run={initial_run}: no checkpoint of any stage")
    return found
