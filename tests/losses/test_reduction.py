"""Means per example, whatever the precision and the number of replicas."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.losses.reduction import global_mean, mean_squared_difference, per_example_mean


def test_per_example_mean_keeps_the_batch():
    values = tf.reshape(tf.range(12.0), [2, 3, 2, 1])
    assert per_example_mean(values).numpy().tolist() == [2.5, 8.5]


@pytest.mark.parametrize("shape", [[3], [3, 4], [3, 4, 5, 2]])
def test_mean_squared_difference_of_any_rank(shape):
    out = mean_squared_difference(tf.fill(shape, 3.0), tf.fill(shape, 1.0))
    assert out.numpy().tolist() == [4.0, 4.0, 4.0]


def test_float16_values_are_squared_in_float32():
    out = mean_squared_difference(tf.fill([1, 2], tf.constant(300.0, tf.float16)), tf.zeros([1, 2]))
    assert out.dtype == tf.float32
    assert out.numpy().tolist() == [90000.0]  # above float16's 65504


def test_replicas_shares_add_up_to_the_mean_over_the_global_batch():
    values = np.array([1.0, 2.0, 4.0, 9.0], np.float32)
    shares = [float(global_mean(tf.constant(part), num_replicas=2)) for part in (values[:2], values[2:])]
    assert shares == [0.75, 3.25]
    assert sum(shares) == float(global_mean(tf.constant(values), num_replicas=1)) == values.mean()
