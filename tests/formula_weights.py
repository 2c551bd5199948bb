"""Weights by formula (../shared/golden/README.md), and their way into our layers.

PyTorch lays a convolution's kernel out as (out, in, h, w) and a transposed one's as (in, out, h, w);
both become ours by the same kind of transposition: (h, w, in, out) and (h, w, out, in).
"""

from __future__ import annotations

import json
import zlib

import numpy as np
import tensorflow as tf

from tests.shared_files import shared_path

StateDict = dict[str, np.ndarray]


def formula_state_dict(golden_name: str) -> StateDict:
    """The tensors that `../shared/golden/<golden_name>_state_dict.json` names, in PyTorch's layout."""
    shapes = json.loads(shared_path(f"golden/{golden_name}_state_dict.json").read_text())
    return {name: _tensor(name, shape) for name, shape in shapes.items()}


def _tensor(name: str, shape: list[int]) -> np.ndarray:
    values = np.random.RandomState(zlib.crc32(name.encode())).standard_normal(shape)
    values = np.asarray(values, np.float32)
    if values.ndim == 4:
        return values / np.float32(np.sqrt(np.prod(shape[1:])))
    return 1 + np.float32(0.1) * values if name.endswith("weight") else np.float32(0.1) * values


def set_convolution(layer: tf.keras.layers.Layer, state: StateDict, name: str) -> None:
    """Gives a Conv2D or Conv2DTranspose (built) the tensors `<name>.weight` and, if it has one, `.bias`."""
    layer.kernel.assign(state[f"{name}.weight"].transpose(2, 3, 1, 0))
    if layer.use_bias:
        layer.bias.assign(state[f"{name}.bias"])


def set_block(block: tf.keras.layers.Layer, state: StateDict, name: str, normalization: int) -> None:
    """Gives a DownBlock or UpBlock (built) the tensors of the authors' Block `<name>`.

    normalization: the index of its normalisation within the authors' block.
    """
    set_convolution(block.convolution, state, f"{name}.net.1")
    if block.normalization is not None:
        block.normalization.scale.assign(state[f"{name}.net.{normalization}.weight"][0])
        block.normalization.shift.assign(state[f"{name}.net.{normalization}.bias"][0])


def set_encoder(encoder: tf.keras.layers.Layer, state: StateDict, name: str) -> None:
    """Gives an Encoder (built) the tensors of the authors' encoder `<name>`."""
    set_convolution(encoder.first, state, f"{name}.net.0")
    for index, down in enumerate(encoder.downs, start=1):
        set_block(down, state, f"{name}.net.{index}", normalization=2)


def set_decoder(
    decoder: tf.keras.layers.Layer, head: tf.keras.layers.Layer, state: StateDict, name: str
) -> None:
    """Gives a Decoder and its OutputHead (built) the tensors of the authors' decoder `<name>`."""
    for index, up in enumerate(decoder.ups):
        set_block(up, state, f"{name}.net.{index}", normalization=3)
    # a ReLU without tensors has an index of its own
    set_convolution(head.convolution, state, f"{name}.net.{len(decoder.ups) + 1}")
