"""What the benches share: timing side by side, random poses, and the results file."""

from __future__ import annotations

import os
import pathlib
import platform
import resource
import time
from typing import Callable

import numpy as np
import tensorflow as tf
from absl import flags

from spt_tf.config import ExperimentConfig

# A standing figure, (y, x) in canvas heights and widths, in the order of anatomy.JOINTS.
_STANDING = np.array(
    [
        *[(0.10, 0.50), (0.20, 0.50), (0.21, 0.34), (0.34, 0.26), (0.46, 0.22), (0.21, 0.66)],
        *[(0.34, 0.74), (0.46, 0.78), (0.48, 0.40), (0.69, 0.38), (0.90, 0.36), (0.48, 0.60)],
        *[(0.69, 0.62), (0.90, 0.64), (0.08, 0.46), (0.08, 0.54), (0.09, 0.40), (0.09, 0.60)],
    ]
)


def define_bench_flags(repeats: int) -> None:
    """The flags of every timing bench; called by binaries, so that importing a bench defines nothing."""
    flags.DEFINE_integer("repeats", repeats, "Timed calls; the median counts.", lower_bound=1)
    flags.DEFINE_string("output", None, "Text file for the results, besides the screen.")


def random_poses(count: int, canvas: tuple[int, int], seed: int) -> np.ndarray:
    """Jittered standing figures, float32 `[count,18,2]`, whole pixels, all joints there."""
    jitter = np.random.default_rng(seed).normal(0.0, 0.04, (count, 18, 2))
    poses = np.round((_STANDING + jitter) * np.array(canvas))
    return np.clip(poses, 0, np.array(canvas) - 1).astype(np.float32)


def standing_people(experiment: ExperimentConfig) -> dict[str, tf.Tensor]:
    """A training batch of noise in the shape of people, at the experiment's canvas and batch size."""
    size, canvas = experiment.optimizer.batch_size, experiment.canvas
    rng = np.random.default_rng(0)
    return {
        "source_image": tf.constant(rng.integers(0, 256, [size, *canvas, 3]), tf.uint8),
        "source_parsing": tf.constant(rng.integers(0, 10, [size, *canvas]), tf.uint8),
        "source_keypoints": tf.constant(random_poses(size, canvas, 1)),
        "target_parsing": tf.constant(rng.integers(0, 10, [size, *canvas]), tf.uint8),
        "target_keypoints": tf.constant(random_poses(size, canvas, 2)),
    }


def median_seconds(
    calls: list[Callable[[], object]], repeats: int, clock: Callable[[], float] = time.perf_counter
) -> np.ndarray:
    """Median time of each call. They take turns, so that a busy machine slows all alike."""
    for call in calls:
        call()
    seconds = np.zeros((repeats, len(calls)))
    for turn in range(repeats):
        for index, call in enumerate(calls):
            start = clock()
            tf.nest.map_structure(np.asarray, call())
            seconds[turn, index] = clock() - start
    return np.median(seconds, axis=0)


def peak_memory() -> float:
    """This process's largest resident size so far, GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def resident_memory(pid: int | str = "self") -> float:
    """A process's resident size now, GB. Raises OSError where it is gone."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as numbers:
        return int(numbers.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e9


def machine() -> str:
    """One line on what the numbers were taken on."""
    load = os.getloadavg()[0]
    return (
        f"TensorFlow {tf.__version__}, {os.cpu_count()} cores, {platform.machine()}, "
        f"load average {load:.1f} at the start"
    )


def finish(lines: list[str], output: str | None) -> None:
    """Prints the results, and writes them to a file where one is named."""
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if output:
        pathlib.Path(output).write_text(text, encoding="utf-8")
