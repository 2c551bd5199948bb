"""A run directory: one configuration at a time, whose changes are recorded, and one training at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from typing import TypeVar

from absl import logging

from spt_tf.config import STAGES, ConfigError, ExperimentConfig
from spt_tf.config.grouped import Grouped
from spt_tf.data.atomic_write import write_whole
from spt_tf.data.file_reading import read_text
from spt_tf.training.changes import Changes, Progress, describe, find_changes, refusals
from spt_tf.training.checkpoints import StageCheckpoints
from spt_tf.training.people_record import PEOPLE_FILE

CONFIG_FILE = "config.json"
PSEUDO_LABELS = "pseudo_labels.csv"
_Config = TypeVar("_Config", bound=Grouped)


class RunNotFound(ValueError):
    """The directory is no run, or its training has not come far enough."""


def read_config(run_dir: str | os.PathLike) -> ExperimentConfig:
    """The configuration a run goes by, with all changes since it began.

    Raises RunNotFound where there is none, ConfigError or UnreadableFile naming the file where it is damaged.
    """
    return read_config_of(ExperimentConfig, run_dir, "scripts/train.py")


def read_config_of(kind: type[_Config], run_dir: str | os.PathLike, script: str) -> _Config:
    """The same of a run of another kind, which is trained by `script`."""
    path = os.path.join(run_dir, CONFIG_FILE)
    if not os.path.exists(path):
        wanted = f"expected a run directory of {script}"
        raise RunNotFound(f"{os.fspath(run_dir)}: no config.json there; {wanted}")
    return _read(path, kind)


@contextlib.contextmanager
def claim_run_directory(
    run_dir: str,
    experiment: ExperimentConfig,
    chief: bool = True,
    record: Callable[[Changes], None] = lambda changes: None,
) -> Iterator[None]:
    """Writes `config.json` into a new run directory, or brings the one that is there up to date.

    record: is told the changes, of a new directory none, before `config.json` is written.
    Raises ConfigError as `check_run_directory` and `lock_run_directory`. Workers other than the chief only
    wait for nothing.
    """
    if not chief:
        yield
        return
    with lock_run_directory(run_dir):
        changes = check_run_directory(run_dir, experiment)
        if changes:
            logging.warning("this run goes on with other options: %s", "; ".join(describe(changes)))
        record(changes)
        path = os.path.join(run_dir, CONFIG_FILE)
        if changes or not os.path.exists(path):
            write_whole(path, experiment.to_json().encode())
        yield


@contextlib.contextmanager
def lock_run_directory(run_dir: str) -> Iterator[None]:
    """Makes the directory, and keeps other trainings out of it; raises ConfigError where that cannot be."""
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
        yield


def check_run_directory(run_dir: str, experiment: ExperimentConfig) -> Changes:
    """The options in which an experiment differs from the run that a directory holds; writes nothing.

    Raises ConfigError, naming option and reason, where finished or begun stages forbid one of them, and where
    the directory has checkpoints but no configuration.
    """
    path = os.path.join(run_dir, CONFIG_FILE)
    if not os.path.exists(path):
        if os.path.exists(os.path.join(run_dir, "checkpoints")):
            # Other options would go unnoticed: what these checkpoints were trained with is not known.
            raise ConfigError(
                f"--run_dir={run_dir}: there are checkpoints but no {CONFIG_FILE}; put it back, or choose "
                "another directory"
            )
        return {}
    changes = find_changes(_read(path, ExperimentConfig), experiment)
    searched = os.path.exists(os.path.join(run_dir, PSEUDO_LABELS))
    knows_people = os.path.exists(os.path.join(run_dir, PEOPLE_FILE))
    reasons = refusals(changes, read_progress(run_dir), searched, knows_people)
    if reasons:
        refused = [
            f"{one} ({reasons[name]})" for name, one in zip(changes, describe(changes)) if name in reasons
        ]
        raise ConfigError(
            f"--run_dir={run_dir} holds a run of another configuration: {'; '.join(refused)}. "
            "Choose another directory or the same options"
        )
    return changes


def read_progress(run_dir: str) -> dict[str, Progress]:
    """How far the stages have come that have begun."""
    found = {}
    for stage in STAGES:
        checkpoints = StageCheckpoints(os.path.join(run_dir, "checkpoints", stage))
        progress = Progress(checkpoints.latest_step(), checkpoints.is_finished())
        if progress != (0, False):
            found[stage] = progress
    return found


def finished_stages(run_dir: str) -> set[str]:
    """The stages that are finished."""
    return {stage for stage, progress in read_progress(run_dir).items() if progress.finished}


def _read(path: str, kind: type[_Config]) -> _Config:
    text = read_text(path)
    try:
        return kind.from_json(text)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error
