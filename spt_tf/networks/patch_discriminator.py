"""The PatchGAN discriminator: D_S, D_A and D_F (method.md, Networks; Isola et al. 2017)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from spt_tf.layers.blocks import convolution, scaled
from spt_tf.layers.normalization import InstanceNormalization
from spt_tf.layers.shapes_alone import make_variables, shapes_will_do
from spt_tf.networks.shapes import check_map


class PatchDiscriminator(tf.keras.Model):
    """Judges overlapping patches: 4x4 convolutions, `layers` of them of stride 2, then two of stride 1.

    width scales the filters 64, 128, 256, 512. Height and width must be multiples of `2 ** layers`,
    and at least three times that.
    """

    def __init__(self, width: float = 1.0, layers: int = 3, **kwargs: Any):
        super().__init__(**kwargs)
        self._depth = layers
        filters = [scaled(64 * min(2**index, 8), width) for index in range(layers + 1)]
        self.strided = [convolution(number, 4, strides=2) for number in filters[:-1]]
        self.unstrided = convolution(filters[-1], 4, padding="valid")
        self.judge = convolution(1, 4, padding="valid")
        self.normalizations = [InstanceNormalization() for _ in range(layers)]

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """`[B,H,W,C]` -> logits `[B, H / 2**layers - 2, W / 2**layers - 2, 1]` float32."""
        step = 2**self._depth
        check_map(type(self).__name__, inputs, multiple_of=step)
        if min(inputs.shape[1:3]) < 3 * step:
            raise ValueError(
                f"{type(self).__name__}: height and width must be at least {3 * step}, got {inputs.shape}"
            )
        if shapes_will_do():
            batch, height, width, _ = inputs.shape
            make_variables(self.strided[0], inputs.shape)
            return self.make_variables_of_judge((batch, height // 2, width // 2, self.strided[0].filters))
        return self.judge_features(tf.nn.leaky_relu(self.strided[0](inputs), 0.2))

    def make_variables_of_judge(self, features: Sequence) -> tf.Tensor:
        """Those of all layers after the first, for its activations' shape; returns zeros for logits."""
        batch, height, width, channels = features
        for layer in self.strided[1:]:
            make_variables(layer, (batch, height, width, channels))
            height, width, channels = height // 2, width // 2, layer.filters
        for layer in (self.unstrided, self.judge):
            make_variables(layer, (batch, height + 2, width + 2, channels))
            height, width, channels = height - 1, width - 1, layer.filters
        return tf.zeros([batch, height, width, channels])

    def judge_features(self, features: tf.Tensor) -> tf.Tensor:
        """The first layer's activations `[B,H/2,W/2,filters]` -> logits as above."""
        for strided, normalize in zip(self.strided[1:], self.normalizations):
            features = tf.nn.leaky_relu(normalize(strided(features)), 0.2)
        features = self.normalizations[-1](self.unstrided(_pad(features)))
        features = tf.nn.leaky_relu(features, 0.2)
        return tf.cast(self.judge(_pad(features)), tf.float32)


def _pad(features: tf.Tensor) -> tf.Tensor:
    # "same" would pad a 4x4 convolution of stride 1 unevenly and keep the size; PatchGAN loses a pixel
    return tf.pad(features, [[0, 0], [1, 1], [1, 1], [0, 0]])
