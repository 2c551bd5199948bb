"""Weights by formula (../shared/golden/README.md), and their way into our layers by the user's converter."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from spt_tf.conversion.state_dict import our_kernel
from tests.shared_files import shared_path

StateDict = dict[str, np.ndarray]


def formula_state_dict(golden_name: str) -> StateDict:
    """The tensors that `../shared/golden/<golden_name>_state_dict.json` names, in PyTorch's layout."""
    shapes = json.loads(shared_path(f"golden/{golden_name}_state_dict.json").read_text())
    return {name: formula_tensor(name, shape) for name, shape in shapes.items()}


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
