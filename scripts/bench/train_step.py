"""Times the train step of each stage: images a second, share of the machine's convolution speed, the guess.

    python scripts/bench/train_step.py --flagfile=demo.flags --output=docs/results/train_step.txt

The machine's speed is that of one large 3x3 convolution, forward, measured in the same process, turn by turn
with the steps. A step's work is what TensorFlow's profiler counts for the operators of its graph. The guess
is what training tells before its first step (`training.estimates`), by that convolution. On a machine that
has other work pin the bench to one core and go by processor time: `taskset -c 1 python ... --processor_time`.
"""

from __future__ import annotations

import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf
from absl import app, flags

from measure import define_bench_flags, finish, machine, median_seconds, standing_people
from spt_tf.config import ExperimentConfig
from spt_tf.flags import define_flags, experiment_from_flags
from spt_tf.models.stage_model import StageModel
from spt_tf.training.build import build_stage_model
from spt_tf.training.estimates import large_convolution, seconds_a_step
from spt_tf.training.host_memory import keep_freed_memory
from spt_tf.training.optimizers import make_optimizers
from spt_tf.training.stage_work import look_at_networks

FLAGS = flags.FLAGS


def compiled_model(experiment: ExperimentConfig, stage: str, xla: bool) -> StageModel:
    """A stage's model, ready to take steps."""
    model = build_stage_model(experiment, stage)
    optimizers = make_optimizers(experiment.optimizer, stage, model.variable_groups())
    model.compile(optimizers, experiment.optimizer.clip_norm, jit_compile=xla)
    return model


def floating_point_operations(graph: tf.Graph) -> int:
    """What the profiler counts for the graph's operators, multiplications and additions apart."""
    options = tf.compat.v1.profiler.ProfileOptionBuilder(
        tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
    )
    profile = tf.compat.v1.profiler.profile(graph, options=options.with_empty_output().build())
    return profile.total_float_ops


def main(_: list[str]) -> None:
    experiment, run = experiment_from_flags()
    keep_freed_memory()
    tf.keras.mixed_precision.set_global_policy(run.precision)
    batch, size = standing_people(experiment), experiment.optimizer.batch_size
    lines = [
        machine(),
        f"canvas {experiment.canvas}, generator width {experiment.network.generator_width}, batch {size}, "
        f"{run.precision}, {'XLA' if run.xla else 'no XLA'}, median of {FLAGS.repeats}"
        + (", processor time" if FLAGS.processor_time else ""),
    ]
    networks = look_at_networks(experiment)
    convolve, multiplications = large_convolution()
    for stage in experiment.stages if run.stage == "all" else (run.stage,):
        model = compiled_model(experiment, stage, run.xla)
        step = tf.function(model.train_step, jit_compile=run.xla or None)
        work = floating_point_operations(step.get_concrete_function(batch).graph)
        step_seconds, convolution_seconds = median_seconds(
            [lambda s=step: s(batch), convolve],
            FLAGS.repeats,
            time.process_time if FLAGS.processor_time else time.perf_counter,
        )
        speed, peak = work / step_seconds, 2 * multiplications / convolution_seconds
        guess = seconds_a_step(experiment, stage, networks, convolution_seconds / multiplications)
        lines.append(
            f"{stage:14} {size / step_seconds:8.1f} images/s  {work / size / 1e9:7.2f} GFLOP/image  "
            f"{speed / 1e9:7.1f} GFLOP/s, {100 * speed / peak:4.1f} % of the machine's {peak / 1e9:.0f};  "
            f"guessed {size / guess:.1f} images/s, {step_seconds / guess:.2f} times the time"
        )
    finish(lines, FLAGS.output)


if __name__ == "__main__":
    define_flags()
    define_bench_flags(repeats=7)
    flags.DEFINE_bool("processor_time", False, "Go by the process's processor time, not by the wall clock.")
    app.run(main)
