"""Reads the first three convolutions of VGG16 from a Keras weights file."""

from __future__ import annotations

import h5py
import numpy as np
import tensorflow as tf

# name, input channels, filters
LAYERS = (("block1_conv1", 3, 64), ("block1_conv2", 64, 64), ("block2_conv1", 64, 128))

Weights = dict[str, tuple[np.ndarray, np.ndarray]]


class VggWeightsError(ValueError):
    """A VGG16 weights file that is missing, unreadable or of another network."""


def read_keras_vgg(path: str) -> Weights:
    """Kernel `[3,3,in,out]` and bias `[out]`, float32, of each of `LAYERS`, from a Keras .h5 file.

    The file may hold weights or a whole model, with or without the top; layers are found by name.
    Raises VggWeightsError naming the file and what was expected.
    """
    try:
        with h5py.File(path, "r") as file:
            groups = file.get("model_weights", file)  # a whole model keeps them one level down
            return {
                name: _read_layer(path, groups, name, (3, 3, inputs, filters))
                for name, inputs, filters in LAYERS
            }
    except OSError as error:
        raise VggWeightsError(f"{path}: not a readable Keras .h5 weights file ({error})") from error


def download_keras_vgg() -> Weights:
    """The same from Keras's own ImageNet file, which it downloads unless its cache has it."""
    try:
        network = tf.keras.applications.VGG16(weights="imagenet", include_top=False)
    except Exception as error:  # Keras raises a plain Exception where the download fails
        raise VggWeightsError(
            f"Keras's ImageNet weights of VGG16 cannot be had ({error}); give a local file, or 'random'"
        ) from error
    return {name: tuple(network.get_layer(name).get_weights()) for name, _, _ in LAYERS}


def _read_layer(
    path: str, groups: h5py.Group, name: str, shape: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
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
