"""The local enhancer: doubles a two-stream U-Net's resolution, faded in by alpha (method.md, DeepFashion).

A two-level encoder pair works at the full size; its half-size features fade into the global network's
encoders, and a decoder of one level fuses the global network's features back at the full size.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from spt_tf.layers.blocks import scaled
from spt_tf.layers.dropout import DropoutSeed
from spt_tf.layers.shapes_alone import make_variables, shapes_will_do
from spt_tf.layers.side_by_side import side_by_side
from spt_tf.networks.pyramid import Decoder, Encoder, OutputHead
from spt_tf.networks.shapes import check_map
from spt_tf.networks.two_stream_unet import TwoStreamUNet, join_streams
from spt_tf.people import PoseTransfer


class LocalEnhancer(tf.keras.Model):
    """Wraps a TwoStreamUNet that works at half the size; the wrapped network stays usable by itself."""

    def __init__(self, global_network: TwoStreamUNet, **kwargs: Any):
        super().__init__(**kwargs)
        self.global_network = global_network
        filters = [scaled(32, global_network.width), scaled(64, global_network.width)]
        # the last level is normalised here: what fades in stands beside a plain convolution's output
        self.appearance_encoder = Encoder(filters, normalize_last=True)
        self.target_encoder = Encoder(filters, normalize_last=True)
        self.decoder = Decoder(filters[1:], upsampling=global_network.upsampling)
        self.head = OutputHead(global_network.output_channels, global_network.activation)

    @property
    def own_variables(self) -> list[tf.Variable]:
        """The trainable variables that are not the wrapped network's."""
        own = (self.appearance_encoder, self.target_encoder, self.decoder, self.head)
        return [variable for part in own for variable in part.trainable_variables]

    @property
    def replaced(self) -> list[tf.keras.layers.Layer]:
        """The global network's layers of which nothing comes at alpha 1."""
        whole = self.global_network
        return [whole.appearance_encoder.first, whole.target_encoder.first, whole.head.convolution]

    def _make_variables(
        self,
        appearance: tf.TensorShape,
        target: tf.TensorShape,
        half_appearance: tf.Tensor,
        half_target: tf.Tensor,
    ) -> tf.Tensor:
        """Answers zeros."""
        whole, size = self.global_network, tuple(appearance[:3])
        make_variables(self.appearance_encoder, appearance)
        make_variables(self.target_encoder, target)
        fused = whole.make_variables_but_heads(half_appearance.shape, half_target.shape)
        skip = self.appearance_encoder.filters[0] + self.target_encoder.filters[0]
        make_variables(self.decoder, [(*size, skip), (*half_appearance.shape[:3], fused)])
        make_variables(self.head, (*size, self.decoder.filters + skip))
        make_variables(whole.head, (*size, fused))
        return tf.zeros([*size, whole.output_channels])

    def call(
        self,
        appearance: tf.Tensor,
        target: tf.Tensor,
        transfer: PoseTransfer,
        half_appearance: tf.Tensor,
        half_target: tf.Tensor,
        half_transfer: PoseTransfer,
        alpha: tf.Tensor,
        dropout_seed: DropoutSeed | None = None,
    ) -> tf.Tensor:
        """`[B,H,W,Ca]`, `[B,H,W,Ct]` and the same at half the size -> `[B,H,W,out]` float32.

        transfer, half_transfer: each in pixels of its own size. alpha: scalar in [0, 1]; at 0 the result
        is the global network's at its own input, decoded at twice the size; at 1 the enhancer's alone, and
        where that is known while tracing, what has no share is not computed (but by the first call, which
        makes all variables).
        """
        for name, full, half in (
            ("appearance", appearance, half_appearance),
            ("target", target, half_target),
        ):
            check_map(f"{type(self).__name__} {name}", full, multiple_of=2)
            if full.shape[1:3] != [2 * size for size in half.shape[1:3]]:
                raise ValueError(f"{name}: {half.shape} is not half the size of {full.shape}")
        if shapes_will_do():
            return self._make_variables(appearance.shape, target.shape, half_appearance, half_target)
        if self.global_network.head.built and tf.get_static_value(alpha) == 1.0:
            alpha = None
        source = self.appearance_encoder(appearance)
        aim = self.target_encoder(target)
        features, half_skip = self.global_network.decode(
            half_appearance,
            half_target,
            half_transfer,
            fade_in=(source[1], aim[1]),
            alpha=alpha,
            dropout_seed=dropout_seed,
        )
        fused = side_by_side([features, half_skip])
        skip = join_streams(source[0], aim[0], transfer, self.global_network.centred_warps)
        fine = self.head(side_by_side([self.decoder([skip, fused]), skip]))
        if alpha is None:
            return fine
        coarse = self.global_network.head(tf.image.resize(fused, appearance.shape[1:3], method="nearest"))
        alpha = tf.cast(alpha, tf.float32)
        return alpha * fine + (1.0 - alpha) * coarse
