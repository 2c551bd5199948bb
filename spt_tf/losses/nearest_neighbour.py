"""The nearest-neighbour loss of Siarohin et al., "Deformable GANs", Section 3.3; it needs true pairs."""

from __future__ import annotations

import tensorflow as tf

from spt_tf.losses.reduction import per_example_mean

NEIGHBOURHOOD = 5
_FAR = 1e9  # features beyond the border: never the nearest, since the pixel itself is a candidate


def nearest_neighbour_loss(
    generated: tf.Tensor, true: tf.Tensor, neighbourhood: int = NEIGHBOURHOOD
) -> tf.Tensor:
    """`sum_p min_{q in N(p)} || g(I~)(p) - g(I)(q) ||_1`: features `[B,h,w,C]` twice -> `[B]` float32.

    The sums over pixels (as in the authors' code) and channels are means, so that the loss does not depend on
    their numbers. No gradient flows into `true`.

    neighbourhood: the side of the square N(p), odd; 1 compares pixel by pixel.
    """
    nearest = tf.stop_gradient(_nearest(generated, true, neighbourhood))
    return per_example_mean(tf.abs(tf.cast(generated, tf.float32) - nearest))


def _nearest(generated: tf.Tensor, true: tf.Tensor, neighbourhood: int) -> tf.Tensor:
    """Each pixel's nearest true features: the gradient of a minimum is that at its place.

    Shifted one by one, so that two maps are kept instead of one for each neighbour.
    """
    generated, true = (tf.stop_gradient(tf.cast(features, tf.float32)) for features in (generated, true))
    height, width, reach = true.shape[1], true.shape[2], neighbourhood // 2
    margin = [reach, reach]
    padded = tf.pad(true, [[0, 0], margin, margin, [0, 0]], constant_values=_FAR)
    nearest, best = true, tf.reduce_sum(tf.abs(generated - true), axis=-1, keepdims=True)
    for row in range(neighbourhood):
        for column in range(neighbourhood):
            candidate = padded[:, row : row + height, column : column + width]
            distance = tf.reduce_sum(tf.abs(generated - candidate), axis=-1, keepdims=True)
            nearest = tf.where(distance < best, candidate, nearest)
            best = tf.minimum(distance, best)
    return nearest
