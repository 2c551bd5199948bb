"""The content loss L_cont: cycle consistency in feature space."""

from __future__ import annotations

import tensorflow as tf

from spt_tf.losses.reduction import mean_squared_difference


def content_loss(features_a: tf.Tensor, features_b: tf.Tensor) -> tf.Tensor:
    """`|| Lambda(I~_ps) - Lambda(I_ps) ||^2` as a mean over elements: two `[B,h,w,C] -> [B]` float32."""
    return mean_squared_difference(features_a, features_b)
