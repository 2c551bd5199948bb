"""Speed and memory of the DeepFashion generator at 256x256, beside the authors' PyTorch.

    python scripts/bench/deepfashion_256.py --flagfile=deepfashion.flags --vgg_weights=random \
        --torch_python=$(which python) --output=docs/results/deepfashion_256.txt

Inference: raw keypoints, image and parsings in, image out, by weights that are read from a checkpoint. A
training step: the person moved and mapped back, all appearance losses, and the steps of all optimizers, at
alpha 1; the target's parsing is given, because the authors' code has no semantic network. Each line is a
fresh process; memory is its largest resident size. Theirs is `authors_step.py`, run in turn with ours by
--torch_python, an interpreter that has PyTorch (requirements-torch.txt); without one it is set beside
numbers once measured for their own files. Theirs is float32; ours is measured in float32 and, for processors
that have it, in mixed_bfloat16, inference by weights held in bfloat16. The last tables tell what the parts of
ours cost (`operator_costs`); operators that run at the same time count each for itself.
"""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import tempfile
import time
from typing import Callable

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from absl import app, flags

from measure import define_bench_flags, finish, machine, peak_memory, standing_people
from operator_costs import Operator, cost_table, operators_run
from spt_tf.config import ExperimentConfig
from spt_tf.evaluation.methods import trained_on_true_parsing
from spt_tf.flags import configs_from_flags, define_flags
from spt_tf.inference import FinishedRun
from spt_tf.layers.dropout import DropoutSeed
from spt_tf.models import conditioning
from spt_tf.models.appearance import AppearanceModel
from spt_tf.models.cycle import Cycle
from spt_tf.models.graph_optimizers import optimized_lightly
from spt_tf.models.stage_losses import StageLosses
from spt_tf.people import Person
from spt_tf.training.build import build_appearance_critic, build_person_generator
from spt_tf.training.checkpoints import build_from_networks
from spt_tf.training.host_memory import keep_freed_memory
from spt_tf.training.optimizers import make_optimizers

FLAGS = flags.FLAGS

# Once measured for the authors' own files on two cores: seconds an image, GB.
_AUTHORS = {("inference", 1): (0.6, None), ("step", 1): (5.2, 4.0), ("step", 2): (5.2, 6.3)}
_MEASURED = (("inference", 1), ("inference", 8), ("step", 1), ("step", 2))
# By the scopes in their operators' names.
_NETWORKS = {
    "local_enhancer": "H_A",
    "pose_detector": "P",
    "vgg_features": "Lambda",
    "patch_discriminator": "D_A",
    "grown_discriminator": "D_F",
}

# What `training.host_memory` does for ours; theirs is a sixth faster by it.
_KEEP_FREED_MEMORY = {"MALLOC_MMAP_THRESHOLD_": "8000000000", "MALLOC_TRIM_THRESHOLD_": "100000000000"}


class GivenParsing(AppearanceModel):
    """Stage appearance with H_S left out: all of H_A learns, on the parsings that come with the batch."""

    def compute_stage_losses(
        self, batch: dict[str, tf.Tensor], dropout_seed: DropoutSeed | None
    ) -> StageLosses:
        person, source = self.person, conditioning.source_person(batch)
        target = conditioning.labels_to_parsing(batch["target_parsing"])
        forward, backward = person.there_and_back(source.keypoints, batch["target_keypoints"])
        image = person.paint(source.image, source.parsing, target, forward, dropout_seed)
        returned = person.paint(image, target, source.parsing, backward, dropout_seed)
        moved = Person(image, target, batch["target_keypoints"])
        cycle = Cycle(moved, Person(returned, source.parsing, source.keypoints), forward, backward)
        return self.critic.losses(source, cycle)


def training_step(experiment: ExperimentConfig, batch: dict[str, tf.Tensor]) -> Callable[[], object]:
    """One step of every optimizer, compiled, as `training.stages` takes it."""
    person = build_person_generator(experiment, experiment.canvas, semantic=False)
    model = GivenParsing(person, build_appearance_critic(experiment, "end_to_end"))
    model.create_variables(batch)
    optimizers = make_optimizers(experiment.optimizer, "end_to_end", model.variable_groups())
    model.compile(optimizers, experiment.optimizer.clip_norm)
    keep_freed_memory()
    step = optimized_lightly(tf.function(model.train_step))
    return lambda: step(batch)


def inference(experiment: ExperimentConfig, batch: dict[str, tf.Tensor]) -> Callable[[], object]:
    """One batch of people painted on given parsings."""
    person = build_person_generator(experiment, experiment.canvas, semantic=False)
    build_from_networks(person.create_variables, {FLAGS.weights: person.networks()})
    if tf.keras.mixed_precision.global_policy().compute_dtype == "bfloat16":
        person.hold_kernels(tf.bfloat16)  # as `load_finished_run` does
    method = trained_on_true_parsing(FinishedRun(experiment, person, lambda: None, "untrained", 0))
    return lambda: method(batch)


