"""HDF5 files laid out as Keras's weights."""

from __future__ import annotations

import os
from collections.abc import Mapping

import h5py
import numpy as np


def write_keras_file(path: str | os.PathLike, layers: Mapping[str, Mapping[str, np.ndarray]]) -> None:
    """Writes arrays by layer and name."""
    with h5py.File(path, "w") as file:
        for layer, arrays in layers.items():
            for name, array in arrays.items():
                file[f"{layer}/{name}"] = array
