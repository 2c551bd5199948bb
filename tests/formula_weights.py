"""Weights by formula (tests/golden/README.md), and their way into our layers by the user's converter."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from spt_tf.conversion.state_dict import our_kernel
from tests.golden_arrays import GOLDEN_ROOT

StateDict = dict[str, np.ndarray]


def state_dict_shapes(network: str) -> dict[str, list[int]]:
    """Names and shapes, in PyTorch's layout, of a network of `tests/golden/state_dicts.json`."""
    return json.loads((GOLDEN_ROOT / "state_dicts.json").read_text())[network]


def formula_state_dict(network: str) -> StateDict:
    """The tensors of a network of `tests/golden/state_dicts.json`, in PyTorch's layout."""
    return {name: formula_tensor(name, shape) for name, shape in state_dict_shapes(network).items()}


def formula_tensor(name: str, shape: Sequence[int]) -> np.ndarray:
    """The tensor that the formula gives a name and a shape in PyTorch's layout, float32."""
    values = np.random.RandomState(zlib.crc32(name.encode())).standard_normal(shape)
    values = np.asarray(values, np.float32)
    if values.ndim == 4:
        return values / np.float32(np.sqrt(np.prod(shape[1:])))
    return 1 + np.float32(0.1) * values if name.endswith("weight") else np.float32(0.1) * values


def set_convolution(layer: tf.keras.layers.Layer, state: StateDict, name: str) -> None:
    """Gives a Conv2D (built) the tensors `<name>.weight` and, if it has one, `.bias`."""
    layer.kernel.assign(our_kernel(state[f"{name}.weight"]))
    if layer.use_bias:
        layer.bias.assign(state[f"{name}.bias"])
