"""What a process that trains keeps of its memory, and what it gives up between stages."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable

import tensorflow as tf

# Of <malloc.h>; mallopt takes C ints.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_NEVER, _LARGEST = -1, 2**31 - 1


def keep_freed_memory() -> bool:
    """Makes malloc keep what is freed, for the next step to use; whether that could be done.

    By default glibc hands every freed feature map of more than 32 MB back to the system and gets the next
    one page by page, each of them zeroed first: a tenth of a DeepFashion step on the CPU. Other C libraries
    are left as they are.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # no such function; no such library (Windows)
        return False
    return bool(mallopt(_MMAP_THRESHOLD, _LARGEST)) and bool(mallopt(_TRIM_THRESHOLD, _NEVER))


def free_stage(validator: Callable | None = None) -> None:
    """Gives up what a finished stage held: its model, which nobody else may refer to, and its functions.

    Networks, optimizer slots and traced functions refer to each other, and so wait for the collector, which
    counts objects and not their gigabytes: without this the stages of market.flags add up.
    """
    if validator is not None and hasattr(validator, "forget"):
        validator.forget()
    tf.keras.backend.clear_session()
    gc.collect()
