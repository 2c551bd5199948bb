"""The stages in order: pose detector, semantic, appearance, (enhancer,) end-to-end (Section 3.3)."""

from __future__ import annotations

import dataclasses
import functools
import os
from concurrent.futures import ThreadPoolExecutor

import tensorflow as tf
from absl import logging

from spt_tf.config import ConfigError, ExperimentConfig, RunConfig, find_stage
from spt_tf.data.datasets import load_pairs, load_pairs_from, load_people
from spt_tf.data.images_read_again import naming_changed_images
from spt_tf.data.people_index import PeopleIndex
from spt_tf.data.pipeline import training_batches
from spt_tf.models import conditioning
from spt_tf.models.stage_model import StageModel
from spt_tf.networks.finder_pose_detector import FinderPoseDetector
from spt_tf.pseudo_labels.search import search_pseudo_labels
from spt_tf.training.build import build_stage_model
from spt_tf.training.changes import Changes
from spt_tf.training.checkpoints import StageCheckpoints, saved_networks, wait_for_file
from spt_tf.training.fit import fit_stage
from spt_tf.training.history import add_to_history, examples_seen, read_history
from spt_tf.training.host_memory import free_stage, keep_freed_memory
from spt_tf.training.initial_run import read_initial_networks
from spt_tf.training.optimizers import make_optimizers
from spt_tf.training.panels import PanelWriter, draw_panel
from spt_tf.training.people_record import check_people_record, hold_pairs, write_people_record
from spt_tf.training.plan import Plan, check_disk, make_plan
from spt_tf.training.pose_finder import read_pose_finder
from spt_tf.training.preflight import check_before_training, check_starts
from spt_tf.training.run_directory import (
    PSEUDO_LABELS,
    check_run_directory,
    claim_run_directory,
    finished_stages,
    read_config,
)
from spt_tf.training.start_from import RECORD_FILE, copy_stages
from spt_tf.training.strategy import is_chief, make_strategy
from spt_tf.training.validation import Validator

_PANEL_PEOPLE = 8


def train(
    experiment: ExperimentConfig,
    run: RunConfig,
    validator: Validator | None = None,
    strategy: tf.distribute.Strategy | None = None,
) -> None:
    """Runs the asked stages, carrying on from what the run directory holds; finished ones are skipped.

    validator: scores a held-out set every `run.validate_every` steps. strategy: `make_strategy()`, of callers
    who use TensorFlow before: several workers' has to come first.
    Raises ConfigError for what cannot be run, UnreadableFile for what cannot be read, OSError for what cannot
    be written, TrainingDiverged for a loss that is not a number, TrainingInterrupted after a signal.
    """
    strategy = strategy or make_strategy()
    people = load_people(experiment.data.data_dir, "train", experiment.canvas)
    logging.info("%s", people.report.summary())
    stages = experiment.stages if run.stage == "all" else (run.stage,)
    if not set(stages) <= set(experiment.stages):
        raise ConfigError(f"--stage={run.stage}: this run's stages are {', '.join(experiment.stages)}")
    replicas = strategy.num_replicas_in_sync
    if experiment.optimizer.batch_size % replicas:
        raise ConfigError(
            f"--batch_size={experiment.optimizer.batch_size}: expected a multiple of the {replicas} replicas"
        )
    if experiment.optimizer.batch_size % (replicas * run.accumulate):
        raise ConfigError(
            f"--accumulate={run.accumulate}: --batch_size={experiment.optimizer.batch_size} on {replicas} "
            "replicas does not come apart into so many equal parts"
        )
    _check_people(experiment, run, people)
    finished = check_before_training(experiment, run, stages, people)
    chief, plan = is_chief(strategy), None
    if chief:
        plan = make_plan(experiment, run, stages, finished)
        print("\n".join(plan.lines()), check_disk(plan, run), sep="\n", flush=True)
    if run.dry_run:
        return
    tf.keras.mixed_precision.set_global_policy(run.precision)
    record = functools.partial(_record, stages, run)
    with claim_run_directory(run.run_dir, experiment, chief, record):
        if chief:
            write_people_record(run.run_dir, people)
        if run.start_from:
            if chief:
                copied = copy_stages(run.start_from, run.run_dir, experiment)
                logging.info("copied from %s: %s", run.start_from, ", ".join(copied) or "nothing")
            wait_for_file(run.path(RECORD_FILE))
        _set_aside_damaged(stages, experiment, run, chief)
        # a stage that lost its last checkpoint is not finished any more
        check_starts(stages, experiment, run, finished_stages(run.run_dir))
        for stage in stages:
            checkpoints = _checkpoints(run, stage, chief)
            if checkpoints.is_finished():
                logging.info("stage %s is finished", stage)
                continue
            pairs = None
            if experiment.data.paired:
                pairs = load_pairs(experiment.data.data_dir, "train", people).pairs
            elif find_stage(stage).needs_pseudo_labels:
                pairs = _pseudo_label_pairs(experiment, run, people, chief)
            if pairs:
                hold_pairs(run.run_dir, stage, pairs, checkpoints.latest_step() > 0, chief)
            with naming_changed_images(people):
                _train_stage(stage, experiment, run, people, pairs, strategy, checkpoints, validator, plan)
            free_stage(validator)


def _check_people(experiment: ExperimentConfig, run: RunConfig, people: PeopleIndex) -> None:
    """Raises ConfigError where options or people are not those that the run, or the one it copies, had."""
    check_run_directory(run.run_dir, experiment)  # first: at another size everybody is another
    check_people_record(run.run_dir, people)
    if run.start_from:
        theirs = read_config(run.start_from)
        if (theirs.data.data_dir, theirs.canvas) == (experiment.data.data_dir, experiment.canvas):
            check_people_record(run.start_from, people)


