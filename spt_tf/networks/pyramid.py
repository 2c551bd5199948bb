"""Encoder, decoder and output head of the U-Nets: lists of features, finest resolution first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from spt_tf.layers.blocks import DownBlock, UpBlock, convolution, scaled
from spt_tf.layers.dropout import DropoutSeed
from spt_tf.layers.shapes_alone import make_variables
from spt_tf.layers.side_by_side import side_by_side

DROPOUT_LEVELS = 3  # coarsest decoder levels that use dropout
ACTIVATIONS = {"softmax": tf.nn.softmax, "tanh": tf.nn.tanh}


def encoder_filters(levels: int, width: float) -> list[int]:
    """Filters of an encoder's levels, finest first: 64, 128, 256, 512, 512, ... times `width`."""
    return [scaled(min(512, 64 * 2**level), width) for level in range(levels)]


def decoder_filters(levels: int, width: float) -> list[int]:
    """Filters of a decoder's levels, coarsest first: ..., 512, 512, 256, 128 times `width`."""
    return [scaled(min(512, 128 * 2**level), width) for level in reversed(range(levels - 1))]


class Encoder(tf.keras.layers.Layer):
    """A 3x3 convolution, then one DownBlock per level."""

    def __init__(self, filters: list[int], normalize_last: bool = False, **kwargs: Any):
        super().__init__(**kwargs)
        self.first = convolution(filters[0], 3)
        last = len(filters) - 1
        self.downs = [
            DownBlock(number, normalize=normalize_last or level != last)
            for level, number in enumerate(filters)
            if level > 0
        ]

    @property
    def filters(self) -> list[int]:
        """Of the levels, finest first."""
        return [self.first.filters, *(down.convolution.filters for down in self.downs)]

    def build(self, input_shape: Sequence) -> None:
        batch, height, width, _ = input_shape
        make_variables(self.first, input_shape)
        for level, (down, filters) in enumerate(zip(self.downs, self.filters)):
            make_variables(down, (batch, height >> level, width >> level, filters))
        super().build(input_shape)

    def call(
        self,
        inputs: tf.Tensor,
        fade_in: tf.Tensor | None = None,
        alpha: tf.Tensor | None = None,
    ) -> list[tf.Tensor]:
        """`[B,H,W,C]` -> the levels' features before their activation, finest first.

        fade_in: `[B,H,W,filters[0]]`, features of a local enhancer that replace the share `alpha`
        (scalar in [0, 1]) of the first level's; without an alpha all of it, which is then not computed.
        """
        if fade_in is None:
            features = self.first(inputs)
        elif alpha is None:
            features = fade_in
        else:
            features = self.first(inputs)
            alpha = tf.cast(alpha, features.dtype)
            features = (1.0 - alpha) * features + alpha * tf.cast(fade_in, features.dtype)
        outputs = [features]
        for down in self.downs:
            outputs.append(down(outputs[-1]))
        return outputs


class Decoder(tf.keras.layers.Layer):
    """One UpBlock per level, each but the first fed with the level below and that level's skip."""

    def __init__(
        self, filters: list[int], dropout: float = 0.0, upsampling: str = "transposed", **kwargs: Any
    ):
        super().__init__(**kwargs)
        self.ups = [
            UpBlock(number, dropout if index < DROPOUT_LEVELS else 0.0, upsampling)
            for index, number in enumerate(filters)
        ]

    @property
    def filters(self) -> int:
        """Of what it gives."""
        return self.ups[-1].convolution.filters

    def build(self, input_shape: Sequence) -> None:
        below = 0
        for up, (*size, channels) in zip(self.ups, reversed(input_shape)):
            make_variables(up, (*size, below + channels))
            below = up.convolution.filters
        super().build(input_shape)

    def call(self, skips: list[tf.Tensor], dropout_seed: DropoutSeed | None = None) -> tf.Tensor:
        """`skips`, one per level, finest first -> features of the finest level, `[B,H,W,filters[-1]]`."""
        features = skips[-1]
        levels = len(self.ups)
        seeds = [None] * levels if dropout_seed is None else dropout_seed.split(levels)
        for index, (up, seed) in enumerate(zip(self.ups, seeds)):
            if index:
                features = side_by_side([features, skips[-1 - index]])
            features = up(features, dropout_seed=seed)
        return features


class OutputHead(tf.keras.layers.Layer):
    """ReLU -> 3x3 convolution -> activation, on decoded features and the finest skip; float32."""

    def __init__(self, channels: int, activation: str, **kwargs: Any):
        super().__init__(**kwargs)
        self.convolution = convolution(channels, 3)
        self._activation = ACTIVATIONS[activation]

    def build(self, input_shape: Sequence) -> None:
        make_variables(self.convolution, input_shape)
        super().build(input_shape)

    def call(self, features: tf.Tensor) -> tf.Tensor:
        """`[B,H,W,C] -> [B,H,W,channels]` float32."""
        return self._activation(tf.cast(self.convolution(tf.nn.relu(features)), tf.float32))
