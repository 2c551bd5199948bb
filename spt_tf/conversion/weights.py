"""Our side of the table: a local enhancer's weights by name."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from spt_tf.conversion.name_table import Row, generator_table
from spt_tf.networks.local_enhancer import LocalEnhancer


def table_of(enhancer: LocalEnhancer) -> list[Row]:
    """The table for an enhancer's own width and levels."""
    return generator_table(enhancer.global_network.width, enhancer.global_network.levels)


def write_weights(enhancer: LocalEnhancer, arrays: Mapping[str, np.ndarray]) -> None:
    """Gives a built enhancer the weights `state_dict.to_ours` made."""
    for name, array in arrays.items():
        _variable(enhancer, name).assign(array)


def read_weights(enhancer: LocalEnhancer, table: Sequence[Row]) -> dict[str, np.ndarray]:
    """A built enhancer's weights by our names."""
    return {row.ours: _variable(enhancer, row.ours).numpy() for row in table}


def _variable(enhancer: LocalEnhancer, name: str) -> tf.Variable:
    def step(owner: Any, part: str) -> Any:
        return owner[int(part)] if part.isdecimal() else getattr(owner, part)

    return functools.reduce(step, name.split("."), enhancer)
