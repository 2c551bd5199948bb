"""Networks that make their variables, or tell what they are made of, without computing anything."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from typing import NamedTuple

import tensorflow as tf


class Given(NamedTuple):
    """A layer with variables of its own, and what it is given: (B, H, W, C)."""

    layer: tf.keras.layers.Layer
    shape: tuple[int, ...]


_ON: ContextVar[bool] = ContextVar("shapes_alone", default=False)
_NOTED: ContextVar[list[Given] | None] = ContextVar("shapes_noted", default=None)


@contextlib.contextmanager
def shapes_alone() -> Iterator[None]:
    """Inside, networks make their variables and answer zeros of the right shape."""
    before = _ON.set(True)
    try:
        yield
    finally:
        _ON.reset(before)


@contextlib.contextmanager
def shapes_noted() -> Iterator[list[Given]]:
    """Inside, networks answer so, but make no variables, not even later: a list gets their layers."""
    noted: list[Given] = []
    before = _NOTED.set(noted)
    try:
        with shapes_alone():
            yield noted
    finally:
        _NOTED.reset(before)


def shapes_will_do() -> bool:
    """Whether nobody needs more of a network's answer than its shape."""
    return _ON.get()


def make_variables(layer: tf.keras.layers.Layer, shape: Sequence) -> None:
    """Makes a layer's variables as its first call does, for a map of (B, H, W, C) or a list of such maps."""
    noted = _NOTED.get()
    if noted is not None and not any(isinstance(part, tf.keras.layers.Layer) for part in layer.submodules):
        noted.append(Given(layer, tuple(shape)))
    elif not layer.built:
        with tf.name_scope(layer.name):
            _draw_seed(layer)
            layer.build(shape)


def _draw_seed(layer: tf.keras.layers.Layer) -> None:
    """Of a kernel's random values, in the layers' order, whether or not a checkpoint's values come instead.

    So what other layers begin with does not depend on which networks are read.
    """
    generator = getattr(getattr(layer, "kernel_initializer", None), "_random_generator", None)
    if generator is not None:
        generator._maybe_init()
