"""Normalisation layers: per channel for the discriminators and the pose detector, per map for the U-Net.

The only module that imports TensorFlow Addons. Both layers take statistics in float32 whatever the
precision of their input: a float16 sum over a feature map overflows.
"""

from __future__ import annotations

import warnings
from typing import Any

import tensorflow as tf


class InstanceNormalization(tf.keras.layers.Layer):
    """Brings each channel of each example to mean 0 and variance 1, with nothing learned.

    Maps `[B,H,W,C]` to the same shape and dtype; `C` must be static. The variance is the biased one.
    """

    def __init__(self, epsilon: float = 1e-5, **kwargs: Any):
        super().__init__(**kwargs)
        self._normalize = _of_tensorflow_addons(epsilon)

    def call(self, features: tf.Tensor) -> tf.Tensor:
        return tf.cast(self._normalize(tf.cast(features, tf.float32)), features.dtype)


def _of_tensorflow_addons(epsilon: float) -> tf.keras.layers.Layer:
    """Imports it when it is first needed: who only draws people has none of these, and starts sooner."""
    with warnings.catch_warnings():
        # TensorFlow Addons announces its end of life, and names the versions it was tried with, at an import.
        warnings.filterwarnings("ignore", r"\s*TensorFlow Addons \(TFA\) has ended", UserWarning)
        warnings.filterwarnings("ignore", r"\s*Tensorflow Addons supports", UserWarning)
        import tensorflow_addons as tfa
    return tfa.layers.InstanceNormalization(epsilon=epsilon, center=False, scale=False, dtype="float32")


class MapNormalization(tf.keras.layers.Layer):
    """Brings each example to mean 0 and variance 1 over height, width and channels together.

    One scale and one shift are learned for the whole map (method.md, Networks). Maps `[B,H,W,C]` to
    the same shape and dtype.
    """

    def __init__(self, epsilon: float = 1e-3, **kwargs: Any):
        super().__init__(**kwargs)
        self._epsilon = epsilon

    def build(self, input_shape: tf.TensorShape) -> None:
        self.scale = self.add_weight(name="scale", shape=(), initializer="ones", dtype=tf.float32)
        self.shift = self.add_weight(name="shift", shape=(), initializer="zeros", dtype=tf.float32)
        super().build(input_shape)

    def call(self, features: tf.Tensor) -> tf.Tensor:
        wide = tf.cast(features, tf.float32)
        mean, variance = tf.nn.moments(wide, axes=[1, 2, 3], keepdims=True)  # [B,1,1,1]
        # autocast hands the two scalars out in float16 under mixed precision
        scale, shift = tf.cast(self.scale, tf.float32), tf.cast(self.shift, tf.float32)
        normalized = tf.nn.batch_normalization(wide, mean, variance, shift, scale, self._epsilon)
        return tf.cast(normalized, features.dtype)
