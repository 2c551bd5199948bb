"""Measures how fast one core draws and writes paper dolls, and prints it.

python scripts/bench/paper_dolls.py --images=300
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import cv2
from absl import app, flags

from spt_tf.paper_dolls.dataset import DatasetPlan, write_dataset
from spt_tf.paper_dolls.people import draw_training_person

FLAGS = flags.FLAGS
_AIM = 200  # images a second a core at 128x64, writing included


def define_flags() -> None:
    """Defines the flags, with their checks."""
    flags.DEFINE_integer("images", 300, "Training images per repeat.", lower_bound=1)
    flags.DEFINE_integer("repeats", 3, "The best repeat counts.", lower_bound=1)
    flags.DEFINE_integer("height", 128, "Image height, pixels.", lower_bound=32)
    flags.DEFINE_integer("width", 64, "Image width, pixels.", lower_bound=16)


def main(argv: list[str]) -> None:
    if len(argv) > 1:
        raise app.UsageError(f"unexpected argument: {argv[1]}")
    cv2.setNumThreads(1)
    canvas = (FLAGS.height, FLAGS.width)
    drawing = _best(lambda: [draw_training_person(0, number, canvas) for number in range(FLAGS.images)])
    writing = _best(lambda: _write(canvas))
    size = f"{FLAGS.height}x{FLAGS.width}, one process, {FLAGS.images} images, best of {FLAGS.repeats}"
    for name, (wall, cpu) in (("drawn", drawing), ("drawn and written", writing)):
        print(f"{name}: {wall:.0f} images a second, {cpu:.0f} a CPU second ({size})")
    print(f"aim at 128x64: {_AIM} images a second a core, drawn and written")


def _write(canvas: tuple[int, int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_dataset(Path(folder) / "dolls", DatasetPlan(canvas, 0, FLAGS.images, 0))


def _best(work) -> tuple[float, float]:
    """Images a second of the clock and of the CPU, each in its best repeat."""
    rates = []
    for _ in range(FLAGS.repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        rates.append(
            (FLAGS.images / (time.perf_counter() - wall), FLAGS.images / (time.process_time() - cpu))
        )
    return max(rate[0] for rate in rates), max(rate[1] for rate in rates)


if __name__ == "__main__":
    define_flags()
    app.run(main)
