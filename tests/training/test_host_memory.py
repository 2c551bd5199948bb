"""Freed memory stays with malloc: told by malloc's own books, not by what the kernel made of it."""

from __future__ import annotations

import ctypes
import os
import pathlib
import platform
import subprocess
import sys
import weakref

import pytest

from spt_tf.evaluation.held_out import load_held_out
from spt_tf.training import host_memory, stages
from tests.data.folders import market_folder
from tests.tiny import CANVAS, tiny_experiment
from tests.training.run_options import run_options

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Takes and frees 100 MB in a process of its own. Prints whether it was mapped for itself, and whether it lies
# free in malloc's hands afterwards. (mallinfo counts in C ints, and every glibc has it.)
LOOK = """
import ctypes, sys
from spt_tf.training.host_memory import keep_freed_memory

class Mallinfo(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_int)
        for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()
    ]

libc, size = ctypes.CDLL(None), 100_000_000
libc.mallinfo.restype = Mallinfo
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
if sys.argv[1] == "keep":
    assert keep_freed_memory()
block = libc.malloc(size)
mapped = libc.mallinfo().hblkhd >= size
libc.free(block)
print("mapped" if mapped else "in the heap", "kept" if libc.mallinfo().fordblks >= size else "given back")
"""


class FakeLibrary:
    """Stands for the C library: notes what mallopt is told, and answers 1, or 0 to one parameter."""

    def __init__(self, refused: int | None = None):
        self.calls: dict[int, int] = {}
        self.refused = refused

    def mallopt(self, parameter: int, value: int) -> int:
        self.calls[parameter] = value
        return int(parameter != self.refused)


def _look(what: str) -> str:
    others = ("LD_PRELOAD", "GLIBC_TUNABLES", "MALLOC_")  # would choose another malloc, or other thresholds
    environment = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    command = [sys.executable, "-c", LOOK, what]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is told to keep memory")
def test_malloc_keeps_a_large_block_that_is_freed():
    assert _look("keep") == "in the heap kept"
    assert _look("as it is") == "mapped given back"


def test_malloc_is_told_to_map_nothing_and_never_to_trim(monkeypatch):
    library = FakeLibrary()
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library)
    assert host_memory.keep_freed_memory()
    assert library.calls == {-3: 2**31 - 1, -1: -1}  # M_MMAP_THRESHOLD, M_TRIM_THRESHOLD of <malloc.h>


@pytest.mark.parametrize("refused", [-3, -1])
def test_a_malloc_that_refuses_is_reported(monkeypatch, refused):
    monkeypatch.setattr(ctypes, "CDLL", lambda name: FakeLibrary(refused))
    assert not host_memory.keep_freed_memory()


def test_another_c_library_is_left_alone(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    assert not host_memory.keep_freed_memory()


@pytest.mark.slow
def test_nothing_of_a_finished_stage_is_left(tmp_path, monkeypatch):
    """Neither its model nor what its validation traced."""
    market_folder(tmp_path / "data", people=4, canvas=CANVAS)
    market_folder(tmp_path / "data", "test", people=4, canvas=CANVAS)
    experiment = tiny_experiment(str(tmp_path / "data"), pose_detector_steps=2)
    run = run_options(tmp_path / "run", stage="pose_detector", validate_every=2)
    models, prepare = [], stages._prepare_model

    def remember(*given):
        model = prepare(*given)
        models.append(weakref.ref(model))
        return model

    monkeypatch.setattr(stages, "_prepare_model", remember)
    stages.train(experiment, run, load_held_out(experiment, run))
    assert len(models) == 1 and models[0]() is None
