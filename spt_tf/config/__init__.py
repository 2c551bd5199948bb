"""What an experiment is: frozen, checked dataclasses.

Every field carries its help text and range, and `flags.py` turns each into a command-line flag of the same
name, so an option is written down once.
"""

from __future__ import annotations

from spt_tf.config.data import DataConfig
from spt_tf.config.experiment import ExperimentConfig
from spt_tf.config.loss import LossConfig
from spt_tf.config.network import NetworkConfig
from spt_tf.config.optimizer import OptimizerConfig
from spt_tf.config.option import ConfigError
from spt_tf.config.run import RunConfig
from spt_tf.config.stage_spec import SPECS, STAGES, StageSpec, find_stage, first_stage_that_trains

__all__ = [
    "SPECS",
    "STAGES",
    "ConfigError",
    "DataConfig",
    "ExperimentConfig",
    "LossConfig",
    "NetworkConfig",
    "OptimizerConfig",
    "RunConfig",
    "StageSpec",
    "find_stage",
    "first_stage_that_trains",
]
