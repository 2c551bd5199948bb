"""The blocks that networks are stacked from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from spt_tf.geometry.low_pass import filtered
from spt_tf.layers.convolutions import Convolution, Doubling, unpadded
from spt_tf.layers.dropout import DropoutSeed, channel_dropout
from spt_tf.layers.normalization import MapNormalization, instance_normalized
from spt_tf.layers.shapes_alone import make_variables
from spt_tf.layers.shared import called_alike


def normal_initializer() -> tf.keras.initializers.Initializer:
    """A fresh N(0, 0.02) initializer: every convolution starts so (method.md, Appearance losses)."""
    return tf.keras.initializers.RandomNormal(0.0, 0.02)


def convolution(filters: int, kernel_size: int, **kwargs: Any) -> Convolution:
    """A 2-D convolution from N(0, 0.02); stride 1 and zero padding to the same size by default."""
    kwargs.setdefault("padding", "same")
    return Convolution(filters, kernel_size, kernel_initializer=normal_initializer(), **kwargs)


def reflect_pad(features: tf.Tensor, margin: int) -> tf.Tensor:
    """Mirrors `margin` pixels over each border: `[B,H,W,C] -> [B,H+2*margin,W+2*margin,C]`."""
    return tf.pad(features, [[0, 0], [margin, margin], [margin, margin], [0, 0]], mode="REFLECT")


def scaled(filters: int, width: float) -> int:
    """A layer's number of filters in a network made `width` times as wide; at least 1."""
    return max(1, round(filters * width))


def binomial_filter(features: tf.Tensor) -> tf.Tensor:
    """Each channel filtered by [1, 2, 1] / 4 along y and x, borders repeated: `[B,H,W,C]` to the same.

    It passes nothing at half a cycle a pixel.
    """
    return filtered(features, (0.25, 0.5, 0.25))


class DownBlock(tf.keras.layers.Layer):
    """Leaky ReLU 0.2 -> 4x4 convolution of stride 2 -> map normalisation: halves a feature map."""

    def __init__(self, filters: int, normalize: bool = True, **kwargs: Any):
        super().__init__(**kwargs)
        self.convolution = convolution(filters, 4, strides=2, use_bias=False)
        self.normalization = MapNormalization() if normalize else None

    def build(self, input_shape: Sequence) -> None:
        batch, height, width, _ = input_shape
        make_variables(self.convolution, input_shape)
        if self.normalization is not None:
            halved = (batch, height // 2, width // 2, self.convolution.filters)
            make_variables(self.normalization, halved)
        super().build(input_shape)

    def call(self, features: tf.Tensor) -> tf.Tensor:
        """`[B,H,W,C] -> [B,H/2,W/2,filters]`."""
        features = self.convolution(tf.nn.leaky_relu(features, 0.2))
        return features if self.normalization is None else self.normalization(features)


UPSAMPLINGS = ("transposed", "filtered", "resize")


class UpBlock(tf.keras.layers.Layer):
    """ReLU -> a convolution that doubles the map -> map normalisation -> dropout.

    upsampling: how the map is doubled, one of `UPSAMPLINGS`: by a 4x4 transposed convolution of stride 2
        (the authors'), which leaves a grid of two pixels' period in the picture; by the same and a fixed 3x3
        binomial filter, which passes no such grid; or bilinearly, before a 3x3 convolution (Odena et al.
        2016).
    """

    def __init__(self, filters: int, dropout: float = 0.0, upsampling: str = "transposed", **kwargs: Any):
        super().__init__(**kwargs)
        if upsampling not in UPSAMPLINGS:
            raise ValueError(f"upsampling must be one of {UPSAMPLINGS}, got {upsampling!r}")
        self.upsampling = upsampling
        if upsampling == "resize":
            self.convolution = convolution(filters, 3, use_bias=False)
        else:
            # padding "same" crops the outermost pixels: the crop to twice the size that method.md speaks of
            self.convolution = Doubling(filters, kernel_initializer=normal_initializer())
        self.normalization = MapNormalization()
        self.dropout = dropout

    def build(self, input_shape: Sequence) -> None:
        batch, height, width, channels = input_shape
        resized = (batch, 2 * height, 2 * width, channels)
        make_variables(self.convolution, resized if self.upsampling == "resize" else input_shape)
        make_variables(self.normalization, (*resized[:3], self.convolution.filters))
        super().build(input_shape)

    def _double(self, features: tf.Tensor) -> tf.Tensor:
        """`[B,H,W,C] -> [B,2H,2W,filters]`."""
        if self.upsampling == "resize":
            size = [2 * features.shape[1], 2 * features.shape[2]]
            # resizing answers in float32 whatever it is given
            features = tf.cast(tf.image.resize(features, size), features.dtype)
        features = self.convolution(features)
        return binomial_filter(features) if self.upsampling == "filtered" else features

    def call(self, features: tf.Tensor, dropout_seed: DropoutSeed | None = None) -> tf.Tensor:
        """`[B,H,W,C] -> [B,2H,2W,filters]`; dropout acts iff a seed is given."""
        features = self.normalization(self._double(tf.nn.relu(features)))
        if dropout_seed is None or not self.dropout:
            return features
        return channel_dropout(features, self.dropout, dropout_seed)


class ResidualBlock(tf.keras.layers.Layer):
    """Adds to its input: reflect pad -> 3x3 conv -> norm -> ReLU -> reflect pad -> 3x3 conv -> norm."""

    def __init__(self, filters: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.convolutions = [convolution(filters, 3, padding="valid") for _ in range(2)]

    def build(self, input_shape: Sequence) -> None:
        batch, height, width, channels = input_shape
        for layer in self.convolutions:
            make_variables(layer, (batch, height + 2, width + 2, channels))
        super().build(input_shape)

    def call(self, features: tf.Tensor) -> tf.Tensor:
        """`[B,H,W,filters] -> [B,H,W,filters]`."""
        weights = [tf.convert_to_tensor(one) for layer in self.convolutions for one in layer.weights]
        return called_alike(_residual, features, *weights)


def _residual(features: tf.Tensor, *weights: tf.Tensor) -> tf.Tensor:
    """weights: kernels `[3,3,filters,filters]` and biases `[filters]` of both convolutions."""
    kernel, bias, second_kernel, second_bias = weights
    inner = tf.nn.bias_add(unpadded(reflect_pad(features, 1), kernel), bias)
    inner = tf.nn.relu(instance_normalized(inner))
    inner = tf.nn.bias_add(unpadded(reflect_pad(inner, 1), second_kernel), second_bias)
    return features + instance_normalized(inner)
