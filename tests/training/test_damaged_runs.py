"""Runs whose newest checkpoint a disk has damaged: what training repeats, and what is read after it."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.inference import load_finished_run
from spt_tf.training import stages
from spt_tf.training.checkpoints import CheckpointMismatch, StageCheckpoints
from tests.data.folders import market_folder
from tests.tiny import CANVAS, tiny_experiment
from tests.training.run_options import assert_same_lines, logged_lines, run_options
from tests.untrained_run import write_untrained_run


def _spoil(folder, part):
    path = folder / f"{part}.data-00000-of-00001"
    path.write_bytes(path.read_bytes()[:-1] + b"?")


def _weights(run_dir, step):
    prefix = StageCheckpoints(str(run_dir / "checkpoints" / "pose_detector")).path("networks", step)
    reader = tf.train.load_checkpoint(prefix)
    return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map() if "/" in name}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run's stage pose_detector, done in four steps, and how to go on with it."""
    folder = tmp_path_factory.mktemp("damaged")
    market_folder(folder / "data", people=4, canvas=CANVAS)
    experiment = tiny_experiment(str(folder / "data"))

    def train(run_dir):
        stages.train(experiment, run_options(run_dir, stage="pose_detector"))

    train(folder / "run")
    assert len((folder / "run" / "people.csv").read_text().splitlines()) == 1 + 4
    return folder / "run", train


@pytest.mark.parametrize("finished", [True, False])
def test_training_repeats_what_a_damaged_checkpoint_held(trained, tmp_path, caplog, finished):
    run_dir, train = trained
    shutil.copytree(run_dir, tmp_path / "run")
    folder = tmp_path / "run" / "checkpoints" / "pose_detector"
    if finished:  # nobody reads the checkpoint: it is left alone
        _spoil(folder / "step-00000004", "state")
        train(tmp_path / "run")
        assert folder.joinpath("step-00000004").is_dir() and "damaged" not in caplog.text
        return
    (folder / "finished").unlink()
    _spoil(folder / "step-00000004", "state")
    train(tmp_path / "run")
    assert "step-00000004/state.data-00000-of-00001: damaged" in caplog.text
    assert "training repeats 2 steps from step 2" in caplog.text
    assert_same_lines(logged_lines(tmp_path / "run"), logged_lines(run_dir))
    expected, found = _weights(run_dir, 4), _weights(tmp_path / "run", 4)
    assert expected.keys() == found.keys()
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values, err_msg=name)


def test_a_finished_stage_that_another_starts_from_is_to_be_finished_again(trained, tmp_path):
    run_dir, _ = trained
    shutil.copytree(run_dir, tmp_path / "run")
    folder = tmp_path / "run" / "checkpoints" / "pose_detector"
    _spoil(folder / "step-00000004", "networks")
    experiment, run = tiny_experiment(), run_options(tmp_path / "run")
    stages._set_aside_damaged(("semantic",), experiment, run, chief=True)  # does not start from it
    assert StageCheckpoints(str(folder)).is_finished()
    stages._set_aside_damaged(("pose_detector", "appearance"), experiment, run, chief=True)
    assert (
        not StageCheckpoints(str(folder)).is_finished() and StageCheckpoints(str(folder)).latest_step() == 2
    )


def test_what_is_read_after_training_is_the_newest_whole_one(tmp_path, caplog):
    for step in (5, 7):
        write_untrained_run(tmp_path, (32, 32), step)
    assert load_finished_run(str(tmp_path)).step == 7
    _spoil(tmp_path / "checkpoints" / "end_to_end" / "step-00000007", "networks")
    assert load_finished_run(str(tmp_path)).step == 5
    assert "step-00000007/networks.data-00000-of-00001: damaged" in caplog.text
    assert "step 5 is read instead, 2 before it" in caplog.text


def test_a_configuration_of_other_networks_is_one_line_that_names_the_checkpoint(tmp_path):
    write_untrained_run(tmp_path, (32, 32))
    config = tmp_path / "config.json"
    config.write_text(config.read_text().replace('"generator_width": 0.04', '"generator_width": 0.1'))
    with pytest.raises(
        CheckpointMismatch, match=r"step-00000007/networks: does not fit .*config\.json"
    ) as told:
        load_finished_run(str(tmp_path))
    assert isinstance(told.value, ValueError) and "\n" not in str(told.value)
