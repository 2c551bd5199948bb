"""How far apart two poses are: near-identical ones make no training pair."""

from __future__ import annotations

import tensorflow as tf

from spt_tf import anatomy
from spt_tf.geometry.joints import joints_present


def pose_distance(sources: tf.Tensor, candidates: tf.Tensor) -> tf.Tensor:
    """Mean distance of the joints that both have, after removing the mean shift between them.

    Args:
        sources: float32 `[Q,18,2]`, (y, x) in pixels, -1 where missing.
        candidates: float32 `[C,18,2]`.

    Returns:
        float32 `[Q,C]` in pixels; infinite where they share no joint.
    """
    there = [tf.cast(joints_present(v), tf.float32) for v in (sources, candidates)]
    joints = range(anatomy.NUM_JOINTS)
    # Joint by joint, so that every operation runs along [Q, C] and the order of each sum is fixed.
    shared = [there[0][:, j, tf.newaxis] * there[1][tf.newaxis, :, j] for j in joints]
    shifts = [sources[:, j, tf.newaxis] - candidates[tf.newaxis, :, j] for j in joints]  # [Q, C, 2]
    count = tf.add_n(shared)
    mean_y = tf.math.divide_no_nan(tf.add_n([s * d[..., 0] for s, d in zip(shared, shifts)]), count)
    mean_x = tf.math.divide_no_nan(tf.add_n([s * d[..., 1] for s, d in zip(shared, shifts)]), count)
    total = tf.add_n(
        [s * tf.sqrt((d[..., 0] - mean_y) ** 2 + (d[..., 1] - mean_x) ** 2) for s, d in zip(shared, shifts)]
    )
    return tf.where(count > 0, total / tf.maximum(count, 1.0), float("inf"))
