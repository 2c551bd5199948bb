"""Networks that make their variables, and compute nothing: to be ready sooner."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

_shapes_alone: ContextVar[bool] = ContextVar("shapes_alone", default=False)


@contextlib.contextmanager
def shapes_alone() -> Iterator[None]:
    """Inside, networks answer zeros of the right shape and type. Those that cannot compute as ever."""
    before = _shapes_alone.set(True)
    try:
        yield
    finally:
        _shapes_alone.reset(before)


def shapes_will_do() -> bool:
    """Whether the caller asks for no more than a network's variables and the shape of its answer."""
    return _shapes_alone.get()
