"""Keypoints as Gaussian heatmaps, the form in which the networks see a pose."""

from __future__ import annotations

import tensorflow as tf

from spt_tf.geometry.joints import joints_present


def keypoint_heatmaps(keypoints: tf.Tensor, canvas: tuple[int, int], sigma: float = 6.0) -> tf.Tensor:
    """Draws each joint as exp(-distance^2 / (2 sigma^2)), peak 1.

    Args:
        keypoints: `[B,18,2]`, (y, x) in pixels, -1 where missing.
        canvas: (height, width).
        sigma: standard deviation in pixels.

    Returns:
        float32 `[B,H,W,18]` in [0, 1]; zero maps for missing joints.
    """
    keypoints = tf.cast(keypoints, tf.float32)
    height, width = canvas
    present = tf.cast(joints_present(keypoints), tf.float32)[:, tf.newaxis]  # [B, 1, 18]
    rows = tf.range(height, dtype=tf.float32)[tf.newaxis, :, tf.newaxis] - keypoints[:, tf.newaxis, :, 0]
    columns = tf.range(width, dtype=tf.float32)[tf.newaxis, :, tf.newaxis] - keypoints[:, tf.newaxis, :, 1]
    scale = -0.5 / sigma**2
    # A Gaussian is a product of one along y and one along x, so exp runs over H + W values, not H * W.
    along_y = tf.exp(scale * rows**2) * present  # [B, H, 18]
    along_x = tf.exp(scale * columns**2)  # [B, W, 18]
    return along_y[:, :, tf.newaxis] * along_x[:, tf.newaxis]
