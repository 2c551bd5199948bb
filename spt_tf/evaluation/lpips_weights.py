"""The local file that LPIPS is computed from: one .npz of PyTorch's own tensors.

    features.<n>.weight [out,in,h,w], features.<n>.bias [out]     torchvision's alexnet or vgg16
    lin<k>.model.1.weight [1,C,1,1], k = 0..4                     weights/v0.1/{alex,vgg}.pth of package lpips

Names and layouts are those of the two published state dicts, so that the file is their union
(`scripts/convert_lpips.py`); anything else in it, such as torchvision's classifier, is passed over.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from spt_tf.data.file_reading import UnreadableFile, read_arrays


class Convolution(NamedTuple):
    """One convolution of a backbone, with the ReLU behind it.

    number: its place n in torchvision's `features`. filters: output channels. size, stride, padding: pixels.
    pool: side of the max pooling in front of it, stride 2; 0 for none.
    tapped: whether LPIPS looks at what leaves the ReLU.
    """

    number: int
    filters: int
    size: int
    stride: int = 1
    padding: int = 1
    pool: int = 0
    tapped: bool = False


BACKBONES: dict[str, tuple[Convolution, ...]] = {
    "alex": (
        Convolution(0, 64, 11, 4, 2, tapped=True),
        Convolution(3, 192, 5, 1, 2, pool=3, tapped=True),
        Convolution(6, 384, 3, pool=3, tapped=True),
        Convolution(8, 256, 3, tapped=True),
        Convolution(10, 256, 3, tapped=True),
    ),
    "vgg": (
        Convolution(0, 64, 3),
        Convolution(2, 64, 3, tapped=True),
        Convolution(5, 128, 3, pool=2),
        Convolution(7, 128, 3, tapped=True),
        Convolution(10, 256, 3, pool=2),
        Convolution(12, 256, 3),
        Convolution(14, 256, 3, tapped=True),
        Convolution(17, 512, 3, pool=2),
        Convolution(19, 512, 3),
        Convolution(21, 512, 3, tapped=True),
        Convolution(24, 512, 3, pool=2),
        Convolution(26, 512, 3),
        Convolution(28, 512, 3, tapped=True),
    ),
}


class LpipsWeightsError(ValueError):
    """A weights file that is missing, unreadable, or of another network; says what was expected."""


class LpipsWeights(NamedTuple):
    """network: a name of `BACKBONES`. tensors: by their names in the file, float32, PyTorch's layout."""

    network: str
    tensors: dict[str, np.ndarray]


def expected_shapes(network: str) -> dict[str, tuple[int, ...]]:
    """Name and shape of every tensor LPIPS with this backbone needs."""
    shapes: dict[str, tuple[int, ...]] = {}
    channels, taps = 3, 0
    for layer in BACKBONES[network]:
        shapes[f"features.{layer.number}.weight"] = (layer.filters, channels, layer.size, layer.size)
        shapes[f"features.{layer.number}.bias"] = (layer.filters,)
        channels = layer.filters
        if layer.tapped:
            shapes[f"lin{taps}.model.1.weight"] = (1, channels, 1, 1)
            taps += 1
    return shapes


def choose_tensors(tensors: Mapping[str, np.ndarray], origin: str) -> LpipsWeights:
    """Picks LPIPS's tensors, and the backbone by their shapes.

    origin: what the tensors were read from, for errors.
    Raises LpipsWeightsError naming the first tensor that is missing or of another shape.
    """
    for network in BACKBONES:
        shapes = expected_shapes(network)
        first = tensors.get("features.0.weight")
        if first is not None and first.shape == shapes["features.0.weight"]:
            break
    else:
        found = "none" if first is None else f"one of shape {first.shape}"
        raise LpipsWeightsError(
            f"{origin}: expected features.0.weight of torchvision's AlexNet or VGG16, found {found}"
        )
    for name, shape in shapes.items():
        if name not in tensors or tensors[name].shape != shape:
            found = f"shape {tensors[name].shape}" if name in tensors else "nothing"
            raise LpipsWeightsError(
                f"{origin}: LPIPS ({network}) needs {name} of shape {shape}, found {found}"
            )
        if not np.isfinite(tensors[name]).all():
            raise LpipsWeightsError(f"{origin}: {name} holds values that are not finite")
    return LpipsWeights(network, {name: np.asarray(tensors[name], np.float32) for name in shapes})


def read_lpips_weights(path: str | os.PathLike) -> LpipsWeights:
    """Reads the .npz described above.

    Raises LpipsWeightsError naming the file and what it lacks.
    """
    try:
        tensors = read_arrays(path)
    except UnreadableFile as error:
        raise LpipsWeightsError(f"{error.path}: not a readable .npz ({error.problem})") from error
    return choose_tensors(tensors, os.fspath(path))
