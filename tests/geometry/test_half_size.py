import numpy as np
import pytest
import tensorflow as tf

from spt_tf.geometry.half_size import double_parsing, half_image, half_keypoints, half_parsing
from tests.shared_files import shared_golden


def test_halves_are_the_authors():
    arrays = shared_golden("generator_256.npz")
    halved = half_image(tf.cast(arrays["image"][np.newaxis], tf.float32) / 127.5 - 1.0)[0]
    grey_levels = (halved.numpy() + 1.0) * 127.5 - arrays["image_half"]
    # Pillow rounds to whole grey levels after each of its two passes
    assert np.abs(grey_levels).max() < 1.6 and np.abs(grey_levels).mean() < 0.4
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
