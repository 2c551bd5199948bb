"""Reads the first three convolutions of VGG16 from torchvision's file or one of Keras."""

from __future__ import annotations

from typing import NamedTuple

import h5py
import numpy as np
import tensorflow as tf

from spt_tf.networks.torch_file import read_state_dict


class Layer(NamedTuple):
    """A convolution: its name in Keras and in torchvision, channels in and out."""

    name: str
    torch_name: str
    inputs: int
    filters: int


LAYERS = (
    Layer("block1_conv1", "features.0", 3, 64),
    Layer("block1_conv2", "features.2", 64, 64),
    Layer("block2_conv1", "features.5", 64, 128),
)


class VggWeights(NamedTuple):
    """Kernel `[3,3,in,out]` and bias `[out]`, float32, of each of `LAYERS` by its name.

    from_keras: whether they expect what Keras's file does (BGR in 0..255 less its mean) or what torchvision's
    does (RGB, by mean and std).
    """

    arrays: dict[str, tuple[np.ndarray, np.ndarray]]
    from_keras: bool


class VggWeightsError(ValueError):
    """A VGG16 weights file that is missing, unreadable or of another network."""


def read_vgg(path: str) -> VggWeights:
    """The weights of a local file: torchvision's vgg16 state dict, or a Keras .h5 file.

    The latter may hold weights or a whole model, with or without the top; layers are found by name.
    Raises VggWeightsError naming the file and what was expected.
    """
    try:
        if not h5py.is_hdf5(path):
            return _read_torchvision(path)
        with h5py.File(path, "r") as file:
            groups = file.get("model_weights", file)  # a whole model keeps them one level down
            arrays = {layer.name: _read_keras_layer(path, groups, layer) for layer in LAYERS}
            return VggWeights(arrays, from_keras=True)
    except VggWeightsError:
        raise
    except Exception as error:  # HDF5 raises anything on a damaged file
        problem = " ".join(str(error).split())[:300]
        raise VggWeightsError(
            f"{path}: not a readable file of VGG16's weights, torchvision's .pth or Keras's .h5 ({problem})"
        ) from error


def download_keras_vgg() -> VggWeights:
    """The same from Keras's own ImageNet file, which it downloads unless its cache has it."""
    try:
        network = tf.keras.applications.VGG16(weights="imagenet", include_top=False)
    except Exception as error:  # Keras raises a plain Exception where the download fails
        raise VggWeightsError(
            f"Keras's ImageNet weights of VGG16 cannot be had ({error}); give a local file, or 'random'"
        ) from error
    arrays = {layer.name: tuple(network.get_layer(layer.name).get_weights()) for layer in LAYERS}
    return VggWeights(arrays, from_keras=True)


def _read_torchvision(path: str) -> VggWeights:
    wanted = [f"{layer.torch_name}.{kind}" for layer in LAYERS for kind in ("weight", "bias")]
    state = read_state_dict(path, wanted)
    arrays = {}
    for layer in LAYERS:
        shape = (layer.filters, layer.inputs, 3, 3)
        for name, expected in (("weight", shape), ("bias", shape[:1])):
            name = f"{layer.torch_name}.{name}"
            if name not in state:
                raise VggWeightsError(
                    f"{path}: has no tensor {name}; expected torchvision's vgg16 state dict"
                )
            if state[name].shape != expected:
                raise VggWeightsError(f"{path}: {name} is {state[name].shape}, expected {expected}")
        kernel, bias = (state[f"{layer.torch_name}.{kind}"].astype(np.float32) for kind in ("weight", "bias"))
        arrays[layer.name] = np.transpose(kernel, [2, 3, 1, 0]), bias
    return VggWeights(arrays, from_keras=False)


def _read_keras_layer(path: str, groups: h5py.Group, layer: Layer) -> tuple[np.ndarray, np.ndarray]:
    name, shape = layer.name, (3, 3, layer.inputs, layer.filters)
    if name not in groups:
        raise VggWeightsError(f"{path}: has no layer {name}; expected a Keras VGG16 weights file")
    arrays = []
    groups[name].visititems(
        lambda _, item: arrays.append(item[()]) if isinstance(item, h5py.Dataset) else None
    )
    found = {array.shape: array.astype(np.float32) for array in arrays}
    if shape not in found or shape[-1:] not in found:
        raise VggWeightsError(
            f"{path}: layer {name} holds {sorted(found)}, expected {shape} and {shape[-1:]}"
        )
    return found[shape], found[shape[-1:]]
