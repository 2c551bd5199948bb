"""TensorBoard's points after kills: each step once."""

from __future__ import annotations

import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from spt_tf.training.event_files import drop_events_after
from spt_tf.training.scalar_log import ScalarWriter


def _steps(folder):
    events = EventAccumulator(str(folder), {"tensors": 0})
    events.Reload()
    return [event.step for event in events.Tensors("semantic/loss")]


def _run(run_dir, start, stop):
    """A process that logs from one step to another and is killed there."""
    writer = ScalarWriter(str(run_dir), "semantic", start)
    for step in range(start + 1, stop + 1):
        writer.write(step, {"loss": float(step)})


def test_killed_runs_show_every_step_once(tmp_path):
    for start, stop in ((0, 7), (4, 9), (9, 9), (8, 12), (0, 3)):
        _run(tmp_path, start, stop)
        assert sorted(_steps(tmp_path / "tensorboard" / "semantic")) == list(range(1, stop + 1))


def test_other_stages_keep_their_points_and_a_file_that_a_kill_cut_off_is_mended(tmp_path):
    _run(tmp_path, 0, 5)
    [path] = (tmp_path / "tensorboard" / "semantic").iterdir()
    path.write_bytes(path.read_bytes()[:-3])
    ScalarWriter(str(tmp_path), "appearance", 0)
    assert _steps(path.parent) == [1, 2, 3, 4]
    drop_events_after(path.parent, 5)
    assert [path.name] == [kept.name for kept in path.parent.iterdir()]
    assert len(list(tf.data.TFRecordDataset(str(path)))) == 5  # the version, and four points


def test_nothing_there_is_nothing_to_do(tmp_path):
    drop_events_after(tmp_path / "none", 3)
