"""Measures the memory of training: of a step of each stage in a process of its own, or of a whole run in one.

    python scripts/bench/step_memory.py --flagfile=market.flags --vgg_weights=random
    python scripts/bench/step_memory.py --flagfile=market.flags --vgg_weights=random --accumulate=4
    python scripts/bench/step_memory.py --flagfile=market.flags --vgg_weights=random --whole_run

Alone, two steps are taken on a batch of noise. Beside the process's largest resident size stands what it held
before the first step (TensorFlow, the networks, Adam's two moments), so that the difference is what
activations and gradients take. The whole run is `training.stages.train` on a few paper dolls, two steps a
stage, with pipeline and checkpoints, in a temporary folder, which takes a run's disk space; told is the
largest size up to each stage's end, which shows what finished stages leave behind. On a GPU TensorFlow's own
few hundred MB stay on the host, and cuDNN's workspaces come on top.
"""

from __future__ import annotations

import dataclasses
import os
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf
from absl import app, flags

from measure import finish, machine, peak_memory, resident_memory, standing_people
from spt_tf.config import ExperimentConfig, RunConfig
from spt_tf.flags import configs_from_flags, define_flags
from spt_tf.models import conditioning
from spt_tf.models.stage_model import StageModel
from spt_tf.paper_dolls.dataset import DatasetPlan, write_dataset
from spt_tf.training.build import build_stage_model
from spt_tf.training.host_memory import keep_freed_memory
from spt_tf.training.optimizers import make_optimizers
from spt_tf.training.stages import train

_STEPS = 2
_DOLLS = 40

FLAGS = flags.FLAGS


def _measure(experiment: ExperimentConfig, stage: str, accumulate: int) -> None:
    """Prints variables (millions), GB before the first step, and the peak."""
    model = build_stage_model(experiment, stage)
    optimizers = make_optimizers(experiment.optimizer, stage, model.variable_groups())
    model.compile(optimizers, accumulate=accumulate)
    keep_freed_memory()
    batch = standing_people(experiment)
    if experiment.at_half_size(stage):
        batch = conditioning.half_batch(batch)
    step = tf.function(model.train_step)
    before = resident_memory()
    for _ in range(_STEPS):
        step(batch)
    weights = sum(v.shape.num_elements() for v in model.variables) / 1e6
    print("alone:", weights, before, peak_memory())


class StageEnds:
    """Stands where a validator does, which training tells of every finished stage; prints the peak so far."""

    def __call__(self, model: StageModel) -> Mapping[str, float]:
        raise AssertionError("this run does not validate")

    def forget(self) -> None:
        """Called at the end of a stage, before what it held is given up."""
        print("so far:", peak_memory())


def _measure_whole_run(experiment: ExperimentConfig, run: RunConfig) -> None:
    """Trains all stages in this process; prints the peak at the end of each."""
    with tempfile.TemporaryDirectory() as work:
        data_dir = os.path.join(work, "dolls")
        write_dataset(pathlib.Path(data_dir), DatasetPlan(experiment.canvas, 0, _DOLLS, 1), processes=1)
        steps = {f"{stage}_steps": _STEPS for stage in experiment.stages}
        experiment = dataclasses.replace(
            experiment,
            data=dataclasses.replace(experiment.data, data_dir=data_dir),
            optimizer=dataclasses.replace(experiment.optimizer, **steps),
        )
        run = dataclasses.replace(
            run, run_dir=os.path.join(work, "run"), keep_checkpoints=1, validate_every=0, stage="all"
        )
        train(experiment, run, StageEnds())


def _in_a_fresh_process(*further: str) -> list[list[float]]:
    """The figures of each line that the measuring process prints."""
    command = [sys.executable, *sys.argv, "--measure", *further]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    marks = ("alone:", "so far:")
    return [
        [float(figure) for figure in line.split(":")[1].split()]
        for line in done.stdout.splitlines()
        if line.startswith(marks)
    ]


def _alone(stages: Sequence[str]) -> Iterator[str]:
    for stage in stages:
        [(weights, before, peak)] = _in_a_fresh_process(f"--stage={stage}")
        yield (
            f"{stage:14} {weights:6.1f} M variables; {before:5.2f} GB before the first step, "
            f"peak {peak:5.2f} GB: a step takes {peak - before:5.2f} GB"
        )


def _together(stages: Sequence[str]) -> Iterator[str]:
    yield "all stages in one process: the peak up to the end of each"
    for stage, [peak] in zip(stages, _in_a_fresh_process()):
        yield f"{stage:14} {peak:5.2f} GB"


def main(_: list[str]) -> None:
    experiment, run = configs_from_flags()
    if FLAGS.measure:
        if FLAGS.whole_run:
            _measure_whole_run(experiment, run)
        else:
            tf.keras.mixed_precision.set_global_policy(run.precision)
            _measure(experiment, run.stage, run.accumulate)
        return
    parts = "in one piece" if run.accumulate == 1 else f"in {run.accumulate} parts"
    stages = experiment.stages if run.stage == "all" else (run.stage,)
    lines = [
        machine(),
        f"canvas {experiment.canvas}, batch {experiment.optimizer.batch_size} {parts}, {run.precision}",
        *(_together(experiment.stages) if FLAGS.whole_run else _alone(stages)),
    ]
    finish(lines, FLAGS.output)


if __name__ == "__main__":
    define_flags()
    flags.DEFINE_string("output", None, "Text file for the results, besides the screen.")
    flags.DEFINE_bool("measure", False, "For the fresh process: measure, and print the figures.")
    flags.DEFINE_bool("whole_run", False, "Of all stages in one process, in place of each by itself.")
    flags.FLAGS.set_default("run_dir", "unused")
    app.run(main)
