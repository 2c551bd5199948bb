"""What every test stands on: two logical CPU devices, a quiet TensorFlow, fixed seeds."""

from __future__ import annotations

import os
import pathlib
import random

# Before TensorFlow is imported anywhere: its C++ logger reads this once.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Tests run on the CPU, so that they say the same on every machine.
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import numpy as np
import pytest
import tensorflow as tf

SEED = 20190616

# Commands that tests start import this tree, whatever is installed.
_ROOT = str(pathlib.Path(__file__).resolve().parents[1])
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (_ROOT, os.environ.get("PYTHONPATH"))))


def _make_two_cpus() -> None:
    """Splits the CPU in two, so that a two-replica strategy is tested on any machine."""
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)


_make_two_cpus()


@pytest.fixture(autouse=True)
def seed() -> int:
    """Seeds Python, NumPy and TensorFlow before each test; its value is the seed."""
    random.seed(SEED)
    np.random.seed(SEED)  # noqa: NPY002 (libraries under test still draw from the legacy generator)
    tf.random.set_seed(SEED)
    return SEED