def _save_weights(experiment: ExperimentConfig) -> None:
    person = build_person_generator(experiment, experiment.canvas, semantic=False)
    person.create_variables()
    tf.train.Checkpoint(**person.networks()).write(FLAGS.weights)


def _measure(experiment: ExperimentConfig) -> None:
    """Prints seconds an image and the largest resident size in GB."""
    batch = standing_people(experiment)
    call = (inference if FLAGS.measure == "inference" else training_step)(experiment, batch)
    call()
    if FLAGS.by_part:
        print("\n".join(cost_table(operators_run(lambda: tf.nest.map_structure(np.asarray, call())), _part)))
        return
    seconds = []
    for _ in range(FLAGS.repeats):
        start = time.perf_counter()
        tf.nest.map_structure(np.asarray, call())
        seconds.append(time.perf_counter() - start)
    peak = peak_memory()
    print(np.median(seconds) / experiment.optimizer.batch_size, peak)


def _part(one: Operator) -> str:
    """The network that an operator is of, and whether of its gradient."""
    if "Adam" in one.kind:
        return "Adam"
    scopes = one.name.split("/")
    network = next(
        (part for scope, part in _NETWORKS.items() if any(s.startswith(scope) for s in scopes)), ""
    )
    return f"{network or 'poses, losses, the rest'}{', backward' if 'gradient_tape' in scopes else ''}"


def _measured(command: list[str], environment: dict[str, str] | None = None) -> tuple[float, float]:
    """Seconds an image and GB, as a fresh process prints them at its end."""
    variables = {**os.environ, **(environment or {})}
    seconds, peak = map(float, _printed(command, variables).split()[-2:])
    return seconds, peak


def _printed(command: list[str], variables: dict[str, str] | None = None) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, env=variables).stdout


def _theirs(what: str, size: int) -> tuple[float, float | None]:
    if not FLAGS.torch_python:
        return _AUTHORS[what, size]
    script = str(pathlib.Path(__file__).with_name("authors_step.py"))
    options = [f"--measure={what}", f"--batch_size={size}", f"--repeats={FLAGS.repeats}"]
    return _measured([FLAGS.torch_python, script, *options], _KEEP_FREED_MEMORY)


def main(argv: list[str]) -> None:
    experiment, run = configs_from_flags()
    if FLAGS.measure:
        tf.keras.mixed_precision.set_global_policy(run.precision)
        (_save_weights if FLAGS.measure == "weights" else _measure)(experiment)
        return
    if experiment.canvas != (256, 256):
        raise app.UsageError(
            f"theirs is of 256x256, not {experiment.canvas}: give --flagfile=deepfashion.flags"
        )
    with tempfile.TemporaryDirectory() as folder:
        weights = f"--weights={folder}/networks"
        _printed([sys.executable, *sys.argv, weights, "--measure=weights"])
        finish(_results(experiment, [sys.executable, *sys.argv, weights]), FLAGS.output)


def _results(experiment: ExperimentConfig, ours_by: list[str]) -> list[str]:
    """Theirs and ours in turn, and what the parts of ours cost. ours_by: the command that measures ours."""
    measured = "measured in turn with ours" if FLAGS.torch_python else "measured once, on two cores"
    lines = [machine(), f"canvas {experiment.canvas}, median of {FLAGS.repeats}; theirs {measured}"]
    for what, size in _MEASURED if FLAGS.torch_python else _AUTHORS:
        seconds, memory = _theirs(what, size)
        beside = f" {memory:.2f} GB" if memory else ""
        lines.append(f"{what} batch {size}, theirs: {seconds:5.2f} s an image{beside}")
        for precision in ("float32", "mixed_bfloat16"):
            options = [f"--measure={what}", f"--batch_size={size}", f"--precision={precision}"]
            ours, peak = _measured([*ours_by, *options])
            share = f" ({peak / memory:.2f} of theirs)" if memory else ""
            lines.append(
                f"    ours, {precision:15} {ours:5.2f} s an image, {seconds / ours:.2f} times as fast; "
                f"peak {peak:.2f} GB{share}"
            )
    for what in ("inference", "step"):
        options = [f"--measure={what}", "--by_part", "--batch_size=1", "--precision=float32"]
        lines += [
            "",
            f"{what} batch 1, float32, by part",
            _printed([*ours_by, *options]).rstrip(),
        ]
    return lines


if __name__ == "__main__":
    define_flags()
    define_bench_flags(repeats=7)
    flags.DEFINE_enum(
        "measure", None, ["inference", "step", "weights"], "For the fresh process: what to measure."
    )
    flags.DEFINE_string("weights", "", "For the fresh process: prefix of the checkpoint of H_A's weights.")
    flags.DEFINE_bool("by_part", False, "For the fresh process: print what its parts cost instead.")
    flags.DEFINE_string("torch_python", "", "A Python with PyTorch, to measure the authors' step by.")
    flags.FLAGS.set_default("run_dir", "unused")
    app.run(main)