def _record(stages: tuple[str, ...], run: RunConfig, changes: Changes) -> None:
    """Writes into the run's history where this call goes on from, and with which changes."""
    to_do = [stage for stage in stages if not _checkpoints(run, stage).is_finished()]
    stage = (to_do or stages[-1:])[0]
    options = {f.name: getattr(run, f.name) for f in dataclasses.fields(run)}
    given = {f.name: options[f.name] for f in dataclasses.fields(run) if options[f.name] != f.default}
    add_to_history(run.run_dir, stage, _checkpoints(run, stage).latest_step(), changes, given)


def _checkpoints(run: RunConfig, stage: str, chief: bool = True) -> StageCheckpoints:
    return StageCheckpoints(run.path("checkpoints", stage), run.keep_checkpoints, chief)


def _set_aside_damaged(
    stages: tuple[str, ...], experiment: ExperimentConfig, run: RunConfig, chief: bool
) -> None:
    """Of the checkpoints that training is about to read; a stage that lost its last one is to be finished.

    From the last stage back, since a stage that is to be finished reads those it starts from.
    """
    for stage in reversed(stages):
        if _checkpoints(run, stage).is_finished():
            continue
        read = [
            functools.partial(_checkpoints(run, earlier, chief).set_aside_damaged, "networks")
            for earlier in experiment.starts_from(stage)
            if _checkpoints(run, earlier).is_finished()
        ]
        read.append(
            functools.partial(_checkpoints(run, stage, chief).set_aside_damaged, "state", "statistics")
        )
        with ThreadPoolExecutor() as threads:  # a second a gigabyte, each on a core of its own
            for done in [threads.submit(one) for one in read]:
                done.result()


def _pseudo_label_pairs(
    experiment: ExperimentConfig, run: RunConfig, people: PeopleIndex, chief: bool
) -> tuple[tuple[str, str], ...]:
    """S_pt* of every training person: the given file, or one searched for once per run."""
    path = experiment.data.pseudo_labels or run.path(PSEUDO_LABELS)
    if not os.path.exists(path):
        if chief:
            data = experiment.data
            search_pseudo_labels(people, path, data.pseudo_label_top_k, per_pixel=data.pseudo_label_per_pixel)
        else:
            wait_for_file(path)
    return load_pairs_from(path, people).pairs


def _prepare_model(
    stage: str, experiment: ExperimentConfig, run: RunConfig, strategy: tf.distribute.Strategy
) -> StageModel:
    with strategy.scope():
        read = _networks_of_earlier(stage, experiment, run)
        model = build_stage_model(experiment, stage, read)
        earlier = set().union(*read.values())
        new = {name: network for name, network in model.networks().items() if name not in earlier}
        pose_detector = model.networks().get("pose_detector")
        if isinstance(pose_detector, FinderPoseDetector):
            read_pose_finder(experiment.network.pose_finder, pose_detector)
            del new["pose_detector"]
        if experiment.optimizer.initial_run and not _checkpoints(run, stage).latest_step():
            read_initial_networks(experiment.optimizer.initial_run, new)
        optimizers = make_optimizers(experiment.optimizer, stage, model.variable_groups())
        model.compile(optimizers, experiment.optimizer.clip_norm, run.xla, run.accumulate)
    return model


def _networks_of_earlier(stage: str, experiment: ExperimentConfig, run: RunConfig) -> dict[str, set[str]]:
    """The networks that earlier stages hand on to one, by the checkpoint of the last that has them.

    A converted run saved no discriminators.
    """
    found: dict[str, set[str]] = {}
    for earlier in experiment.starts_from(stage):
        prefix = _checkpoints(run, earlier).path("networks")
        handed_on = saved_networks(prefix).intersection(find_stage(earlier).hands_on)
        found = {before: names - handed_on for before, names in found.items()} | {prefix: handed_on}
    return found


def _train_stage(
    stage: str,
    experiment: ExperimentConfig,
    run: RunConfig,
    people: PeopleIndex,
    pairs: tuple[tuple[str, str], ...] | None,
    strategy: tf.distribute.Strategy,
    checkpoints: StageCheckpoints,
    validator: Validator | None,
    plan: Plan | None,
) -> None:
    model = _prepare_model(stage, experiment, run, strategy)
    keep_freed_memory()  # not before: what making the variables took goes back to the system
    spec = find_stage(stage)
    total, start = experiment.optimizer.steps(stage), checkpoints.latest_step()
    batch_size, data = experiment.optimizer.batch_size, experiment.data
    seen = examples_seen(read_history(run.run_dir), stage, start, batch_size)

    def batches(size: int, start_example: int) -> tf.data.Dataset:
        stream = training_batches(
            people,
            pairs,
            size,
            seed=data.seed,
            start_example=start_example,
            flip=data.flip,
            with_target_image=data.paired,
            strangers=data.stranger_poses if spec.takes_strangers else 0.0,
        )
        return stream.map(conditioning.half_batch) if experiment.at_half_size(stage) else stream

    left = functools.partial(plan.by_now(run.run_dir, batch_size).seconds_left, stage) if plan else None
    draw = None
    if checkpoints.chief:
        columns = spec.panel_paired if data.paired else spec.panel

        @functools.cache  # the first panel is soon enough
        def panel_people() -> dict[str, tf.Tensor]:
            return next(iter(batches(_PANEL_PEOPLE, 0).take(1)))

        draw = PanelWriter(run.run_dir, stage, lambda model: draw_panel(model, panel_people(), columns))
    fit_stage(
        model, stage, batches(batch_size, seen), batch_size, total, run, checkpoints, draw, validator, left
    )
