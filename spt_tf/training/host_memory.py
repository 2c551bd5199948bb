"""How the C library keeps the memory of a process that trains on the CPU."""

from __future__ import annotations

import ctypes

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
