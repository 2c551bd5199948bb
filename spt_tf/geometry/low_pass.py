"""A fixed filter that takes a grid of two pixels' period out of a picture."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

# Passes 0.98 at an eighth of a cycle a pixel, 0.75 at a quarter, nothing at a half.
_LINE = (-1 / 16, 4 / 16, 10 / 16, 4 / 16, -1 / 16)
_BRIGHTNESS = (0.299, 0.587, 0.114)


def low_pass(image: tf.Tensor) -> tf.Tensor:
    """An image without what repeats every two pixels: `[B,H,W,C]` to the same."""
    return filtered(image, _LINE)


def filtered(image: tf.Tensor, line: Sequence[float]) -> tf.Tensor:
    """Each channel of an image filtered by a line along y and x, borders mirrored: `[B,H,W,C]` to the same.

    line: weights, an odd number of them.
    """
    margin = len(line) // 2
    weights = tf.constant(line, image.dtype)
    kernel = tf.tile(
        (weights[:, tf.newaxis] * weights)[:, :, tf.newaxis, tf.newaxis], [1, 1, image.shape[3], 1]
    )
    padded = tf.pad(image, [[0, 0], [margin, margin], [margin, margin], [0, 0]], mode="SYMMETRIC")
    return tf.nn.depthwise_conv2d(padded, kernel, [1, 1, 1, 1], "VALID")


def without_grid(image: tf.Tensor, of_brightness: tf.Tensor | float) -> tf.Tensor:
    """An RGB picture whose colours are filtered by `low_pass`, and a share of its brightness: `[B,H,W,3]`.

    True pictures have next to no colour at half a cycle a pixel, but their fine lines are of brightness.

    of_brightness: 0 to 1, everywhere or `[B,H,W,1]`.
    """
    smooth = low_pass(image)
    brightness = tf.reduce_sum((image - smooth) * tf.constant(_BRIGHTNESS, image.dtype), -1, keepdims=True)
    return smooth + (1.0 - of_brightness) * brightness
