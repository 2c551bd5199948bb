"""Filling the unknown places of a picture from what is known around them (pull-push)."""

from __future__ import annotations

import tensorflow as tf

_NOTHING = 1e-4


def fill_from_surroundings(image: tf.Tensor, known: tf.Tensor) -> tf.Tensor:
    """A picture whose unknown pixels are the mean of the known ones around, smoothly: float32 `[B,H,W,C]`.

    Means over ever larger blocks, weighted by how much of a block is known, fill what finer ones leave open
    (Gortler et al., "The Lumigraph", 1996, pull-push). Where nothing is known at all the answer is 0.

    image: `[B,H,W,C]`. known: `[B,H,W,1]` in [0, 1]; a pixel known by half is half filled.
    """
    image, known = tf.cast(image, tf.float32), tf.cast(known, tf.float32)
    levels = [(known * image, known)]
    while all(side % 2 == 0 for side in levels[-1][0].shape[1:3]):
        levels.append(tuple(tf.nn.avg_pool2d(values, 2, 2, "VALID") for values in levels[-1]))
    colours, weights = (tf.reduce_mean(values, axis=[1, 2], keepdims=True) for values in levels[-1])
    filled = colours / tf.maximum(weights, _NOTHING)
    for colours, weights in reversed(levels):
        # bilinear, because a block's border would show in the picture
        filled = colours + (1.0 - weights) * tf.image.resize(filled, colours.shape[1:3])
    return filled
