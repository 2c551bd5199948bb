"""The nearest-neighbour loss by its definition, and its gradient."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.losses.nearest_neighbour import nearest_neighbour_loss


def _brute_force(generated: np.ndarray, true: np.ndarray, reach: int) -> np.ndarray:
    """The definition, pixel by pixel."""
    batch, height, width, channels = generated.shape
    total = np.zeros(batch)
    for b, y, x in np.ndindex(batch, height, width):
        near = true[b, max(y - reach, 0) : y + reach + 1, max(x - reach, 0) : x + reach + 1]
        total[b] += np.abs(near - generated[b, y, x]).sum(-1).min()
    return total / (height * width * channels)


@pytest.mark.parametrize("neighbourhood", [1, 3, 5])
def test_it_is_the_definition(neighbourhood):
    generated, true = np.random.default_rng(0).normal(size=(2, 2, 7, 6, 3)).astype(np.float32)
    loss = nearest_neighbour_loss(tf.constant(generated), tf.constant(true), neighbourhood)
    np.testing.assert_allclose(loss, _brute_force(generated, true, neighbourhood // 2), rtol=1e-5)


def test_pixel_by_pixel_it_is_the_mean_absolute_difference():
    generated, true = tf.random.normal([2, 2, 4, 4, 3])
    loss = nearest_neighbour_loss(generated, true, 1)
    np.testing.assert_allclose(loss, tf.reduce_mean(tf.abs(generated - true), axis=[1, 2, 3]), rtol=1e-6)


@pytest.mark.parametrize(("shift", "free"), [((2, 0), True), ((-1, 2), True), ((0, 3), False)])
def test_a_shift_of_up_to_two_pixels_costs_nothing(shift, free):
    picture = tf.pad(tf.random.normal([1, 4, 4, 2]), [[0, 0], [4, 4], [4, 4], [0, 0]])
    loss = nearest_neighbour_loss(tf.roll(picture, shift, axis=[1, 2]), picture)
    assert (float(loss[0]) == 0.0) == free


def test_its_gradient_is_that_at_the_nearest_pixel():
    true = tf.constant([[[[0.0], [3.0], [9.0]]]])
    with tf.GradientTape() as tape:
        generated = tf.constant([[[[1.0], [8.0], [9.5]]]])
        tape.watch([generated, true])
        loss = nearest_neighbour_loss(generated, true, 3)
    np.testing.assert_allclose(loss, [(1.0 + 1.0 + 0.5) / 3])
    to_generated, to_true = tape.gradient(loss, [generated, true])
    np.testing.assert_allclose(to_generated[0, 0, :, 0], np.array([1.0, -1.0, 1.0]) / 3)
    assert to_true is None
