"""Checkpoints that a stage goes on from."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from spt_tf.training.checkpointing import Checkpointing
from spt_tf.training.checkpoints import StageCheckpoints
from spt_tf.training.scalar_log import ScalarLog, ScalarWriter
from tests.training.descent import Descent
from tests.training.run_options import logged_lines


def _train(run_dir, xs):
    """Goes on from the newest checkpoint with a step for each of `xs`, and writes a checkpoint at the end."""
    checkpoints = StageCheckpoints(str(run_dir / "checkpoints"))
    start = checkpoints.latest_step()
    model = Descent()
    model.create_variables({"source_keypoints": tf.ones([1, 18, 2])})
    model.compile({"generator": tf.keras.optimizers.SGD(0.0)})
    keypoints = tf.reshape(tf.constant(xs, tf.float32), [-1, 1, 1]) * tf.ones([1, 18, 2])
    data = tf.data.Dataset.from_tensor_slices({"source_keypoints": keypoints}).batch(1)
    writer = ScalarWriter(str(run_dir), "semantic", start)
    checkpointing = Checkpointing(checkpoints, 100, start + len(xs), "semantic")
    model.fit(data, verbose=0, callbacks=[ScalarLog(start, 4, "semantic", 1, writer), checkpointing])
    checkpointing.restore_signals()


def _norms(run_dir):
    return [line["grad_norm/generator"] for line in logged_lines(run_dir)]


def test_a_window_that_a_checkpoint_cuts_in_two_has_the_mean_of_both_halves(tmp_path):
    """The gradient's norm is x."""
    _train(tmp_path, [1.0, 2.0])
    _train(tmp_path, [3.0, 6.0])
    np.testing.assert_allclose(_norms(tmp_path), [3.0], rtol=1e-6)


def test_a_checkpoint_of_an_older_version_has_no_statistics(tmp_path):
    _train(tmp_path, [1.0, 2.0])
    for file in (tmp_path / "checkpoints" / "step-00000002").glob("statistics*"):
        file.unlink()
    _train(tmp_path, [3.0, 6.0])
    np.testing.assert_allclose(_norms(tmp_path), [4.5], rtol=1e-6)
