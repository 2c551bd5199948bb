"""Everything that can be known to fail is looked at before the first step, and by --dry_run."""

from __future__ import annotations

import fcntl
import os

from spt_tf.config import ConfigError, ExperimentConfig, RunConfig, find_stage
from spt_tf.data.datasets import load_pairs, load_pairs_from
from spt_tf.data.people_index import PeopleIndex
from spt_tf.pseudo_labels.search import check_can_search
from spt_tf.training.checkpoints import StageCheckpoints
from spt_tf.training.initial_run import check_initial_run
from spt_tf.training.pose_finder import build_finder_pose_detector, read_pose_finder
from spt_tf.training.run_directory import PSEUDO_LABELS, finished_stages
from spt_tf.training.start_from import find_copies
from spt_tf.training.vgg_weights import load_vgg_weights


def check_before_training(
    experiment: ExperimentConfig, run: RunConfig, stages: tuple[str, ...], people: PeopleIndex
) -> set[str]:
    """Looks at where to write, --start_from, --initial_run, pairs, pseudo-labels and VGG's filters.

    Writes nothing. Of a run directory whose options have been looked at (`check_run_directory`).
    --vgg_weights=imagenet is downloaded into Keras's cache. stages: those that are asked for.

    Returns:
        the stages that are finished, or will be once --start_from has copied them.

    Raises:
        ConfigError, DatasetError, RunNotFound, SearchError, VggDownloadError, UnreadableFile: what training
            would fail of.
    """
    _check_run_directory(run.run_dir)
    finished = finished_stages(run.run_dir)
    copies = find_copies(run.start_from, run.run_dir, experiment) if run.start_from else {}
    finished |= set(copies)
    check_starts(stages, experiment, run, finished)
    to_do = [find_stage(stage) for stage in stages if stage not in finished]
    if experiment.optimizer.initial_run and any(_is_new(spec.name, run) for spec in to_do):
        check_initial_run(experiment)
    if experiment.data.paired and to_do:
        load_pairs(experiment.data.data_dir, "train", people)
    elif any(spec.needs_pseudo_labels for spec in to_do):
        copied = any(find_stage(stage).needs_pseudo_labels for stage in copies)
        _check_pseudo_labels(experiment, run, people, run.start_from if copied else "")
    if any({"appearance_generator", "local_enhancer"} & set(spec.trains) for spec in to_do):
        load_vgg_weights(experiment.loss.vgg_weights)
        if experiment.network.pose_finder:
            read_pose_finder(experiment.network.pose_finder, build_finder_pose_detector(experiment))
    return finished


def _is_new(stage: str, run: RunConfig) -> bool:
    return not StageCheckpoints(run.path("checkpoints", stage)).latest_step()


def check_starts(
    stages: tuple[str, ...], experiment: ExperimentConfig, run: RunConfig, finished: set[str]
) -> None:
    """Raises ConfigError for a stage that begins with one that is neither finished nor asked for."""
    for stage in stages:
        for earlier in experiment.starts_from(stage):
            if earlier not in stages and earlier not in finished:
                raise ConfigError(f"--stage={stage}: stage {earlier} is not finished in {run.run_dir}")


def _check_run_directory(run_dir: str) -> None:
    folder = os.path.abspath(run_dir)
    while not os.path.exists(folder):
        folder = os.path.dirname(folder)
    if not (os.path.isdir(folder) and os.access(folder, os.W_OK | os.X_OK)):
        raise ConfigError(
            f"--run_dir={run_dir}: cannot be written to: {folder} is no folder that takes files"
        )
    lock = os.path.join(run_dir, ".lock")
    if os.path.exists(lock):
        with open(lock, encoding="utf8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                raise ConfigError(f"--run_dir={run_dir}: another process is training there") from None


def _check_pseudo_labels(
    experiment: ExperimentConfig, run: RunConfig, people: PeopleIndex, copied_from: str
) -> None:
    given = experiment.data.pseudo_labels
    if given and not os.path.exists(given):
        raise ConfigError(f"--pseudo_labels={given}: no such file")
    path = given or os.path.join(copied_from or run.run_dir, PSEUDO_LABELS)
    if os.path.exists(path):
        load_pairs_from(path, people)
    else:
        check_can_search(people)
