"""What a step's callbacks fetch from the device, and when."""

from __future__ import annotations

import types

import pytest
import tensorflow as tf

from spt_tf.training import callbacks as callbacks_module
from spt_tf.training.callbacks import Panels, ProgressBar
from spt_tf.training.checkpointing import Checkpointing
from spt_tf.training.checkpoints import StageCheckpoints
from spt_tf.training.scalar_log import ScalarLog, ScalarWriter


class Scalar:
    """Stands for a scalar on the device; counts how often any of them is fetched."""

    fetched = 0

    def numpy(self) -> float:
        Scalar.fetched += 1
        return 0.5


class Model:
    """As much of a stage model as callbacks that save nothing look at."""

    loss_terms = ("pose",)
    statistics = types.SimpleNamespace(first_bad_step=lambda: (0, []))

    def __init__(self):
        self.optimizer = {"generator": tf.keras.optimizers.SGD(0.25)}

    def reset_metrics(self) -> None:
        """Nothing to reset."""


LOGS = {"pose": Scalar(), "grad_norm/generator": Scalar()}


@pytest.fixture
def clock(monkeypatch):
    """The bar's clock, which stands still unless it is moved."""
    clock = types.SimpleNamespace(now=100.0)
    monkeypatch.setattr(callbacks_module, "time", types.SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def _callbacks(tmp_path, hidden=False):
    return [
        ScalarLog(0, 10, "semantic", 4, ScalarWriter(str(tmp_path), "semantic", 0)),
        ProgressBar(0, 100, "semantic", batch_size=4, hidden=hidden),
        Panels(0, 50, lambda *_: None),
        Checkpointing(StageCheckpoints(str(tmp_path)), 1000, 1000, "semantic"),
    ]


def _fetched_by_step(callbacks, steps):
    """How many scalars each step fetched, when Keras hands over logs that are still on the device."""
    container = tf.keras.callbacks.CallbackList(callbacks, add_history=True)
    for callback in callbacks:
        callback.set_model(Model())
    counts = []
    for step in range(steps):
        Scalar.fetched = 0
        container.on_train_batch_begin(step)
        container.on_train_batch_end(step, LOGS)
        counts.append(Scalar.fetched)
    return counts


def test_logs_are_fetched_where_a_line_is_due_and_nowhere_else(tmp_path, clock):
    assert _fetched_by_step(_callbacks(tmp_path), 20) == [0] * 9 + [2] + [0] * 9 + [2]


def test_the_bar_fetches_the_losses_every_other_second(tmp_path, clock):
    callbacks = _callbacks(tmp_path)[1:]
    assert _fetched_by_step(callbacks, 3) == [0, 0, 0]
    clock.now += 2.1
    assert _fetched_by_step(callbacks, 3) == [1, 0, 0]


def test_a_hidden_bar_fetches_nothing(tmp_path, clock):
    callbacks = _callbacks(tmp_path, hidden=True)[1:]
    clock.now += 100
    assert _fetched_by_step(callbacks, 3) == [0, 0, 0]


def test_the_bar_counts_every_image(tmp_path, clock):
    bar = ProgressBar(5, 100, "semantic", batch_size=4)
    _fetched_by_step([bar], 7)
    bar.close()
    assert bar._bar.n == 4 * 12
