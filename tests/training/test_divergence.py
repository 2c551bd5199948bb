"""That a run which has stopped making sense says so, with the step, and saves nothing of it."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.training.checkpointing import Checkpointing
from spt_tf.training.checkpoints import StageCheckpoints
from spt_tf.training.divergence import TrainingDiverged, check_finite_weights
from spt_tf.training.scalar_log import ScalarLog, ScalarWriter
from tests.training.descent import Descent


def _fit(xs, tmp_path, log_every, checkpoint_every, devices=("/cpu:0",), learning_rate=0.1):
    """Trains on batches of two examples; where it diverged, what was said, and the checkpoints there are."""
    strategy = tf.distribute.MirroredStrategy(
        list(devices), cross_device_ops=tf.distribute.ReductionToOneDevice()
    )
    keypoints = tf.reshape(tf.constant(xs, tf.float32), [-1, 1, 1]) * tf.ones([1, 18, 2])
    data = tf.data.Dataset.from_tensor_slices({"source_keypoints": keypoints}).batch(2)
    with strategy.scope():
        model = Descent()
        model.create_variables({"source_keypoints": tf.ones([1, 18, 2])})
        model.compile({"generator": tf.keras.optimizers.SGD(learning_rate)})
    checkpoints = StageCheckpoints(str(tmp_path / "checkpoints"), keep=100)
    steps = len(xs) // 2
    callbacks = [
        ScalarLog(0, log_every, "semantic", 2, ScalarWriter(str(tmp_path), "semantic", 0)),
        Checkpointing(checkpoints, checkpoint_every, steps, "semantic"),
    ]
    with pytest.raises(TrainingDiverged) as diverged:
        model.fit(data, epochs=1, verbose=0, callbacks=callbacks)
    callbacks[1].restore_signals()
    return str(diverged.value), checkpoints.steps()


@pytest.mark.parametrize("devices", [("/cpu:0",), ("/cpu:0", "/cpu:1")])
@pytest.mark.parametrize("place", [4, 5])
def test_the_step_named_is_the_first_bad_one_however_late_it_is_noticed(tmp_path, devices, place):
    """The bad example is the first or the second replica's; step 3 is bad, step 5 logs, step 6 would save."""
    xs = np.ones(12)
    xs[place] = np.nan
    message, kept = _fit(xs, tmp_path, log_every=5, checkpoint_every=6, devices=devices)
    assert message.startswith("stage semantic, step 3: product, ")
    assert kept == []


def test_a_checkpoint_that_comes_before_the_next_line_is_not_written(tmp_path):
    xs = np.ones(12)
    xs[6] = np.inf
    message, kept = _fit(xs, tmp_path, log_every=100, checkpoint_every=1)
    assert "step 4: product" in message
    assert kept == [1, 2, 3]


def test_weights_that_overflow_are_not_saved_though_the_losses_are_fine(tmp_path):
    """One step of descent by 3e38 * 1e4 leaves the numbers; no loss has been looked at since."""
    message, kept = _fit(np.full(4, 1e4), tmp_path, log_every=100, checkpoint_every=1, learning_rate=3e38)
    assert "step 1: weights of line, " in message
    assert kept == []


def test_a_gradient_that_overflows_is_named_in_its_own_step(tmp_path):
    """Its norm squares it: beyond float32 from 2e19 on."""
    message, kept = _fit([1, 1, 3e19, 3e19], tmp_path, log_every=100, checkpoint_every=1, learning_rate=0.0)
    assert "step 2: grad_norm/generator not finite" in message
    assert kept == [1]


def test_the_state_of_an_optimizer_is_looked_at_too():
    model = Descent()
    model.create_variables({"source_keypoints": tf.ones([1, 18, 2])})
    model.compile({"generator": tf.keras.optimizers.Adam(0.1)})
    check_finite_weights(model, "semantic", 7)
    [velocity] = model.optimizer["generator"]._velocities
    velocity.assign(np.inf * tf.ones_like(velocity))
    with pytest.raises(TrainingDiverged, match="step 7: optimizer state of generator not finite"):
        check_finite_weights(model, "semantic", 7)
