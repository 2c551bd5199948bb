"""Checkpoints of a stage: kept, found, whole or not there."""

from __future__ import annotations

import errno
import hashlib
import os
import pathlib

import pytest
import tensorflow as tf

from spt_tf.data.file_reading import UnreadableFile
from spt_tf.training.checkpoints import (
    CheckpointMismatch,
    CheckpointNotWritten,
    StageCheckpoints,
    build_from_networks,
    read_networks,
)


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


def test_networks_are_built_from_a_checkpoint_without_drawing_values_first(tmp_path):
    checkpoints = StageCheckpoints(str(tmp_path))
    _write(checkpoints, 5, value=3.0)
    prefix = checkpoints.path("networks")

    def drawn(shape, dtype=None):
        raise RuntimeError("values were drawn")

    def network(units: int):
        return tf.keras.Sequential([tf.keras.layers.Dense(units, bias_initializer=drawn)])

    fresh = network(1)
    build_from_networks(lambda: fresh(tf.zeros([1, 1])), {prefix: {"net": fresh}})
    assert fresh.layers[0].bias.numpy() == [3.0]
    wider = network(2)
    with pytest.raises(CheckpointMismatch, match=r"step-00000005/networks: does not fit"):
        build_from_networks(lambda: wider(tf.zeros([1, 1])), {prefix: {"net": wider}})
    missing = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    with pytest.raises(CheckpointMismatch, match=r"step-00000005/networks: does not fit"):
        build_from_networks(lambda: missing(tf.zeros([1, 1])), {prefix: {"other": missing}})


def test_a_stage_is_finished_once_marked(tmp_path):
    checkpoints = StageCheckpoints(str(tmp_path))
    _write(checkpoints, 5)
    assert not checkpoints.is_finished()
    checkpoints.finish()
    assert checkpoints.is_finished()


def _flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGES = {
    "networks.data-00000-of-00001: damaged": lambda folder: _flip(folder / "networks.data-00000-of-00001"),
    "networks.index: damaged": lambda folder: (folder / "networks.index").write_bytes(b""),
    "networks.index: No such file": lambda folder: (folder / "networks.index").unlink(),
    "SHA256SUMS: damaged": lambda folder: (folder / "SHA256SUMS").write_text("?"),
    "SHA256SUMS: says nothing of networks": lambda folder: (folder / "SHA256SUMS").write_text(""),
    "SHA256SUMS, row 1: expected UTF-8": lambda folder: (folder / "SHA256SUMS").write_bytes(b"\xff"),
}


@pytest.mark.parametrize("problem", DAMAGES)
def test_a_damaged_checkpoint_is_passed_over_and_named(tmp_path, caplog, problem):
    checkpoints = StageCheckpoints(str(tmp_path))
    _write(checkpoints, 5, value=3.0)
    _write(checkpoints, 15)
    assert checkpoints.whole_step("networks") == 15
    DAMAGES[problem](tmp_path / "step-00000015")
    assert checkpoints.whole_step("networks") == 5
    assert f"step-00000015/{problem}" in caplog.text and "step 5 is read instead, 10 before it" in caplog.text
    checkpoints.finish()
    checkpoints.set_aside_damaged("networks")
    assert checkpoints.latest_step() == 5 and not checkpoints.is_finished()
    assert (tmp_path / "step-00000015.damaged").is_dir()
    assert "training repeats 10 steps from step 5" in caplog.text
    _write(checkpoints, 15)
    assert checkpoints.is_finished() and checkpoints.whole_step("networks") == 15


@pytest.mark.parametrize("problem", list(DAMAGES)[:3])
def test_tensorflow_tells_of_damage_where_an_older_version_left_no_checksums(tmp_path, problem):
    checkpoints = StageCheckpoints(str(tmp_path))
    for step in (5, 15):
        _write(checkpoints, step)
        (tmp_path / f"step-{step:08d}" / "SHA256SUMS").unlink()
    assert checkpoints.whole_step("networks", "statistics") == 15
    DAMAGES[problem](tmp_path / "step-00000015")
    assert checkpoints.whole_step("networks", "statistics") == 5


def test_where_every_checkpoint_is_damaged_nothing_is_touched(tmp_path):
    checkpoints = StageCheckpoints(str(tmp_path))
    assert checkpoints.whole_step("networks") == 0
    for step in (5, 15):
        _write(checkpoints, step)
        _flip(tmp_path / f"step-{step:08d}" / "networks.data-00000-of-00001")
    for call in (checkpoints.whole_step, checkpoints.set_aside_damaged):
        with pytest.raises(UnreadableFile, match=r"no undamaged checkpoint is left .*00000015.*00000005"):
            call("networks")
    assert checkpoints.steps() == [5, 15]


def test_the_checksums_are_those_that_sha256sum_reads(tmp_path):
    _write(StageCheckpoints(str(tmp_path)), 5)
    for line in (tmp_path / "step-00000005" / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        content = (tmp_path / "step-00000005" / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest


def test_a_full_disk_leaves_the_checkpoints_before(tmp_path, monkeypatch):
    checkpoints = StageCheckpoints(str(tmp_path))
    _write(checkpoints, 5)
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    for error in (full, tf.errors.ResourceExhaustedError(None, None, "No space left on device")):
        refused = pytest.raises(CheckpointNotWritten, match=r"step-00000010: .*No space left.* step 5")
        with refused as told, checkpoints.writing(10) as temporary:
            (pathlib.Path(temporary) / "state.index").write_bytes(b"half")
            raise error
        assert "\n" not in str(told.value)
        assert os.listdir(tmp_path) == ["step-00000005"] and checkpoints.whole_step("networks") == 5
