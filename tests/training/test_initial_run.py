"""Runs whose networks begin as those of another run, at another canvas."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.config import ConfigError
from spt_tf.training import stages
from spt_tf.training.checkpoints import StageCheckpoints
from spt_tf.training.run_directory import RunNotFound
from tests.data.folders import market_folder
from tests.tiny import tiny_experiment
from tests.training.run_options import run_options

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A run of all four stages at 32x32, whose networks move."""
    folder = tmp_path_factory.mktemp("small")
    market_folder(folder, people=4, canvas=(32, 32))
    stages.train(tiny_experiment(str(folder), average_decay=0.5), run_options(folder / "run"))
    return str(folder / "run")


@pytest.fixture(scope="module")
def larger_data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("larger")
    market_folder(folder, people=4, canvas=(64, 32))
    return str(folder)


def _weights(run_dir, stage: str) -> dict[str, np.ndarray]:
    prefix = StageCheckpoints(f"{run_dir}/checkpoints/{stage}").path("networks")
    return {
        name: tf.train.load_variable(prefix, name)
        for name, _ in tf.train.list_variables(prefix)
        if name.endswith("VARIABLE_VALUE") and "save_counter" not in name
    }


def _same(some: dict[str, np.ndarray], all_of_them: dict[str, np.ndarray]) -> bool:
    return all(np.array_equal(value, all_of_them[name]) for name, value in some.items())


def test_networks_begin_with_the_last_weights_of_a_run_of_another_canvas(small, larger_data, tmp_path):
    for stage, rate in (("pose_detector", 0.0), ("semantic", 1e-3), ("appearance", 0.0)):
        experiment = tiny_experiment(larger_data, height=64, initial_run=small, learning_rate=rate)
        stages.train(experiment, run_options(tmp_path, stage=stage))
    theirs = {**_weights(small, "pose_detector"), **_weights(small, "appearance")}
    before = dict(theirs)
    theirs |= _weights(small, "end_to_end")
    ours, learned = _weights(tmp_path, "appearance"), _weights(tmp_path, "semantic")
    semantic = {name for name in ours if name.startswith("semantic_generator")}
    begun = {name: value for name, value in ours.items() if name not in semantic}
    assert len(begun) > 40 and _same(begun, theirs) and not _same(begun, before)
    # what this run has learned comes before what the other had
    frozen = {name: ours[name] for name in semantic}
    assert len(frozen) > 10 and _same(frozen, learned) and not _same(frozen, theirs)


def test_networks_of_other_shapes_are_refused_before_training(small, larger_data, tmp_path):
    def begin(**changes):
        options = {"height": 64, "initial_run": small, **changes}
        stages.train(tiny_experiment(larger_data, **options), run_options(tmp_path / "run", dry_run=True))

    with pytest.raises(
        ConfigError, match=r"--initial_run=.*others: --generator_width is 0\.04 there and 0\.08"
    ):
        begin(generator_width=0.08)
    with pytest.raises(RunNotFound, match="nowhere"):
        begin(initial_run=str(tmp_path / "nowhere"))
