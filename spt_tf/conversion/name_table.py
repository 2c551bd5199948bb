"""The tensors of the authors' DeepFashion generator (`latest_net_G.pth`) and the variables of ours they are.

Theirs is a tree of numbered blocks; ours is found by walking attributes from a `networks.LocalEnhancer`.
"""

from __future__ import annotations

from typing import NamedTuple

from spt_tf.layers.blocks import scaled
from spt_tf.networks.pyramid import decoder_filters, encoder_filters

# (image, labels 1..9, heatmaps) and (heatmaps, labels 1..9); an image (models/conditioning.py)
_APPEARANCE_CHANNELS, _TARGET_CHANNELS, _OUTPUT_CHANNELS = 30, 27, 3


class Row(NamedTuple):
    """One tensor.

    theirs: name in the authors' state dict. ours: attributes from a LocalEnhancer, separated by dots.
    shape: in the authors' layout.
    """

    theirs: str
    ours: str
    shape: tuple[int, ...]

    @property
    def is_one_number(self) -> bool:
        """Whether it is a map normalisation's scale or shift, theirs of shape (1,), ours of shape ()."""
        return self.ours.endswith((".scale", ".shift"))


def generator_table(width: float = 1.0, levels: int = 6) -> list[Row]:
    """All tensors in the order of the authors' file.

    width, levels: those of our `TwoStreamUNet`; the authors' own by default, 61.5 million numbers.
    """
    down, up = encoder_filters(levels, width), decoder_filters(levels, width)
    skips = [2 * filters for filters in down]
    local = [scaled(32, width), scaled(64, width)]
    rows = []
    for theirs, ours, channels in (
        ("model_global.encoder_app", "global_network.appearance_encoder", _APPEARANCE_CHANNELS),
        ("model_global.encoder_pose", "global_network.target_encoder", _TARGET_CHANNELS),
    ):
        rows += _encoder(theirs, ours, channels, down, normalize_last=False)
    rows += _decoder("model_global.decoder", "global_network", skips, up)
    for theirs, ours, channels in (
        ("model_local_encoder_app", "appearance_encoder", _APPEARANCE_CHANNELS),
        ("model_local_encoder_pose", "target_encoder", _TARGET_CHANNELS),
    ):
        rows += _encoder(theirs, ours, channels, local, normalize_last=True)
    fused = up[-1] + skips[0]
    return rows + _decoder("model_local_decoder", "", [2 * local[0], fused], [local[1]])


def _encoder(theirs: str, ours: str, channels: int, filters: list[int], normalize_last: bool) -> list[Row]:
    """A 3x3 convolution, then blocks of activation, convolution and normalisation."""
    rows = _convolution(f"{theirs}.net.0", f"{ours}.first", (filters[0], channels, 3, 3), bias=True)
    for level in range(1, len(filters)):
        block, down = f"{theirs}.net.{level}.net", f"{ours}.downs.{level - 1}"
        shape = (filters[level], filters[level - 1], 4, 4)
        rows += _convolution(f"{block}.1", f"{down}.convolution", shape, bias=False)
        if normalize_last or level < len(filters) - 1:
            rows += _normalization(f"{block}.2", f"{down}.normalization")
    return rows


def _decoder(theirs: str, ours: str, skips: list[int], filters: list[int]) -> list[Row]:
    """Blocks of activation, transposed convolution, crop and normalisation; activation; 3x3 convolution.

    ours: what holds the Decoder and the OutputHead. skips: channels of the levels' skips, finest first.
    """
    path = f"{ours}." if ours else ""
    rows, inputs = [], skips[-1]
    for index, number in enumerate(filters):
        block, up = f"{theirs}.net.{index}.net", f"{path}decoder.ups.{index}"
        rows += _convolution(f"{block}.1", f"{up}.convolution", (inputs, number, 4, 4), bias=False)
        rows += _normalization(f"{block}.3", f"{up}.normalization")
        inputs = number + skips[-2 - index]
    head = f"{theirs}.net.{len(filters) + 1}"
    return rows + _convolution(head, f"{path}head.convolution", (_OUTPUT_CHANNELS, inputs, 3, 3), bias=True)


def _convolution(theirs: str, ours: str, shape: tuple[int, ...], bias: bool) -> list[Row]:
    rows = [Row(f"{theirs}.weight", f"{ours}.kernel", shape)]
    return [*rows, Row(f"{theirs}.bias", f"{ours}.bias", shape[:1])] if bias else rows


def _normalization(theirs: str, ours: str) -> list[Row]:
    return [Row(f"{theirs}.weight", f"{ours}.scale", (1,)), Row(f"{theirs}.bias", f"{ours}.shift", (1,))]
