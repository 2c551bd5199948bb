"""Checkpoints of a stage: kept, found, whole or not there."""

from __future__ import annotations

import os

import pytest
import tensorflow as tf

from spt_tf.training.checkpoints import StageCheckpoints, read_networks


def _write(checkpoints, step, value=0.0):
    temporary = checkpoints.begin()
    network = tf.keras.Sequential([tf.keras.layers.Dense(1, kernel_initializer="ones")])
    network.build((None, 1))
    network.layers[0].bias.assign([value])
    tf.train.Checkpoint(net=network).write(os.path.join(temporary, "networks"))
    checkpoints.commit(temporary, step)
    return network


def test_the_newest_are_kept_and_found(tmp_path):
    checkpoints = StageCheckpoints(str(tmp_path), keep=2)
    assert checkpoints.latest_step() == 0
    for step in (5, 10, 15):
        _write(checkpoints, step)
    assert checkpoints.steps() == [10, 15]
    assert checkpoints.path("state") == str(tmp_path / "step-00000015" / "state")


def test_half_a_checkpoint_is_none(tmp_path):
    checkpoints = StageCheckpoints(str(tmp_path))
    _write(checkpoints, 5)
    killed_here = checkpoints.begin()
    assert os.path.isdir(killed_here)
    assert StageCheckpoints(str(tmp_path)).latest_step() == 5
    _write(checkpoints, 10)
    assert sorted(os.listdir(tmp_path)) == ["step-00000005", "step-00000010"]


def test_a_worker_that_is_not_the_chief_leaves_nothing(tmp_path):
    _write(StageCheckpoints(str(tmp_path), chief=False), 5)
    assert os.listdir(tmp_path) == []


def test_networks_are_read_back_by_name_and_missing_ones_noticed(tmp_path):
    checkpoints = StageCheckpoints(str(tmp_path))
    _write(checkpoints, 5, value=3.0)
    fresh = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    fresh.build((None, 1))
    read_networks(checkpoints.path("networks"), {"net": fresh})
    assert fresh.layers[0].bias.numpy() == [3.0]
    with pytest.raises(AssertionError):
        read_networks(checkpoints.path("networks"), {"other": fresh})


def test_a_stage_is_finished_once_marked(tmp_path):
    checkpoints = StageCheckpoints(str(tmp_path))
    _write(checkpoints, 5)
    assert not checkpoints.is_finished()
    checkpoints.finish()
    assert checkpoints.is_finished()
