"""Gives back what an unloaded model has left behind, so that a server's memory stays flat over versions."""

from __future__ import annotations

import ctypes
import gc
import sys


def free_memory() -> None:
    """Frees what nobody refers to any more, and returns free pages to the system.

    A closed session's `tf.Graph` and its operators refer to each other, so only Python's collector frees
    them, and its full round comes too rarely: each version would leave tens of megabytes for many others.
    What is freed then lies between smaller live blocks, where glibc keeps it unless asked to trim.
    """
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it; others need none
        if trim is not None:
            trim(0)
