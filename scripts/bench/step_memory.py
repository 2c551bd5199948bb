"""Measures the memory of one train step of each stage, in a fresh process each.

    python scripts/bench/step_memory.py --flagfile=market.flags --vgg_weights=random \
        --output=docs/results/step_memory.txt

Two steps are taken on a batch of noise. Memory is the process's largest resident size; beside it stands what
the process held before the first step (TensorFlow, the networks, Adam's two moments), so that the difference
is what activations and gradients take. On a GPU TensorFlow's own few hundred MB stay on the host, and cuDNN's
workspaces come on top.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf
from absl import app, flags

from measure import finish, machine, standing_people
from spt_tf.config import ExperimentConfig
from spt_tf.flags import configs_from_flags, define_flags
from spt_tf.models import conditioning
from spt_tf.training.build import build_stage_model
from spt_tf.training.host_memory import keep_freed_memory
from spt_tf.training.optimizers import make_optimizers

FLAGS = flags.FLAGS


def _peak() -> float:
    """This process's largest resident size so far, GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # given in kB


def _resident() -> float:
    """This process's resident size now, GB."""
    with open("/proc/self/statm", encoding="ascii") as numbers:
        return int(numbers.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e9


def _measure(experiment: ExperimentConfig, stage: str) -> None:
    """Prints variables (millions), GB before the first step, and the peak."""
    model = build_stage_model(experiment, stage)
    model.compile(make_optimizers(experiment.optimizer, stage, model.variable_groups()))
    keep_freed_memory()
    batch = standing_people(experiment)
    if experiment.at_half_size(stage):
        batch = conditioning.half_batch(batch)
    step = tf.function(model.train_step)
    before = _resident()
    for _ in range(2):
        step(batch)
    weights = sum(v.shape.num_elements() for v in model.variables) / 1e6
    print(weights, before, _peak())


def main(_: list[str]) -> None:
    experiment, run = configs_from_flags()
    if FLAGS.measure:
        tf.keras.mixed_precision.set_global_policy(run.precision)
        _measure(experiment, run.stage)
        return
    lines = [
        machine(),
        f"canvas {experiment.canvas}, batch {experiment.optimizer.batch_size}, {run.precision}",
    ]
    for stage in experiment.stages if run.stage == "all" else (run.stage,):
        command = [sys.executable, *sys.argv, f"--stage={stage}", "--measure"]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        weights, before, peak = map(float, done.stdout.split()[-3:])
        lines.append(
            f"{stage:14} {weights:6.1f} M variables; {before:5.2f} GB before the first step, "
            f"peak {peak:5.2f} GB: a step takes {peak - before:5.2f} GB"
        )
    finish(lines, FLAGS.output)


if __name__ == "__main__":
    define_flags()
    flags.DEFINE_string("output", None, "Text file for the results, besides the screen.")
    flags.DEFINE_bool("measure", False, "For the fresh process: measure --stage and print the figures.")
    flags.FLAGS.set_default("run_dir", "unused")
    app.run(main)
