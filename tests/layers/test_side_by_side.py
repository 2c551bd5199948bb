"""Maps side by side are TensorFlow's concatenation, and so is their gradient."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.geometry.own_gradient import differentiate_by_own_tapes
from spt_tf.layers.side_by_side import side_by_side


def _step(join, maps, upstream):
    differentiate_by_own_tapes()
    with tf.GradientTape() as tape:
        tape.watch(maps)
        joined = join(maps)
    return joined, tape.gradient(joined, maps, output_gradients=upstream)


@pytest.mark.parametrize("channels", [(3, 1, 5), (4, 4), (2,)])
def test_values_and_gradients_are_those_of_a_concatenation(channels):
    draw = np.random.default_rng(0)
    maps = [tf.constant(draw.normal(size=(2, 3, 4, count)), tf.float32) for count in channels]
    upstream = tf.constant(draw.normal(size=(2, 3, 4, sum(channels))), tf.float32)
    joined, gradients = tf.function(lambda: _step(side_by_side, maps, upstream))()
    expected, exact = _step(lambda maps: tf.concat(maps, axis=-1), maps, upstream)
    np.testing.assert_array_equal(joined, expected)
    for gradient, one in zip(gradients, exact):
        np.testing.assert_array_equal(gradient, one)


def test_a_step_splits_the_gradient_by_one_operator():
    maps = [tf.TensorSpec([2, 3, 4, 5], tf.float32)] * 2

    @tf.function
    def step(*maps):
        return _step(side_by_side, maps, tf.concat(maps, axis=-1))[1]

    kinds = [one.type for one in step.get_concrete_function(*maps).graph.get_operations()]
    assert kinds.count("SplitV") + kinds.count("Split") == 1
    assert not {"ConcatOffset", "Slice"} & set(kinds)
