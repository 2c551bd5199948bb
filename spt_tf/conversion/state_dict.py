"""From the authors' state dict to our weights and back, as a pure function of NumPy arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from spt_tf.conversion.name_table import Row

StateDict = Mapping[str, np.ndarray]
_PARALLEL = "module."  # what torch.nn.DataParallel puts before every name


class StateDictError(ValueError):
    """The tensors are not those of the generator; the message names every one that does not fit."""


def our_kernel(tensor: np.ndarray) -> np.ndarray:
    """A PyTorch convolution's kernel as a Keras layer's.

    A convolution's (out, in, h, w) becomes (h, w, in, out) and a transposed one's (in, out, h, w) becomes
    (h, w, out, in): both by the same turn.
    """
    return tensor.transpose(2, 3, 1, 0)


def their_kernel(kernel: np.ndarray) -> np.ndarray:
    """Undoes `our_kernel`."""
    return kernel.transpose(3, 2, 0, 1)


def _our_layout(tensor: np.ndarray, row: Row) -> np.ndarray:
    if row.is_one_number:
        return tensor.reshape(())
    return our_kernel(tensor) if tensor.ndim == 4 else tensor


def _their_layout(array: np.ndarray, row: Row) -> np.ndarray:
    if row.is_one_number:
        return np.reshape(array, (1,))
    return np.ascontiguousarray(their_kernel(array) if array.ndim == 4 else array)


def to_ours(state: StateDict, table: Sequence[Row]) -> dict[str, np.ndarray]:
    """The authors' tensors as our weights, by our names; bit for bit the same numbers.

    Names may all bear DataParallel's `module.`. Raises StateDictError naming every tensor that is missing,
    extra, of another shape or not float32.
    """
    state = _without_prefix(state)
    _check(state, table)
    return {row.ours: _our_layout(state[row.theirs], row) for row in table}


def to_theirs(arrays: Mapping[str, np.ndarray], table: Sequence[Row]) -> dict[str, np.ndarray]:
    """Our weights by our names as the authors' state dict, in their order; undoes `to_ours`."""
    return {row.theirs: _their_layout(arrays[row.ours], row) for row in table}


def _without_prefix(state: StateDict) -> StateDict:
    if not all(name.startswith(_PARALLEL) for name in state):
        return state
    return {name[len(_PARALLEL) :]: tensor for name, tensor in state.items()}


def _check(state: StateDict, table: Sequence[Row]) -> None:
    expected = {row.theirs: row.shape for row in table}
    if not expected.keys() & state.keys():
        found = f"it begins with {min(state)}" if state else "it is empty"
        raise StateDictError(
            f"another architecture: none of the {len(expected)} tensors of the DeepFashion generator; {found}"
        )
    missing = [name for name in expected if name not in state]
    extra = [name for name in state if name not in expected]
    both = [name for name in expected if name in state]
    misshaped = [
        f"{name} {tuple(state[name].shape)} instead of {expected[name]}"
        for name in both
        if tuple(state[name].shape) != expected[name]
    ]
    mistyped = [f"{name} {state[name].dtype}" for name in both if state[name].dtype != np.float32]
    wrong = {"missing": missing, "extra": extra, "misshaped": misshaped, "not float32": mistyped}
    problems = [f"{len(names)} {what}: {', '.join(names)}" for what, names in wrong.items() if names]
    if problems:
        raise StateDictError("; ".join(problems))
