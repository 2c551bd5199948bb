"""What a step's callbacks fetch from the device, and when."""

from __future__ import annotations

import types

import pytest
import tensorflow as tf

from spt_tf.training import callbacks as callbacks_module
from spt_tf.training.callbacks import Panels, ProgressBar
from spt_tf.training.checkpointing import Checkpointing
from spt_tf.training.checkpoints import StageCheckpoints
from spt_tf.training.pace import Pace
from spt_tf.training.plan import duration
from spt_tf.training.scalar_log import ScalarLog, ScalarWriter


class Model:
    """As much of a stage model as callbacks that save nothing look at."""

    loss_terms = ("pose",)
    statistics = types.SimpleNamespace(first_bad_step=lambda: (0, []))

    def __init__(self):
        self.optimizer = {"generator": tf.keras.optimizers.SGD(0.25)}

    def reset_metrics(self) -> None:
        """Nothing to reset."""


@pytest.fixture
def fetches(monkeypatch):
    """Counts how often a tensor is fetched, by whomever."""
    counter = types.SimpleNamespace(number=0)
    tensor = next(kind for kind in type(tf.constant(0)).__mro__ if "numpy" in vars(kind))
    fetch = tensor.numpy

    def count_and_fetch(self):
        counter.number += 1
        return fetch(self)

    monkeypatch.setattr(tensor, "numpy", count_and_fetch)
    return counter


@pytest.fixture
def clock(monkeypatch):
    """The bar's clock, which stands still unless it is moved."""
    clock = types.SimpleNamespace(now=100.0)
    monkeypatch.setattr(callbacks_module, "time", types.SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def _callbacks(tmp_path, hidden=False):
    return [
        ScalarLog(0, 10, "semantic", 4, ScalarWriter(str(tmp_path), "semantic", 0)),
        ProgressBar(0, 100, "semantic", hidden=hidden),
        Panels(0, 50, lambda *_: None),
        Checkpointing(StageCheckpoints(str(tmp_path)), 1000, 1000, "semantic"),
    ]


def _fetched_by_step(callbacks, steps, fetches):
    """How many scalars each step fetches, as Keras calls the callbacks."""
    container = tf.keras.callbacks.CallbackList(callbacks, add_history=True)
    for callback in callbacks:
        callback.set_model(Model())
    logs = {"pose": tf.constant(0.5), "grad_norm/generator": tf.constant(0.5)}
    counts = []
    for step in range(steps):
        fetches.number = 0
        container.on_train_batch_begin(step)
        container.on_train_batch_end(step, logs)
        counts.append(fetches.number)
    return counts


def test_logs_are_fetched_where_a_line_is_due_and_nowhere_else(tmp_path, clock, fetches):
    counts = _fetched_by_step(_callbacks(tmp_path), 20, fetches)
    assert [step for step, count in enumerate(counts, 1) if count] == [10, 20]


def test_the_bar_fetches_the_losses_every_other_second(tmp_path, clock, fetches):
    callbacks = _callbacks(tmp_path)[1:]
    assert _fetched_by_step(callbacks, 3, fetches) == [0, 0, 0]
    clock.now += 2.1
    assert _fetched_by_step(callbacks, 3, fetches) == [1, 0, 0]


def test_a_hidden_bar_fetches_nothing(tmp_path, clock, fetches):
    callbacks = _callbacks(tmp_path, hidden=True)[1:]
    clock.now += 100
    assert _fetched_by_step(callbacks, 3, fetches) == [0, 0, 0]


def test_the_bar_counts_every_step_and_tells_the_time_left_of_all_stages(tmp_path, clock, fetches, capsys):
    bar = ProgressBar(5, 100, "semantic", lambda step, pace: (200 - step) * pace.seconds / pace.steps)
    _fetched_by_step([bar], 1, fetches)
    clock.now += 60.0
    _fetched_by_step([bar], 6, fetches)
    bar.close()
    assert bar._bar.n == 12 and bar._bar.total == 100
    assert "step" in capsys.readouterr().err
    assert f"all left={duration((200 - 7) * 60.0)}" in bar._bar.postfix


def test_the_bar_goes_by_the_last_ten_minutes(clock):
    paces = []
    bar = ProgressBar(0, 10_000, "semantic", lambda step, pace: paces.append(pace) or 0.0)
    bar.set_model(Model())
    for seconds in [10.0] * 100 + [1.0] * 1000:
        clock.now += seconds
        bar.on_train_batch_end(0, {"pose": tf.constant(0.5)})
    bar.close()
    slow, fast = paces[90], paces[-1]
    assert slow.seconds / slow.steps == 10 and 590 <= slow.seconds <= 610
    assert fast.seconds / fast.steps == 1 and 590 <= fast.seconds <= 602


def test_the_bar_does_not_go_by_one_slow_step(clock):
    """The first step builds the graph, and some later one a panel's."""
    paces = []
    bar = ProgressBar(0, 10_000, "semantic", lambda step, pace: paces.append(pace) or 0.0)
    bar.set_model(Model())
    for seconds in [40.0] + [1.0] * 10 + [30.0] + [1.0] * 10:
        clock.now += seconds
        bar.on_train_batch_end(0, {"pose": tf.constant(0.5)})
    bar.close()
    assert paces[0] == Pace(0, 0)
    assert all(pace.seconds == pace.steps for pace in paces)
    assert paces[-1].steps == 20  # of 22: neither the first nor the slow one
