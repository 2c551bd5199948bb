"""A PatchGAN grown to crops of twice the size, its new first layer fading in (method.md, DeepFashion)."""

from __future__ import annotations

from typing import Any, Callable

import tensorflow as tf

from spt_tf.layers.blocks import convolution
from spt_tf.layers.shapes_alone import make_variables, shapes_will_do
from spt_tf.networks.patch_discriminator import PatchDiscriminator


class GrownDiscriminator(tf.keras.Model):
    """Judges images of twice the size by a PatchDiscriminator that learned on the half.

    Its first layer's activations come in part from the image brought to half the size, as before, and for the
    share alpha from a new layer that sees the whole, averaged to the same size; as in the authors' code.
    """

    def __init__(self, half_size: PatchDiscriminator, **kwargs: Any):
        super().__init__(**kwargs)
        self.half_size = half_size
        self.first = convolution(half_size.strided[0].filters, 4, strides=2)
        # the share, in [0, 1]; the stage in which it rises sets this to a function of its step
        self.alpha: Callable[[], tf.Tensor] = lambda: tf.constant(1.0)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """`[B,2H,2W,C]` -> logits `[B,h,w,1]` float32 of the half-size discriminator at `[B,H,W,C]`."""
        if shapes_will_do():
            batch, height, width, channels = inputs.shape
            make_variables(self.half_size.strided[0], (batch, height // 2, width // 2, channels))
            make_variables(self.first, inputs.shape)
            return self.half_size.make_variables_of_judge(
                (batch, height // 4, width // 4, self.first.filters)
            )
        before = tf.nn.leaky_relu(self.half_size.strided[0](_halved(inputs)), 0.2)
        grown = _halved(tf.nn.leaky_relu(self.first(inputs), 0.2))
        alpha = tf.cast(self.alpha(), grown.dtype)
        return self.half_size.judge_features((1.0 - alpha) * before + alpha * grown)


def _halved(maps: tf.Tensor) -> tf.Tensor:
    return tf.nn.avg_pool2d(maps, 2, 2, "VALID")
