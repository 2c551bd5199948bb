"""Affine warps pixel by pixel, their gradients, and transforms at other levels."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.geometry.warp import affine_warp, rescale_transforms

TRANSFORMS = np.array(
    [
        [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0],
        [0.8, -0.5, 2.3, 0.6, 0.9, -1.4, 0.0, 0.0],
        [-1.2, 0.1, 6.7, 0.2, 0.4, 3.1, 0.0, 0.0],
        [1.0, 0.0, 1e9, 0.0, 1.0, -1e9, 0.0, 0.0],
    ],
    np.float32,
)


def slow_warp(image: np.ndarray, transform: np.ndarray, canvas: tuple[int, int]) -> np.ndarray:
    """One picture, one pixel and one neighbour at a time."""
    result = np.zeros((*canvas, image.shape[2]))
    for y, x in np.ndindex(canvas):
        a0, a1, a2, b0, b1, b2 = transform[:6].astype(float)
        source_x, source_y = a0 * x + a1 * y + a2, b0 * x + b1 * y + b2
        for row in (int(np.floor(source_y)), int(np.floor(source_y)) + 1):
            for column in (int(np.floor(source_x)), int(np.floor(source_x)) + 1):
                if 0 <= row < image.shape[0] and 0 <= column < image.shape[1]:
                    weight = (1 - abs(source_y - row)) * (1 - abs(source_x - column))
                    result[y, x] += weight * image[row, column]
    return result


def warp_and_gradient(images, transforms, upstream, xla=False):
    @tf.function(jit_compile=xla)
    def both(images):
        with tf.GradientTape() as tape:
            tape.watch(images)
            warped = affine_warp(images, tf.constant(transforms), upstream.shape[1:3])
        return warped, tape.gradient(warped, images, tf.cast(upstream, images.dtype))

    return both(tf.constant(images))


@pytest.mark.parametrize("xla", [False, True])
@pytest.mark.parametrize("channels", [3, 40])
def test_values_against_pixel_by_pixel(channels, xla):
    images = np.random.default_rng(0).normal(size=(4, 9, 7, channels)).astype(np.float32)
    warped, _ = warp_and_gradient(images, TRANSFORMS, np.zeros((4, 6, 8, channels), np.float32), xla)
    for image, transform, result in zip(images, TRANSFORMS, warped):
        np.testing.assert_allclose(result, slow_warp(image, transform, (6, 8)), atol=1e-5)


@pytest.mark.parametrize("xla", [False, True])
def test_gradient_is_the_adjoint(xla):
    generator = np.random.default_rng(1)
    images = generator.normal(size=(4, 9, 7, 5)).astype(np.float32)
    upstream = generator.normal(size=(4, 6, 8, 5)).astype(np.float32)
    warped, gradient = warp_and_gradient(images, TRANSFORMS, upstream, xla)
    # <y, A x> = <A^T y, x> for each example
    left = np.sum(upstream.astype(float) * warped, axis=(1, 2, 3))
    right = np.sum(gradient.numpy().astype(float) * images, axis=(1, 2, 3))
    np.testing.assert_allclose(left, right, rtol=1e-5, atol=1e-5)
    assert np.abs(left[:3]).min() > 0.1


def test_gradient_through_a_compiled_function_called_outside_of_it():
    images = tf.random.normal([4, 9, 7, 5])
    compiled = tf.function(lambda x: affine_warp(x, tf.constant(TRANSFORMS)), jit_compile=True)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(images)
        inside, eager = (tf.reduce_sum(f(images) ** 2) for f in (compiled, compiled.python_function))
    np.testing.assert_allclose(tape.gradient(inside, images), tape.gradient(eager, images), atol=1e-4)


@pytest.mark.parametrize("dtype", [tf.float16, tf.bfloat16])
def test_half_precision_sums_in_float32(dtype):
    images = np.random.default_rng(2).normal(size=(4, 9, 7, 3)).astype(np.float32)
    images = tf.cast(images, dtype)
    upstream = np.ones((4, 9, 7, 3), np.float32)
    warped, gradient = warp_and_gradient(images, TRANSFORMS, upstream)
    exact, exact_gradient = warp_and_gradient(tf.cast(images, tf.float32), TRANSFORMS, upstream)
    assert warped.dtype == dtype and gradient.dtype == dtype
    np.testing.assert_array_equal(warped, tf.cast(exact, dtype))
    np.testing.assert_array_equal(gradient, tf.cast(exact_gradient, dtype))


def test_rescaled_transforms_read_the_same_place():
    level = rescale_transforms(tf.constant(TRANSFORMS[1]), (128, 64), (16, 32)).numpy()
    a0, a1, a2, b0, b1, b2 = level[:6]
    # level pixel (y 5, x 6) is canvas pixel (y 40, x 12)
    expected_x = 0.8 * 12 - 0.5 * 40 + 2.3
    expected_y = 0.6 * 12 + 0.9 * 40 - 1.4
    np.testing.assert_allclose([a0 * 6 + a1 * 5 + a2, b0 * 6 + b1 * 5 + b2], [expected_x / 2, expected_y / 8])


def test_centred_transforms_read_between_the_same_centres():
    level = rescale_transforms(tf.constant(TRANSFORMS[1]), (128, 64), (16, 32), centred=True).numpy()
    a0, a1, a2, b0, b1, b2 = level[:6]
    # the centre of level pixel (y 5, x 6) is at canvas (y 8 * 5 + 3.5, x 2 * 6 + 0.5)
    canvas_x = 0.8 * 12.5 - 0.5 * 43.5 + 2.3
    canvas_y = 0.6 * 12.5 + 0.9 * 43.5 - 1.4
    expected = [(canvas_x - 0.5) / 2, (canvas_y - 3.5) / 8]
    np.testing.assert_allclose([a0 * 6 + a1 * 5 + a2, b0 * 6 + b1 * 5 + b2], expected, rtol=1e-5)


def test_only_centred_transforms_turn_a_level_about_its_middle():
    turned = tf.constant([-1.0, 0.0, 63.0, 0.0, -1.0, 127.0, 0.0, 0.0])  # half a turn of a 128x64 canvas
    centred, published = (
        rescale_transforms(turned, (128, 64), (16, 8), way).numpy() for way in (True, False)
    )
    np.testing.assert_allclose(centred[[2, 5]], [7.0, 15.0])  # pixel i goes to 7 - i, 15 - i
    np.testing.assert_allclose(published[[2, 5]], [7.875, 15.875])
