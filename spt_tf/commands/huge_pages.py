"""Training's memory in huge pages, where Linux gives them to whoever asks."""

from __future__ import annotations

import os
import pathlib
import sys

_MODE = pathlib.Path("/sys/kernel/mm/transparent_hugepage/enabled")
_ASK = "glibc.malloc.hugetlb=1"


def ask_for_huge_pages() -> None:
    """Begins this process anew, as the same command, with a malloc that asks for huge pages.

    A step of market.flags touches gigabytes for the first time, 4 kB at a time: with pages of 2 MB its first
    step is done a second sooner, and every later one a little. glibc (2.35 and later; others ignore it) reads
    GLIBC_TUNABLES only when a process begins, and a new one takes 60 ms. Nothing happens where Linux gives
    huge pages to all or to nobody, where the variable says something about them already, as it does the
    second time, and before Python 3.10, which does not know its whole command line.
    """
    tunables = os.environ.get("GLIBC_TUNABLES", "")
    command = getattr(sys, "orig_argv", None)
    if "glibc.malloc.hugetlb" in tunables or not command or not sys.executable or not _given_to_who_asks():
        return
    os.environ["GLIBC_TUNABLES"] = f"{tunables}:{_ASK}" if tunables else _ASK
    os.execv(sys.executable, [sys.executable, *command[1:]])


def _given_to_who_asks() -> bool:
    try:
        return "[madvise]" in _MODE.read_text(encoding="utf8")
    except OSError:  # another system
        return False
