"""PyTorch files, read and written by PyTorch, which only this module needs."""

from __future__ import annotations

import collections
import io
import os
import pickle
import warnings
import zipfile
from collections.abc import Mapping

import numpy as np

from spt_tf.data.atomic_write import write_whole


class CheckpointFileError(ValueError):
    """The file cannot be read as a PyTorch state dict, or PyTorch is not there."""


def read_state_dict(path: str | os.PathLike) -> dict[str, np.ndarray]:
    """The tensors of a file of `torch.save`, by name.

    Only tensors and plain containers are unpickled: nothing in the file can run. Raises CheckpointFileError
    in one line for what is not such a file, OSError where it cannot be opened.
    """
    torch = _torch()
    with open(path, "rb") as file:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of pickles that torch.save has not made
                content = torch.load(file, map_location="cpu", weights_only=True)
        except pickle.UnpicklingError as error:
            raise CheckpointFileError(f"{path}: {_reason(error)}") from None
        except (RuntimeError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
            raise CheckpointFileError(f"{path}: not a PyTorch checkpoint ({_first_line(error)})") from None
    if not isinstance(content, Mapping) or not all(
        isinstance(name, str) and isinstance(tensor, torch.Tensor) for name, tensor in content.items()
    ):
        raise CheckpointFileError(f"{path}: holds a {type(content).__name__}, not tensors by name")
    return {name: tensor.detach().numpy() for name, tensor in content.items()}


def write_state_dict(path: str | os.PathLike, state: Mapping[str, np.ndarray]) -> None:
    """Writes tensors by name as `torch.save` does, so that the authors' `load_state_dict` takes them."""
    torch = _torch()
    tensors = collections.OrderedDict((name, torch.from_numpy(array)) for name, array in state.items())
    content = io.BytesIO()
    # The form that every PyTorch reads: the authors' is older than the zip form.
    torch.save(tensors, content, _use_new_zipfile_serialization=False)
    write_whole(path, content.getvalue())


def _torch():
    try:
        import torch
    except ImportError as error:
        raise CheckpointFileError(
            f"PyTorch is needed to read its files ({error}): pip install -r requirements-torch.txt"
        ) from None
    return torch


def _reason(error: Exception) -> str:
    """PyTorch's own words are ten lines long and advise to load the file all the same."""
    told = " ".join(str(error).split()).split("WeightsUnpickler error: ")[-1]
    if "GLOBAL " in told:
        wanted = told.split("GLOBAL ")[1].split()[0]
        return f"refused: its pickle wants more than tensors ({wanted})"
    return f"not a PyTorch checkpoint ({told.split(' Check the documentation')[0]})"


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
