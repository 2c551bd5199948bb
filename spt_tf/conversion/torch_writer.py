"""PyTorch files, written by PyTorch, which only this module needs."""

from __future__ import annotations

import collections
import io
import os
from collections.abc import Mapping

import numpy as np

from spt_tf.data.atomic_write import write_whole


class PyTorchMissing(ValueError):
    """PyTorch is not installed."""


def write_state_dict(path: str | os.PathLike, state: Mapping[str, np.ndarray]) -> None:
    """Writes tensors by name as `torch.save` does, so that the authors' `load_state_dict` takes them.

    Raises PyTorchMissing.
    """
    try:
        import torch
    except ImportError as error:
        raise PyTorchMissing(
            f"PyTorch is needed to write its files ({error}): pip install -r requirements-torch.txt"
        ) from None
    tensors = collections.OrderedDict((name, torch.from_numpy(array)) for name, array in state.items())
    content = io.BytesIO()
    # The form that every PyTorch reads: the authors' is older than the zip form.
    torch.save(tensors, content, _use_new_zipfile_serialization=False)
    write_whole(path, content.getvalue())
