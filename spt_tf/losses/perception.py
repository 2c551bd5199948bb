"""Losses of finding a person's parsing and joints, per example."""

from __future__ import annotations

import tensorflow as tf

from spt_tf.anatomy import NUM_LABELS
from spt_tf.losses.reduction import per_example_mean


def parsing_cross_entropy(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Mean over pixels: uint8 labels `[B,H,W]` and logits `[B,H,W,10]` -> `[B]`."""
    return per_example_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(tf.cast(labels, tf.int64), logits))


def dice_loss(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """1 - the mean Dice overlap of the labels an example has (Milletari et al., "V-Net", 2016).

    It weighs labels alike however small, as mean intersection over union does.
    uint8 labels `[B,H,W]` and logits `[B,H,W,10]` -> `[B]` in [0, 1].
    """
    truth, found = tf.one_hot(labels, NUM_LABELS), tf.nn.softmax(logits)
    overlap = 2.0 * tf.reduce_sum(truth * found, axis=[1, 2])  # [B, 10]
    size = tf.reduce_sum(truth, axis=[1, 2])
    dice = overlap / (size + tf.reduce_sum(found, axis=[1, 2]) + 1.0)
    there = tf.cast(size > 0, tf.float32)
    return 1.0 - tf.reduce_sum(there * dice, axis=1) / tf.reduce_sum(there, axis=1)


def joint_cross_entropy(heatmaps: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """How far joints that are present lie from their heatmaps, both as distributions over pixels.

    The Kullback-Leibler divergence of softmax(logits) from the heatmap divided by its sum, a mean over the
    joints present; 0 where none is. Squared error on heatmaps, of which nearly every pixel is 0, says little
    of a joint that is found in the wrong place. heatmaps, logits: `[B,H,W,18]` -> `[B]`.
    """
    shape = tf.shape(logits)
    flat = [shape[0], -1, logits.shape[-1]]
    wanted, logits = tf.reshape(heatmaps, flat), tf.reshape(logits, flat)
    total = tf.reduce_sum(wanted, axis=1)  # [B, 18]
    wanted = tf.math.divide_no_nan(wanted, total[:, tf.newaxis])
    divergence = tf.reduce_sum(wanted * (_log(wanted) - tf.nn.log_softmax(logits, axis=1)), axis=1)
    present = tf.cast(total > 0, tf.float32)  # that of the others is 0
    return tf.math.divide_no_nan(tf.reduce_sum(divergence, axis=1), tf.reduce_sum(present, axis=1))


def presence_cross_entropy(present: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Mean over joints: bool `[B,18]` and logits `[B,18]` -> `[B]`."""
    return per_example_mean(
        tf.nn.sigmoid_cross_entropy_with_logits(tf.cast(present, tf.float32), tf.cast(logits, tf.float32))
    )


def _log(probabilities: tf.Tensor) -> tf.Tensor:
    return tf.math.log(tf.maximum(probabilities, 1e-12))
