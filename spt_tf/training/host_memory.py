"""What a process that trains keeps of its memory, and what it gives up between stages."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable

import tensorflow as tf
from tensorflow.python.framework.ops import gradient_registry

# Of <malloc.h>; mallopt takes C ints.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_NEVER, _LARGEST = -1, 2**31 - 1
# Bytes: as far as glibc itself raises the threshold of mapping; that of trimming is twice as much.
_BY_DEFAULT = 32 * 2**20


def keep_freed_memory() -> bool:
    """Makes malloc keep what is freed, for the next step to use; whether that could be done.

    By default glibc hands every freed feature map of more than 32 MB back to the system and gets the next
    one page by page, each of them zeroed first: a tenth of a DeepFashion step on the CPU. Other C libraries
    are left as they are.
    """
    return _set_thresholds(_LARGEST, _NEVER)


def give_back_freed_memory() -> bool:
    """Makes malloc hand back to the system all that is free, now and from now on; whether that could be done.

    What `keep_freed_memory` kept for one stage's steps is in pieces of that stage's sizes: the next would
    fill some of them and take new memory beside the others.
    """
    malloc_trim = _of_the_c_library("malloc_trim")
    if malloc_trim is None or not _set_thresholds(_BY_DEFAULT, 2 * _BY_DEFAULT):
        return False
    malloc_trim(0)  # answers whether there was anything to give
    return True


def forget_custom_gradients() -> None:
    """Lets go of the graphs in which a `tf.custom_gradient` was traced: nobody can differentiate them again.

    TensorFlow registers each such gradient for good, and with it the graph, the resources it captured, and so
    all of a stage's variables. (tensorflow.python.ops.custom_gradient, `_graph_mode_decorator`.)
    """
    registered = gradient_registry._registry
    for name in [name for name in registered if name.startswith("CustomGradient-")]:
        del registered[name]


def _set_thresholds(mmap: int, trim: int) -> bool:
    """From how many bytes on a block is mapped for itself, and how many may lie free at the heap's end."""
    mallopt = _of_the_c_library("mallopt")
    if mallopt is None:
        return False
    return bool(mallopt(_MMAP_THRESHOLD, mmap)) and bool(mallopt(_TRIM_THRESHOLD, trim))


def _of_the_c_library(name: str) -> Callable | None:
    try:
        return getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):  # no such function; no such library (Windows)
        return None


def free_stage(validator: Callable | None = None) -> None:
    """Gives up what a finished stage held: its model, which nobody else may refer to, and its functions.

    Networks, optimizer slots and traced functions refer to each other, and so wait for the collector, which
    counts objects and not their gigabytes: without this the stages of market.flags add up. And malloc gives
    back what they took.
    """
    if validator is not None and hasattr(validator, "forget"):
        validator.forget()
    forget_custom_gradients()
    tf.keras.backend.clear_session()
    gc.collect()
    give_back_freed_memory()
