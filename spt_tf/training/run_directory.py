"""A run directory: one configuration, one training at a time."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import os
from collections.abc import Iterator

from spt_tf.config import ConfigError, ExperimentConfig
from spt_tf.data.atomic_write import write_whole
from spt_tf.data.file_reading import read_text

CONFIG_FILE = "config.json"


class RunNotFound(ValueError):
    """The directory is no run, or its training has not come far enough."""


def read_config(run_dir: str) -> ExperimentConfig:
    """The configuration a run was started with.

    Raises RunNotFound where there is none, ConfigError or UnreadableFile naming the file where it is damaged.
    """
    path = os.path.join(run_dir, CONFIG_FILE)
    if not os.path.exists(path):
        raise RunNotFound(f"{run_dir}: no config.json there; expected a run directory of scripts/train.py")
    return _read(path)


@contextlib.contextmanager
def claim_run_directory(run_dir: str, experiment: ExperimentConfig, chief: bool = True) -> Iterator[None]:
    """Writes `config.json` into a new run directory, or checks it against the one that is there.

    Raises ConfigError when the directory cannot be written to, holds a run of another configuration (naming
    the options that differ) or one that has lost its configuration, or another process is training in it.
    Workers other than the chief only wait for nothing.
    """
    if not chief:
        yield
        return
    with contextlib.ExitStack() as stack:
        try:
            os.makedirs(run_dir, exist_ok=True)
            lock = stack.enter_context(open(os.path.join(run_dir, ".lock"), "w", encoding="utf8"))
        except OSError as error:
            problem = error.strerror or error
            raise ConfigError(f"--run_dir={run_dir}: cannot be written to: {problem}") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ConfigError(f"--run_dir={run_dir}: another process is training there") from None
        _check_or_write(os.path.join(run_dir, CONFIG_FILE), run_dir, experiment)
        yield


def _check_or_write(path: str, run_dir: str, experiment: ExperimentConfig) -> None:
    if not os.path.exists(path):
        if os.path.exists(os.path.join(run_dir, "checkpoints")):
            # Other options would go unnoticed: what these checkpoints were trained with is not known.
            raise ConfigError(
                f"--run_dir={run_dir}: there are checkpoints but no {CONFIG_FILE}; put it back, or choose "
                "another directory"
            )
        write_whole(path, experiment.to_json().encode())
        return
    before = _read(path)
    changed = [
        f"--{name} was {old} and is {new}"
        for (name, old), (_, new) in zip(_options(before), _options(experiment))
        if old != new
    ]
    if changed:
        raise ConfigError(
            f"--run_dir={run_dir} holds a run of another configuration: {'; '.join(changed)}. "
            "Choose another directory or the same options"
        )


def _read(path: str) -> ExperimentConfig:
    text = read_text(path)
    try:
        return ExperimentConfig.from_json(text)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def _options(experiment: ExperimentConfig) -> list[tuple[str, object]]:
    return [item for group in dataclasses.asdict(experiment).values() for item in group.items()]
