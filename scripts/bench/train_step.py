"""Times the train step of each stage: images a second, and the share of the machine's convolution speed.

    python scripts/bench/train_step.py --flagfile=demo.flags --output=docs/results/train_step.txt

The machine's speed is that of one large 3x3 convolution, forward, measured in the same process, turn by turn
with the steps. A step's work is what TensorFlow's profiler counts for the operators of its graph.
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf
from absl import app, flags

from measure import define_bench_flags, finish, machine, median_seconds, standing_people
from spt_tf.config import ExperimentConfig
from spt_tf.flags import define_flags, experiment_from_flags
from spt_tf.models.stage_model import StageModel
from spt_tf.training.build import build_stage_model
from spt_tf.training.host_memory import keep_freed_memory
from spt_tf.training.optimizers import make_optimizers

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


def large_convolution() -> tuple[tf.types.experimental.ConcreteFunction, int]:
    """One 3x3 convolution of 256 channels on 8 maps of 64x64, and its operations."""
    maps, kernel = tf.random.normal([8, 64, 64, 256]), tf.random.normal([3, 3, 256, 256])
    work = 2 * 8 * 64 * 64 * 9 * 256 * 256

    @tf.function
    def convolve() -> tf.Tensor:
        return tf.reduce_sum(tf.nn.conv2d(maps, kernel, 1, "SAME"))

    return convolve.get_concrete_function(), work


def main(_: list[str]) -> None:
    experiment, run = experiment_from_flags()
    keep_freed_memory()
    tf.keras.mixed_precision.set_global_policy(run.precision)
    batch, size = standing_people(experiment), experiment.optimizer.batch_size
    lines = [
        machine(),
        f"canvas {experiment.canvas}, generator width {experiment.network.generator_width}, batch {size}, "
        f"{run.precision}, {'XLA' if run.xla else 'no XLA'}, median of {FLAGS.repeats}",
    ]
    convolve, convolution_work = large_convolution()
    for stage in experiment.stages if run.stage == "all" else (run.stage,):
        model = compiled_model(experiment, stage, run.xla)
        step = tf.function(model.train_step, jit_compile=run.xla or None)
        work = floating_point_operations(step.get_concrete_function(batch).graph)
        step_seconds, convolution_seconds = median_seconds([lambda s=step: s(batch), convolve], FLAGS.repeats)
        speed, peak = work / step_seconds, convolution_work / convolution_seconds
        lines.append(
            f"{stage:14} {size / step_seconds:8.1f} images/s  {work / size / 1e9:7.2f} GFLOP/image  "
            f"{speed / 1e9:7.1f} GFLOP/s, {100 * speed / peak:4.1f} % of the machine's {peak / 1e9:.0f}"
        )
    finish(lines, FLAGS.output)


if __name__ == "__main__":
    define_flags()
    define_bench_flags(repeats=7)
    app.run(main)
