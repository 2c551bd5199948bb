"""From per-example losses to the one number a replica differentiates."""

from __future__ import annotations

import tensorflow as tf


def per_example_mean(values: tf.Tensor) -> tf.Tensor:
    """The mean over all axes but the first, `[B,...] -> [B]`, in float32 whatever the input's precision."""
    values = tf.cast(values, tf.float32)
    return tf.reduce_mean(values, axis=list(range(1, values.shape.rank)))


def mean_squared_difference(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
    """The mean square of `first - second`, `[B,...] -> [B]`, float32."""
    return per_example_mean(
        tf.math.squared_difference(tf.cast(first, tf.float32), tf.cast(second, tf.float32))
    )


def global_mean(per_example: tf.Tensor, num_replicas: int) -> tf.Tensor:
    """A replica's share of the mean over the global batch: `[B] -> []`.

    Gradients are summed over replicas, so a plain mean would be `num_replicas` times too large.
    Replicas are taken to hold equally many examples.
    """
    examples = tf.cast(tf.size(per_example) * num_replicas, per_example.dtype)
    return tf.reduce_sum(per_example) / examples
