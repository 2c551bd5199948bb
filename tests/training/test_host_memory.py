"""Freed memory stays with malloc: told by malloc's own books, not by what the kernel made of it."""

from __future__ import annotations

import ctypes
import gc
import os
import pathlib
import platform
import subprocess
import sys
import weakref

import pytest
import tensorflow as tf

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
from spt_tf.training.host_memory import give_back_freed_memory, keep_freed_memory

class Mallinfo(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_int)
        for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()
    ]

libc, size = ctypes.CDLL(None), 100_000_000
libc.mallinfo.restype = Mallinfo
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
if sys.argv[1] != "as it is":
    assert keep_freed_memory()
if sys.argv[1] == "give back":
    assert give_back_freed_memory()
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
        self.trimmed: list[int] = []

    def mallopt(self, parameter: int, value: int) -> int:
        self.calls[parameter] = value
        return int(parameter != self.refused)

    def malloc_trim(self, pad: int) -> int:
        self.trimmed.append(pad)
        return 0  # nothing was free


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
    assert _look("give back") == "mapped given back"


def test_malloc_is_told_to_map_nothing_and_never_to_trim(monkeypatch):
    library = FakeLibrary()
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library)
    assert host_memory.keep_freed_memory()
    assert library.calls == {-3: 2**31 - 1, -1: -1}  # M_MMAP_THRESHOLD, M_TRIM_THRESHOLD of <malloc.h>


def test_malloc_is_told_to_map_what_is_large_again_and_to_trim_all_that_is_free(monkeypatch):
    library = FakeLibrary()
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library)
    assert host_memory.keep_freed_memory() and host_memory.give_back_freed_memory()
    assert library.calls == {-3: 2**25, -1: 2**26} and library.trimmed == [0]


BOTH = [host_memory.keep_freed_memory, host_memory.give_back_freed_memory]


@pytest.mark.parametrize("refused", [-3, -1])
@pytest.mark.parametrize("ask", BOTH)
def test_a_malloc_that_refuses_is_reported(monkeypatch, ask, refused):
    monkeypatch.setattr(ctypes, "CDLL", lambda name: FakeLibrary(refused))
    assert not ask()


@pytest.mark.parametrize("ask", BOTH)
def test_another_c_library_is_left_alone(monkeypatch, ask):
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    assert not ask()


def test_malloc_gives_back_what_a_finished_stage_took(monkeypatch):
    library = FakeLibrary()
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library)
    host_memory.free_stage()
    assert library.trimmed == [0]


@pytest.mark.slow
def test_nothing_of_a_finished_stage_is_left(tmp_path, monkeypatch):
    """Neither its model nor what its validation traced, nor the resources that graphs have captured."""
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
    before = _resources()
    stages.train(experiment, run, load_held_out(experiment, run))
    assert len(models) == 1 and models[0]() is None
    assert not _resources() - before


def _resources() -> set[str]:
    """The handles of variables, iterators and the like that anything in Python holds."""
    gc.collect()
    tensors = [one for one in gc.get_objects() if isinstance(one, tf.__internal__.EagerTensor)]
    return {repr(tensor) for tensor in tensors if tensor.dtype == tf.resource}
