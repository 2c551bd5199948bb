"""Reads the files that lie beside the repository, in `../shared`: photographs and what was measured on them.

They may not be copied into the repository, so a clone without them skips what needs them. What holds the code
against the authors' program without a photograph is in `tests/golden/`.
"""

from __future__ import annotations

import pathlib

import numpy as np
import pytest

SHARED_ROOT = pathlib.Path(__file__).resolve().parents[2] / "shared"


def shared_path(relative: str) -> pathlib.Path:
    """The path of `../shared/<relative>`, a file or a directory; skips the test where it is not there."""
    path = SHARED_ROOT / relative
    if not path.exists():
        pytest.skip(f"needs ../shared/{relative}: photographs or published annotations, which stay outside")
    return path


def shared_golden(name: str) -> dict[str, np.ndarray]:
    """The arrays of `../shared/golden/<name>`, an .npz file, by name; skips where it is not there."""
    with np.load(shared_path(f"golden/{name}")) as arrays:
        return {key: arrays[key] for key in arrays.files}
