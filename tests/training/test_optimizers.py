"""Learning rates, weight averages, and rates of single stages."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.config import OptimizerConfig
from spt_tf.training.optimizers import ConstantThenLinear, averaged_weights, make_optimizer


@pytest.mark.parametrize(
    ("step", "expected"), [(0, 2.0), (49, 2.0), (50, 2.0), (75, 1.0), (100, 0.0), (120, 0.0)]
)
def test_the_rate_is_constant_then_falls_to_zero(step, expected):
    np.testing.assert_allclose(ConstantThenLinear(2.0, 100, 0.5)(tf.constant(step)), expected, atol=1e-6)


def test_decay_from_one_never_decays():
    np.testing.assert_allclose(ConstantThenLinear(2.0, 100, 1.0)(tf.constant(99)), 2.0, rtol=1e-5)


def test_the_average_is_that_of_the_weights_and_goes_away_again():
    weight = tf.Variable([0.0])
    options = OptimizerConfig(average_decay=0.5, clip_norm=0.0)
    optimizer = make_optimizer(options, "semantic", averaged=True)
    optimizer.build([weight])
    average = 0.0
    for _ in range(3):
        optimizer.apply_gradients([(tf.constant([-1.0]), weight)])
        average = 0.5 * average + 0.5 * float(weight[0])
    current = weight.numpy().copy()
    with averaged_weights(optimizer, [weight]):
        np.testing.assert_allclose(weight.numpy(), [average], rtol=1e-5)
    np.testing.assert_array_equal(weight.numpy(), current)


def test_without_an_average_nothing_changes():
    weight = tf.Variable([1.0])
    optimizer = make_optimizer(OptimizerConfig(), "semantic", averaged=True)
    optimizer.build([weight])
    with averaged_weights(optimizer, [weight]):
        assert weight.numpy() == [1.0]


def test_the_end_to_end_stage_has_a_rate_of_its_own():
    options = OptimizerConfig(learning_rate=1e-3, end_to_end_learning_rate=1e-4)
    assert options.rate("semantic") == 1e-3
    assert options.rate("end_to_end") == 1e-4
