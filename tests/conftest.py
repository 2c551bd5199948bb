"""What every test stands on: two logical CPU devices, a quiet TensorFlow, fixed seeds, few threads."""

from __future__ import annotations

import os
import pathlib
import random

# Before TensorFlow is imported anywhere: its C++ logger reads this once.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Tests run on the CPU, so that they say the same on every machine.
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
# And by as many threads on every machine: the workers of a parallel run share its cores.
os.environ["TF_NUM_INTRAOP_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["TF_NUM_INTEROP_THREADS"] = "2"

import numpy as np
import pytest

# Commands that tests start import this tree, whatever is installed.
_ROOT = str(pathlib.Path(__file__).resolve().parents[1])
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (_ROOT, os.environ.get("PYTHONPATH"))))

SEED = 20190616
_MOST_WORKERS = 4  # each holds TensorFlow, and trains: 3 GB


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """`-n auto`: a worker a core; on a single core none, everything in one process."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return 0 if cores == 1 else min(cores, _MOST_WORKERS)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Splits the CPU in two, so that a two-replica strategy is tested on any machine."""
    if session.config.getoption("dist", "no") != "no" and not hasattr(session.config, "workerinput"):
        return  # this process only hands tests out
    import tensorflow as tf

    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first, so that no worker is left with one of them at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(autouse=True)
def seed() -> int:
    """Seeds Python, NumPy and TensorFlow before each test; its value is the seed."""
    import tensorflow as tf

    random.seed(SEED)
    np.random.seed(SEED)  # noqa: NPY002 (libraries under test still draw from the legacy generator)
    tf.random.set_seed(SEED)
    return SEED
