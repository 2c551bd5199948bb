"""Training throughput against batch size and canvas, stage by stage.

    python scripts/bench/growth_throughput.py --flagfile=paper_dolls.flags \
        --output=docs/results/growth_throughput.txt

Images a second of compiled steps on a batch that is at hand; the networks are the flagfile's at every canvas.
On a machine that has other work pin the bench to one core and go by processor time:
`taskset -c 1 python ... --processor_time`.
"""

from __future__ import annotations

import dataclasses
import functools
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf
from absl import app, flags

from growth_picture import panels
from measure import define_bench_flags, finish, machine, median_seconds, standing_people
from spt_tf.config import ExperimentConfig
from spt_tf.flags import define_flags, experiment_from_flags
from spt_tf.training.host_memory import free_stage, keep_freed_memory
from train_step import compiled_model

FLAGS = flags.FLAGS
_CANVASES = ((64, 32), (128, 64), (256, 128))
_SIZES = (1, 2, 4, 8, 16)
_LARGEST_BATCH = 2**17  # pixels: beyond it a small machine's memory is at its end


def main(_: list[str]) -> None:
    experiment, _run = experiment_from_flags()
    keep_freed_memory()
    clock = time.process_time if FLAGS.processor_time else time.perf_counter
    lines = [
        machine(),
        f"generator width {experiment.network.generator_width}, stage {FLAGS.bench_stage}, median of "
        f"{FLAGS.repeats}, {'processor' if FLAGS.processor_time else 'wall'} time; images a second",
        "canvas    " + "".join(f"  batch {size:2}" for size in _SIZES),
    ]
    found: dict[tuple[int, int], list[float]] = {}
    for canvas in _CANVASES:
        sizes = [size for size in _SIZES if size * canvas[0] * canvas[1] <= _LARGEST_BATCH]
        found[canvas] = [_images_per_second(experiment, canvas, size, clock) for size in sizes]
        lines.append(f"{canvas[0]:3}x{canvas[1]:3}   " + "".join(f"{rate:10.1f}" for rate in found[canvas]))
        finish(lines, FLAGS.output)
    if FLAGS.output:
        _draw(found, pathlib.Path(FLAGS.output).with_suffix(".png"))


def _images_per_second(experiment: ExperimentConfig, canvas: tuple[int, int], size: int, clock) -> float:
    height, width = canvas
    experiment = dataclasses.replace(
        experiment,
        data=dataclasses.replace(experiment.data, height=height, width=width),
        optimizer=dataclasses.replace(experiment.optimizer, batch_size=size),
    )
    model = compiled_model(experiment, FLAGS.bench_stage, xla=False)
    batch, step = standing_people(experiment), tf.function(model.train_step)
    seconds = median_seconds([functools.partial(step, batch)], FLAGS.repeats, clock)[0]
    del model, step
    free_stage()
    keep_freed_memory()
    return size / seconds


def _draw(found: dict[tuple[int, int], list[float]], path: pathlib.Path) -> None:
    """Images a second against batch size, a line a canvas."""
    figure, [axes] = panels(1, (5, 3.4))
    for (height, width), rates in found.items():
        axes.loglog(_SIZES[: len(rates)], rates, marker="o", base=2, label=f"{height}x{width}")
    axes.set(xlabel="batch size", ylabel="images a second")
    axes.legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    define_flags()
    define_bench_flags(repeats=5)
    flags.DEFINE_string("bench_stage", "appearance", "Which stage's step.")
    flags.DEFINE_bool("processor_time", False, "Go by this process's time on the cores, not the clock.")
    flags.FLAGS.set_default("run_dir", "unused")
    app.run(main)
