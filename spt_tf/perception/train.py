"""Trains the finder: one stage, with the run directory, checkpoints, logs and panels of every training."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Iterator

import numpy as np
import tensorflow as tf
from absl import logging

from spt_tf import visualize
from spt_tf.config.option import ConfigError
from spt_tf.config.perception import STAGE, PerceptionConfig, PerceptionRun
from spt_tf.data.atomic_write import write_whole
from spt_tf.data.datasets import load_people
from spt_tf.data.images_read_again import naming_changed_images
from spt_tf.data.people_index import PeopleIndex
from spt_tf.models.perception import PerceptionModel
from spt_tf.networks.person_finder import Findings, person_finder
from spt_tf.perception.decoding import decode_pose
from spt_tf.perception.examples import KEYS, perception_batches
from spt_tf.perception.finder import load_finder, read_perception_config
from spt_tf.training.changes import describe, find_changes
from spt_tf.training.checkpoints import StageCheckpoints
from spt_tf.training.fit import fit_stage
from spt_tf.training.host_memory import keep_freed_memory
from spt_tf.training.optimizers import make_optimizers
from spt_tf.training.panels import PanelWriter
from spt_tf.training.run_directory import CONFIG_FILE, lock_run_directory
from spt_tf.training.strategy import is_chief, make_strategy
from spt_tf.training.validation import Validator

_PANEL_PEOPLE = 8


def train_finder(config: PerceptionConfig, run: PerceptionRun, validator: Validator | None = None) -> None:
    """Trains, carrying on from what the run directory holds.

    validator: scores held-out people every `run.validate_every` steps.
    Raises ConfigError for what cannot be run, DatasetError, TrainingDiverged, TrainingInterrupted.
    """
    strategy, batch_size = make_strategy(), config.finder.batch_size  # before TensorFlow reads a picture
    people = None
    if config.people.data_dir:
        # whoever lacks a torso joint is still to be found
        people = load_people(config.people.data_dir, "train", config.canvas, require_torso=False)
        logging.info("%s", people.report.summary())
    if batch_size % strategy.num_replicas_in_sync:
        replicas = strategy.num_replicas_in_sync
        raise ConfigError(f"--batch_size={batch_size}: expected a multiple of the {replicas} replicas")
    checkpoints = StageCheckpoints(
        run.path("checkpoints", STAGE), run.keep_checkpoints, chief=is_chief(strategy)
    )
    total = config.finder.perception_steps
    _check_run_directory(run.run_dir, config)
    if run.dry_run:
        start = checkpoints.latest_step()
        if config.finder.start_from and not start:
            _weights_to_start_from(config)
        state = "finished" if checkpoints.is_finished() else f"{start} done"
        print(f"{STAGE}: {total} steps of {batch_size} people, {state}")
        return
    tf.keras.mixed_precision.set_global_policy(run.precision)
    with _claimed(run.run_dir, config, checkpoints.chief):
        if checkpoints.is_finished():
            logging.info("%s is finished", run.run_dir)
            return
        checkpoints.set_aside_damaged("state", "statistics")
        start = checkpoints.latest_step()
        model = _prepare_model(config, run, strategy, start)
        keep_freed_memory()
        with naming_changed_images(people) if people else contextlib.nullcontext():
            draw = PanelWriter(run.run_dir, STAGE, _panel_of(config, people)) if checkpoints.chief else None
            batches = perception_batches(config, people, batch_size, start, run.drawing_processes)
            fit_stage(model, STAGE, batches, batch_size, total, run, checkpoints, draw, validator)


@contextlib.contextmanager
def _claimed(run_dir: str, config: PerceptionConfig, chief: bool) -> Iterator[None]:
    """Writes `config.json` into a new run directory; raises as `_check_run_directory`."""
    if not chief:
        yield
        return
    with lock_run_directory(run_dir):
        _check_run_directory(run_dir, config)
        path = os.path.join(run_dir, CONFIG_FILE)
        if not os.path.exists(path):
            write_whole(path, config.to_json().encode())
        yield


def _check_run_directory(run_dir: str, config: PerceptionConfig) -> None:
    """Raises ConfigError where there is a run of another configuration."""
    if not os.path.exists(os.path.join(run_dir, CONFIG_FILE)):
        return
    changes = find_changes(read_perception_config(run_dir), config)
    if changes:
        raise ConfigError(
            f"--run_dir={run_dir} holds a run of another configuration: {'; '.join(describe(changes))}. "
            "Choose another directory or the same options"
        )


def build_perception_model(config: PerceptionConfig) -> PerceptionModel:
    """The model with all its variables made, untrained."""
    tf.keras.utils.set_random_seed(config.people.seed)
    options = config.finder
    model = PerceptionModel(
        person_finder(options.finder_width),
        config.canvas,
        config.sigma,
        options.joint_weight,
        options.presence_weight,
        config.people.seed,
    )
    nobody = (tf.zeros([1, *config.canvas, 3], tf.uint8), tf.zeros([1, *config.canvas], tf.uint8))
    model.create_variables(dict(zip(KEYS, (*nobody, -tf.ones([1, 18, 2])))))
    return model


def _prepare_model(
    config: PerceptionConfig, run: PerceptionRun, strategy: tf.distribute.Strategy, start: int
) -> PerceptionModel:
    with strategy.scope():
        model = build_perception_model(config)
        if config.finder.start_from and not start:  # later a checkpoint has all weights
            model.finder.set_weights(_weights_to_start_from(config))
        optimizers = make_optimizers(config.finder, STAGE, model.variable_groups())
        model.compile(optimizers, config.finder.clip_norm, jit_compile=run.xla)
    return model


def _weights_to_start_from(config: PerceptionConfig) -> list[np.ndarray]:
    """Raises ConfigError where another network has them, RunNotFound."""
    other, width = load_finder(config.finder.start_from), config.finder.finder_width
    if other.config.finder.finder_width != width:
        raise ConfigError(
            f"--start_from={config.finder.start_from}: a network of --finder_width="
            f"{other.config.finder.finder_width}, this one is of {width}"
        )
    return other.network.get_weights()


def _panel_of(config: PerceptionConfig, people: PeopleIndex | None) -> functools.partial:
    batch = next(iter(perception_batches(config, people, _PANEL_PEOPLE).take(1)))
    return functools.partial(draw_panel, batch=batch)


def draw_panel(model: PerceptionModel, batch: dict[str, tf.Tensor]) -> np.ndarray:
    """A row a person: the image, the true parsing and pose, and those found; uint8 `[h,w,3]` RGB."""
    images, labels, keypoints = (batch[key].numpy() for key in KEYS)
    found = Findings(*model.finder(tf.cast(images, tf.float32) / 127.5 - 1.0, training=False))
    parsings = tf.argmax(found.parsing, axis=-1).numpy()
    poses = decode_pose(found).keypoints.numpy()
    canvas = images.shape[1:3]
    rows = [
        [
            image,
            visualize.parsing_image(true_labels),
            visualize.parsing_image(parsing),
            visualize.skeleton_image(true_pose, canvas),
            visualize.skeleton_image(pose, canvas),
        ]
        for image, true_labels, parsing, true_pose, pose in zip(images, labels, parsings, keypoints, poses)
    ]
    titles = ["image", "parsing", "found", "pose", "found"]
    return visualize.panel(rows, titles, scale=max(1, round(128 / canvas[0])))
