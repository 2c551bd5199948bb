"""Halved images, parsings and keypoints against the authors', and their gradients."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.geometry.half_size import double_parsing, half_image, half_keypoints, half_parsing
from tests.golden_arrays import golden, in_unit_range


# Pillow rounds and clips to whole grey levels after each of its two passes, ours once and without rounding:
# the second picture touches 0 and 255
@pytest.mark.parametrize(("name", "largest"), [("generator", 1.6), ("generator_market_shape", 5.0)])
def test_halves_are_the_authors(name, largest):
    arrays = golden(f"{name}.npz")
    halved = half_image(tf.constant(in_unit_range(arrays["image"][np.newaxis])))[0]
    grey_levels = (halved.numpy() + 1.0) * 127.5 - arrays["image_half"]
    assert np.abs(grey_levels).max() < largest and np.abs(grey_levels).mean() < 0.4
    for person in ("source", "target"):
        keypoints = arrays[f"{person}_keypoints_yx"].astype(np.float32)
        np.testing.assert_array_equal(half_keypoints(keypoints), arrays[f"{person}_keypoints_half_yx"])


def test_a_constant_image_stays_constant_to_its_borders():
    np.testing.assert_allclose(
        half_image(tf.fill([1, 12, 8, 3], 0.75)), np.full([1, 6, 4, 3], 0.75), atol=1e-6
    )


def test_what_was_doubled_is_halved_to_itself_exactly():
    parsing = tf.nn.softmax(tf.random.normal([2, 6, 4, 10]))
    doubled = double_parsing(parsing)
    np.testing.assert_array_equal(half_parsing(doubled), parsing)
    np.testing.assert_allclose(doubled[:, 1, 0], (parsing[:, 0, 0] + parsing[:, 1, 0]) / 2, atol=1e-6)
    np.testing.assert_allclose(tf.reduce_sum(doubled, axis=-1), np.ones([2, 12, 8]), atol=1e-5)


@pytest.mark.parametrize("function", [half_image, double_parsing])
def test_gradients_are_adjoint(function):
    """<y, A x> = <A^T y, x>, far from where the image is clipped."""
    x = tf.random.uniform([1, 8, 6, 3], -0.1, 0.1)
    with tf.GradientTape() as tape:
        tape.watch(x)
        image = function(x)
        y = tf.random.normal(image.shape)
        product = tf.reduce_sum(y * image)
    np.testing.assert_allclose(tf.reduce_sum(tape.gradient(product, x) * x), product, rtol=1e-4)
