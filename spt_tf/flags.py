"""Flags of an experiment, made from the fields of `config`, and the way back."""

import dataclasses
from typing import Any

from absl import flags

from spt_tf.config import ConfigError, ExperimentConfig, RunConfig

FLAGS = flags.FLAGS
_GROUPS = {field.name: type(field.default) for field in dataclasses.fields(ExperimentConfig)}


def _define(group: type) -> None:
    heading = dict(module_name=group.__doc__.splitlines()[0].rstrip("."))  # in --help
    for field in dataclasses.fields(group):
        rule, name = field.metadata, field.name
        if rule["choices"]:
            flags.DEFINE_enum(name, field.default, list(rule["choices"]), rule["help"], **heading)
        elif field.type is bool:
            flags.DEFINE_bool(name, field.default, rule["help"], **heading)
        elif field.type is int:
            flags.DEFINE_integer(name, field.default, rule["help"], **heading)
        elif field.type is float:
            flags.DEFINE_float(name, field.default, rule["help"], **heading)
        else:
            flags.DEFINE_string(name, field.default, rule["help"], **heading)


def define_flags() -> None:
    """Defines one flag for every field of `ExperimentConfig` and `RunConfig`.

    Called by binaries that train; importing this module defines nothing. A nested `--flagfile` path
    resolves against the working directory, as absl has it.
    """
    define_experiment_flags()
    _define(RunConfig)


def define_experiment_flags() -> None:
    """Those of `ExperimentConfig` alone, for binaries that train more than one run."""
    for group in _GROUPS.values():
        _define(group)


def _read(group: type) -> Any:
    return group(**{field.name: FLAGS[field.name].value for field in dataclasses.fields(group)})


def configs_from_flags() -> tuple[ExperimentConfig, RunConfig]:
    """The parsed flags as typed configurations; raises ConfigError in one clear line."""
    return _read_experiment(), _read(RunConfig)


def experiment_from_flags() -> tuple[ExperimentConfig, RunConfig]:
    """The same for training, which cannot do without data."""
    return experiment_with_data(), _read(RunConfig)


def experiment_with_data() -> ExperimentConfig:
    """The experiment alone, with data; raises ConfigError in one clear line."""
    experiment = _read_experiment()
    if not experiment.data.data_dir:
        raise ConfigError("--data_dir: expected a data directory, see README.md for its layout")
    return experiment


def _read_experiment() -> ExperimentConfig:
    return ExperimentConfig(**{name: _read(group) for name, group in _GROUPS.items()})
