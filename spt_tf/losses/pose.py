"""The pose loss L_pose, and the pose detector's own loss."""

from __future__ import annotations

import tensorflow as tf

from spt_tf.losses.reduction import mean_squared_difference


def pose_loss(predicted_heatmaps: tf.Tensor, target_heatmaps: tf.Tensor) -> tf.Tensor:
    """`|| P(I) - p ||^2` as a mean over elements: two `[B,H,W,18] -> [B]` float32."""
    return mean_squared_difference(predicted_heatmaps, target_heatmaps)
