"""Normalisation layers: per channel for the discriminators and the pose detector, per map for the U-Net.

The only module that imports TensorFlow Addons. Both layers take statistics in float32 whatever the
precision of their input: a float16 sum over a feature map overflows.

Their gradients are written out: with y = (x - mean) / s and an upstream gradient g, that of x is
(g - mean(g) - y mean(g y)) / s. Put together by TensorFlow from those of means and products they are twice as
many operators, each of which goes over the whole map.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from spt_tf.geometry.own_gradient import own_gradient
from spt_tf.layers.shared import constant

_EPSILON = 1e-5  # of instance normalisation
_OF_CHANNEL, _OF_MAP = (1, 2), (1, 2, 3)  # axes of `[B,H,W,C]`


class InstanceNormalization(tf.keras.layers.Layer):
    """Brings each channel of each example to mean 0 and variance 1, with nothing learned.

    Maps `[B,H,W,C]` to the same shape and dtype; `C` must be static. The variance is the biased one.
    """

    def __init__(self, epsilon: float = _EPSILON, **kwargs: Any):
        super().__init__(**kwargs)
        self._epsilon = epsilon

    def call(self, features: tf.Tensor) -> tf.Tensor:
        return instance_normalized(features, self._epsilon)


class MapNormalization(tf.keras.layers.Layer):
    """Brings each example to mean 0 and variance 1 over height, width and channels together.

    One scale and one shift are learned for the whole map (method.md, Networks). Maps `[B,H,W,C]` to
    the same shape and dtype; all but `B` must be static.
    """

    def __init__(self, epsilon: float = 1e-3, **kwargs: Any):
        super().__init__(**kwargs)
        self._epsilon = epsilon

    def build(self, input_shape: tf.TensorShape) -> None:
        self.scale = self.add_weight(name="scale", shape=(), initializer="ones", dtype=tf.float32)
        self.shift = self.add_weight(name="shift", shape=(), initializer="zeros", dtype=tf.float32)
        super().build(input_shape)

    def call(self, features: tf.Tensor) -> tf.Tensor:
        # autocast hands the two scalars out in float16 under mixed precision
        scale, shift = tf.cast(self.scale, tf.float32), tf.cast(self.shift, tf.float32)
        normalized = _map_normalized(tf.cast(features, tf.float32), scale, shift, self._epsilon)
        return tf.cast(normalized, features.dtype)


def instance_normalized(features: tf.Tensor, epsilon: float = _EPSILON) -> tf.Tensor:
    """As `InstanceNormalization`."""

    @own_gradient
    def normalize(features: tf.Tensor) -> tuple[tf.Tensor, Callable]:
        normalized = _of_tensorflow_addons(epsilon, features.shape[-1])(features)
        # as in there, so that a graph takes them once
        _, variance = tf.nn.moments(features, constant(_OF_CHANNEL), keepdims=True)
        inverse = tf.math.rsqrt(variance + constant(epsilon, tf.float32))  # 1 / s
        backward = _backward_scope()

        def gradient(upstream: tf.Tensor) -> tf.Tensor:
            with backward():
                axes = constant(_OF_CHANNEL)
                along = tf.reduce_mean(upstream * normalized, axes, keepdims=True)
                level = tf.reduce_mean(upstream, axes, keepdims=True)
                return (upstream - level - normalized * along) * inverse

        return normalized, gradient

    return tf.cast(normalize(tf.cast(features, tf.float32)), features.dtype)


def _map_normalized(features: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor, epsilon: float) -> tf.Tensor:
    """Float32 `[B,H,W,C]`, all but B known; scale and shift float32 scalars."""

    @own_gradient
    def normalize(features: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor) -> tuple[tf.Tensor, Callable]:
        axes = constant(_OF_MAP)
        mean = tf.reduce_mean(features, axes, keepdims=True)  # [B,1,1,1]
        variance = tf.reduce_mean(tf.math.squared_difference(features, mean), axes, keepdims=True)
        inverse = tf.math.rsqrt(variance + constant(epsilon, tf.float32))  # 1 / s
        slope, backward = inverse * scale, _backward_scope()

        def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
            with backward():
                centred, axes = features - mean, constant(_OF_MAP)
                whole = tf.reduce_sum(upstream, axes, keepdims=True)  # [B,1,1,1], as what follows
                along = tf.reduce_sum(upstream * centred, axes, keepdims=True) * inverse
                share = constant(1.0 / features.shape[1:].num_elements(), tf.float32)
                rest = upstream - whole * share - centred * (along * inverse * share)
                everything = constant((0, *_OF_MAP))
                return rest * slope, tf.reduce_sum(along, everything), tf.reduce_sum(whole, everything)

        return features * slope + (shift - mean * slope), gradient

    return normalize(features, scale, shift)


def _backward_scope() -> Callable:
    """The scope of a gradient, named as TensorFlow names the gradients of its own."""
    return functools.partial(tf.name_scope, f"gradient_tape/{tf.get_current_name_scope()}/")


@functools.cache
def _of_tensorflow_addons(epsilon: float, channels: int) -> tf.keras.layers.Layer:
    """Imports it when it is first needed: who only draws people has none of these, and starts sooner."""
    with warnings.catch_warnings():
        # TensorFlow Addons announces its end of life, and names the versions it was tried with, at an import.
        warnings.filterwarnings("ignore", r"\s*TensorFlow Addons \(TFA\) has ended", UserWarning)
        warnings.filterwarnings("ignore", r"\s*Tensorflow Addons supports", UserWarning)
        import tensorflow_addons as tfa

    class InstanceNormalization(tfa.layers.InstanceNormalization):
        def _reshape_into_groups(self, inputs: tf.Tensor, *_: Any) -> tuple[tf.Tensor, None]:
            """As there, where a group is a channel, without the 16 operators of a shape for nobody."""
            return inputs, None

    return InstanceNormalization(epsilon=epsilon, center=False, scale=False, dtype="float32")
