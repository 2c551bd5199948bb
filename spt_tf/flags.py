"""Flags of an experiment, made from the fields of `config`, and the way back."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable
from typing import Any

from absl import flags

from spt_tf.config import ConfigError, ExperimentConfig, RunConfig

FLAGS = flags.FLAGS
_DEFINE: dict[type, Callable[..., Any]] = {
    bool: flags.DEFINE_bool,
    int: flags.DEFINE_integer,
    float: flags.DEFINE_float,
    str: flags.DEFINE_string,
}
_GROUPS = {field.name: type(field.default) for field in dataclasses.fields(ExperimentConfig)}


def define_group(group: type) -> None:
    """Defines one flag for every field of a group of options."""
    heading = (group.__doc__ or "").splitlines()[0].rstrip(".")  # in --help
    types = typing.get_type_hints(group)
    for field in dataclasses.fields(group):
        rule, default = field.metadata, typing.cast(Any, field.default)
        if rule["choices"]:
            choices = list(rule["choices"])
            flags.DEFINE_enum(field.name, default, choices, rule["help"], module_name=heading)
        else:
            _DEFINE[types[field.name]](field.name, default, rule["help"], module_name=heading)


def define_flags() -> None:
    """Defines one flag for every field of `ExperimentConfig` and `RunConfig`.

    Called by binaries that train; importing this module defines nothing. A nested `--flagfile` path
    resolves against the working directory, as absl has it.
    """
    define_experiment_flags()
    define_group(RunConfig)


def define_experiment_flags() -> None:
    """Those of `ExperimentConfig` alone, for binaries that train more than one run."""
    for group in _GROUPS.values():
        define_group(group)


def read_group(group: type) -> Any:
    """The parsed flags of a group; raises ConfigError."""
    return group(**{field.name: FLAGS[field.name].value for field in dataclasses.fields(group)})


def configs_from_flags() -> tuple[ExperimentConfig, RunConfig]:
    """The parsed flags as typed configurations; raises ConfigError in one clear line."""
    return _read_experiment(), read_group(RunConfig)


def experiment_from_flags() -> tuple[ExperimentConfig, RunConfig]:
    """The same for training, which cannot do without data."""
    return experiment_with_data(), read_group(RunConfig)


def experiment_with_data() -> ExperimentConfig:
    """The experiment alone, with data; raises ConfigError in one clear line."""
    experiment = _read_experiment()
    if not experiment.data.data_dir:
        raise ConfigError("--data_dir: expected a data directory, see README.md for its layout")
    return experiment


def _read_experiment() -> ExperimentConfig:
    return ExperimentConfig(**{name: read_group(group) for name, group in _GROUPS.items()})
