"""The filters of VGG16 that --vgg_weights names: torchvision's file, or one of Keras."""

from __future__ import annotations

import h5py
import numpy as np
import tensorflow as tf

from spt_tf.data.file_reading import UnreadableFile, opened
from spt_tf.data.torch_file import read_state_dict
from spt_tf.networks.vgg import LAYERS, Layer, VggWeights


class VggDownloadError(ValueError):
    """Keras's file cannot be had."""


def load_vgg_weights(name: str) -> VggWeights | None:
    """What --vgg_weights names: "imagenet" (Keras's file; alone may download), "random" (None) or a file.

    Raises VggDownloadError, and as `read_vgg`.
    """
    if name == "random":
        return None
    return download_keras_vgg() if name == "imagenet" else read_vgg(name)


def read_vgg(path: str) -> VggWeights:
    """The weights of a local file: torchvision's vgg16 state dict, or a Keras .h5 file.

    The latter may hold weights or a whole model, with or without the top; layers are found by name.
    Raises UnreadableFile naming the file and what was expected, MissingFile.
    """
    with opened(path, "file of VGG16's weights, torchvision's .pth or Keras's .h5"):
        if not h5py.is_hdf5(path):
            return _read_torchvision(path)
        with h5py.File(path, "r") as file:
            groups = file.get("model_weights", file)  # a whole model keeps them one level down
            arrays = {layer.name: _read_keras_layer(path, groups, layer) for layer in LAYERS}
            return VggWeights(arrays, from_keras=True, origin=path)


def download_keras_vgg() -> VggWeights:
    """The same from Keras's own ImageNet file, which it downloads unless its cache has it."""
    try:
        network = tf.keras.applications.VGG16(weights="imagenet", include_top=False)
    except Exception as error:  # Keras raises a plain Exception where the download fails
        raise VggDownloadError(
            f"Keras's ImageNet weights of VGG16 cannot be had ({error}); "
            "give --vgg_weights a local file, or 'random'"
        ) from error
    arrays = {layer.name: tuple(network.get_layer(layer.name).get_weights()) for layer in LAYERS}
    return VggWeights(arrays, from_keras=True, origin="Keras, trained on ImageNet")


def _read_torchvision(path: str) -> VggWeights:
    wanted = [f"{layer.torch_name}.{kind}" for layer in LAYERS for kind in ("weight", "bias")]
    state = read_state_dict(path, wanted)
    arrays = {}
    for layer in LAYERS:
        shape = (layer.filters, layer.inputs, 3, 3)
        for name, expected in (("weight", shape), ("bias", shape[:1])):
            name = f"{layer.torch_name}.{name}"
            if name not in state:
                raise UnreadableFile(path, f"has no tensor {name}; expected torchvision's vgg16 state dict")
            if state[name].shape != expected:
                raise UnreadableFile(path, f"{name} is {state[name].shape}, expected {expected}")
        kernel, bias = (state[f"{layer.torch_name}.{kind}"].astype(np.float32) for kind in ("weight", "bias"))
        arrays[layer.name] = np.transpose(kernel, [2, 3, 1, 0]), bias
    return VggWeights(arrays, from_keras=False, origin=path)


def _read_keras_layer(path: str, groups: h5py.Group, layer: Layer) -> tuple[np.ndarray, np.ndarray]:
    name, shape = layer.name, (3, 3, layer.inputs, layer.filters)
    if name not in groups:
        raise UnreadableFile(path, f"has no layer {name}; expected a Keras VGG16 weights file")
    found: dict[tuple[int, ...], h5py.Dataset] = {}
    groups[name].visititems(
        lambda _, item: found.update({item.shape: item}) if isinstance(item, h5py.Dataset) else None
    )
    if shape not in found or shape[-1:] not in found:
        shapes = sorted(one for one in found if one)
        raise UnreadableFile(path, f"layer {name} holds {shapes}, expected {shape} and {shape[-1:]}")
    # of these two alone the numbers are read: another may unpack to anything
    kernel, bias = (found[one][()].astype(np.float32) for one in (shape, shape[-1:]))
    return kernel, bias
