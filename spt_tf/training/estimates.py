"""What a stage will take, guessed before anything is trained: time, and the disk space of checkpoints.

The guess goes by what the stage's networks compute (`stage_work`) and by how fast this machine convolves now;
docs/results/train_step.txt holds it against steps. What a run has taken in fact corrects it (`plan.Plan`).
"""

from __future__ import annotations

import time
from collections.abc import Callable

import tensorflow as tf

from spt_tf.config import ExperimentConfig
from spt_tf.training.stage_work import Networks, networks_held, networks_moved, work_of_a_step

_BYTES = 4  # float32
_TIMED_IMAGES, _TIMED_FOR = 4, 0.1  # seconds
# A step has some eighty operators a convolution: what dispatching them takes, what the small ones among them
# do with an element that the convolution writes, and what making a graph of them takes before the first step.
_SECONDS_A_CONVOLUTION = 0.3e-3
_MULTIPLICATIONS_AN_ELEMENT = 200
_SECONDS_TO_TRACE_A_CONVOLUTION = 0.09


def large_convolution() -> tuple[Callable[[], tf.Tensor], int]:
    """A call that convolves as fast as this machine can, and its multiplications: some 10 ms on a core.

    What it returns is one element: a GPU's whole map would take longer to fetch than to make.
    """
    image, kernel = tf.ones([_TIMED_IMAGES, 64, 64, 64]), tf.ones([3, 3, 64, 64])
    multiplications = _TIMED_IMAGES * 64 * 64 * kernel.shape.num_elements()
    return lambda: tf.nn.conv2d(image, kernel, 1, "SAME")[0, 0, 0, 0], multiplications


def seconds_of_a_multiplication() -> float:
    """In a large convolution, on this machine and beside whatever else it does now; a tenth of a second."""
    convolve, multiplications = large_convolution()
    convolve().numpy()
    began, passes = time.perf_counter(), 0
    while passes < 1 or time.perf_counter() - began < _TIMED_FOR:
        convolve().numpy()
        passes += 1
    return (time.perf_counter() - began) / passes / multiplications


def seconds_a_step(
    experiment: ExperimentConfig, stage: str, networks: Networks, of_a_multiplication: float
) -> float:
    """A guess of one step of a stage."""
    work = work_of_a_step(experiment, stage, networks)
    multiplications = work.multiplications + _MULTIPLICATIONS_AN_ELEMENT * work.elements
    return multiplications * of_a_multiplication + _SECONDS_A_CONVOLUTION * work.convolutions


def seconds_to_begin(experiment: ExperimentConfig, stage: str, networks: Networks) -> float:
    """A guess of what making a stage's networks and its step's graph takes."""
    return _SECONDS_TO_TRACE_A_CONVOLUTION * work_of_a_step(experiment, stage, networks).convolutions


def checkpoint_bytes(experiment: ExperimentConfig, stage: str, networks: Networks) -> int:
    """Of one checkpoint of a stage: what training needs to go on, and the networks once more."""
    moved, held = networks_moved(experiment, stage), networks_held(experiment, stage)
    copies = 2 * networks.count(held) + 2 * networks.count(moved)  # Adam's moments
    if experiment.optimizer.average_decay:
        copies += networks.count({name for name in moved if "discriminator" not in name})
    return _BYTES * copies
