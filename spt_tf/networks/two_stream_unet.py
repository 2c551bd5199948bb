"""The two-stream U-Net with deformable skips: H_S and H_A (method.md, Networks; Siarohin et al., Section 3).

The appearance encoder takes the source person, the target encoder takes the target pose. At the
finest levels the appearance features are carried over to the target pose part by part.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from spt_tf.geometry.part_places import at_levels
from spt_tf.layers.deformable_skip import deformable_skip
from spt_tf.layers.dropout import DropoutSeed
from spt_tf.layers.shapes_alone import make_variables, shapes_will_do
from spt_tf.layers.side_by_side import side_by_side
from spt_tf.networks.pyramid import (
    ACTIVATIONS,
    Decoder,
    Encoder,
    OutputHead,
    decoder_filters,
    encoder_filters,
)
from spt_tf.networks.shapes import check_map
from spt_tf.people import PoseTransfer

DEFORMABLE_LEVELS = 4  # finest levels whose appearance features are warped


class TwoStreamUNet(tf.keras.Model):
    """Renders the input of the appearance stream in the pose given to the target stream.

    output_channels, activation: 10 and "softmax" for parsing, 3 and "tanh" for images.
    width: scales every layer's filters (1.0: 64 to 512). levels: resolutions, each half the one before;
    height and width of the inputs must be multiples of `2 ** (levels - 1)`. dropout: rate of the three
    coarsest decoder levels. upsampling: how the decoder doubles a map (`layers.blocks.UPSAMPLINGS`).
    centred_warps: whether skips read at the centres of a level's pixels (`deformable_skip`).
    """

    def __init__(
        self,
        output_channels: int,
        activation: str,
        width: float = 1.0,
        levels: int = 6,
        dropout: float = 0.5,
        upsampling: str = "transposed",
        centred_warps: bool = False,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if activation not in ACTIVATIONS:
            raise ValueError(f"activation must be one of {sorted(ACTIVATIONS)}, got {activation!r}")
        if levels < 2:
            raise ValueError(f"levels must be at least 2, got {levels}")
        self.output_channels = output_channels
        self.activation = activation
        self.width = width
        self.levels = levels
        self.upsampling = upsampling
        self.centred_warps = centred_warps
        self.appearance_encoder = Encoder(encoder_filters(levels, width))
        self.target_encoder = Encoder(encoder_filters(levels, width))
        self.decoder = Decoder(decoder_filters(levels, width), dropout, upsampling)
        self.head = OutputHead(output_channels, activation)

    def prepared(self, transfer: PoseTransfer, levels: int = DEFORMABLE_LEVELS) -> PoseTransfer:
        """A transfer with all that this network's skips need of it, for any network of the same skips."""
        return at_levels(transfer, min(levels, self.levels), self.centred_warps)

    def call(
        self,
        appearance: tf.Tensor,
        target: tf.Tensor,
        transfer: PoseTransfer,
        dropout_seed: DropoutSeed | None = None,
    ) -> tf.Tensor:
        """`[B,H,W,Ca]`, `[B,H,W,Ct]` -> `[B,H,W,output_channels]` float32.

        transfer: from the appearance's pose to the target's, in pixels of the same H, W.
        dropout_seed: without it there is no dropout.
        """
        if shapes_will_do():
            self._check_maps(appearance, target)
            channels = self.make_variables_but_heads(appearance.shape, target.shape)
            make_variables(self.head, (*appearance.shape[:3], channels))
            return tf.zeros([*appearance.shape[:3], self.output_channels])
        features, finest_skip = self.decode(appearance, target, transfer, dropout_seed=dropout_seed)
        return self.head(side_by_side([features, finest_skip]))

    def _check_maps(self, appearance: tf.Tensor, target: tf.Tensor) -> None:
        for name, images in (("appearance", appearance), ("target", target)):
            check_map(f"{type(self).__name__} {name}", images, multiple_of=2 ** (self.levels - 1))

    def make_variables_but_heads(self, appearance: tf.TensorShape, target: tf.TensorShape) -> int:
        """Those of `decode`, for what it is given; returns how many channels it gives, both together."""
        batch, height, width, _ = appearance
        make_variables(self.appearance_encoder, appearance)
        make_variables(self.target_encoder, target)
        filters = self.appearance_encoder.filters
        skips = [(batch, height >> level, width >> level, 2 * count) for level, count in enumerate(filters)]
        make_variables(self.decoder, skips)
        return self.decoder.filters + 2 * filters[0]

    def decode(
        self,
        appearance: tf.Tensor,
        target: tf.Tensor,
        transfer: PoseTransfer,
        fade_in: tuple[tf.Tensor, tf.Tensor] | None = None,
        alpha: tf.Tensor | None = None,
        dropout_seed: DropoutSeed | None = None,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Everything but the head: decoded features and skip of the finest level, both `[B,H,W,.]`.

        fade_in: a local enhancer's features for the first levels of the appearance and of the target
        encoder; alpha: their share, None for all.
        """
        self._check_maps(appearance, target)
        from_source, from_target = fade_in if fade_in is not None else (None, None)
        source = self.appearance_encoder(appearance, from_source, alpha)
        aim = self.target_encoder(target, from_target, alpha)
        skips = [
            join_streams(
                source[level],
                aim[level],
                transfer if level < DEFORMABLE_LEVELS else None,
                self.centred_warps,
            )
            for level in range(self.levels)
        ]
        return self.decoder(skips, dropout_seed=dropout_seed), skips[0]


def join_streams(
    source: tf.Tensor, target: tf.Tensor, transfer: PoseTransfer | None, centred: bool = False
) -> tf.Tensor:
    """A level's skip: the source's features, moved to the target pose iff a transfer is given; target's."""
    if transfer is not None:
        source = tf.cast(deformable_skip(source, transfer, centred), target.dtype)
    return side_by_side([source, target])
