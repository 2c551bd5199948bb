"""A finder that trains in milliseconds, and run directories of one."""

from __future__ import annotations

import dataclasses
import os
import pathlib

import tensorflow as tf

from spt_tf.config.perception import FinderOptions, PeopleOptions, PerceptionConfig, PerceptionRun
from spt_tf.models.perception import NETWORK
from spt_tf.perception.train import build_perception_model, train_finder
from spt_tf.training.checkpoints import StageCheckpoints

CANVAS = (32, 32)


def tiny_config(**changes) -> PerceptionConfig:
    """Paper dolls at 32x32, two steps of two; `changes` by option name."""
    config = PerceptionConfig(
        PeopleOptions(height=CANVAS[0], width=CANVAS[1], looks=1),
        FinderOptions(finder_width=0.2, batch_size=2, perception_steps=2, average_decay=0.5),
    )
    for option, value in changes.items():
        [name] = [n for n in ("people", "finder") if hasattr(getattr(config, n), option)]
        group = dataclasses.replace(getattr(config, name), **{option: value})
        config = dataclasses.replace(config, **{name: group})
    return config


def run_options(run_dir, **changes) -> PerceptionRun:
    """Logs and saves every second step, and draws in this process."""
    options = dict(run_dir=str(run_dir), log_every=2, checkpoint_every=2, panel_every=4, drawing_processes=0)
    return PerceptionRun(**{**options, **changes})


def write_finder_run(run_dir, **changes) -> str:
    """The run directory of a tiny finder that has trained for two steps; returns its path."""
    train_finder(tiny_config(**changes), run_options(run_dir))
    return str(run_dir)


def write_untrained_finder(run_dir, **changes) -> str:
    """The run directory of a finder that has learned nothing and is sure to see every joint; its path."""
    config, run_dir = tiny_config(**changes), pathlib.Path(run_dir)
    run_dir.mkdir(parents=True, exist_ok=True)
    (run_dir / "config.json").write_text(config.to_json())
    finder = build_perception_model(config).finder
    (presence,) = (layer for layer in finder.layers if isinstance(layer, tf.keras.layers.Dense))
    presence.bias.assign(tf.fill(presence.bias.shape, 50.0))
    checkpoints = StageCheckpoints(str(run_dir / "checkpoints" / "perception"))
    with checkpoints.writing(step=7) as folder:
        tf.train.Checkpoint(**{NETWORK: finder}).write(os.path.join(folder, "networks"))
    return str(run_dir)
