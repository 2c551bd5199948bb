"""An image parser's file: weights, and what is to be known of them."""

from __future__ import annotations

import json
import os
import pathlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from spt_tf.data.file_reading import UnreadableFile, read_arrays, reading


def write_parser(path: str | os.PathLike, weights: Sequence[np.ndarray], facts: dict[str, Any]) -> None:
    """Writes one .npz file, whole or not at all."""
    path = pathlib.Path(path)
    named = {f"weight_{i:03d}": value for i, value in enumerate(weights)}
    unfinished = path.with_suffix(".unfinished.npz")
    np.savez(unfinished, facts=np.array(json.dumps(facts)), **named)
    os.replace(unfinished, path)


def read_parser(path: str | os.PathLike) -> tuple[list[np.ndarray], dict[str, Any]]:
    """Weights and facts of a file of `write_parser`; raises UnreadableFile, MissingFile."""
    arrays = read_arrays(path)
    weights = [arrays[name] for name in sorted(arrays) if name.startswith("weight_")]
    if "facts" not in arrays:
        raise UnreadableFile(path, "no image parser: it has no facts")
    with reading(path, "image parser"):
        return weights, json.loads(str(arrays["facts"]))


def parser_facts(path: str | os.PathLike) -> dict[str, Any]:
    """What is to be known of a parser: its training's steps, and its mIoU on true images."""
    return read_parser(path)[1]
