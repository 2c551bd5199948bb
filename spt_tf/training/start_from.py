"""Stages taken over from another run, where they would come out the same."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil

from spt_tf.config import ConfigError, DataConfig, ExperimentConfig
from spt_tf.data.atomic_write import write_whole
from spt_tf.training.checkpoints import StageCheckpoints
from spt_tf.training.run_directory import read_config

SHARED_STAGES = ("pose_detector", "semantic")  # those that learn from data alone, whatever comes after
PSEUDO_LABELS = "pseudo_labels.csv"
TAKEN_OVER = "taken_over.json"  # in the run directory: what was taken; other workers wait for it
_BOTH = {
    *(field.name for field in dataclasses.fields(DataConfig)),
    *("batch_size", "learning_rate", "beta_1", "beta_2", "decay_from", "clip_norm", "average_decay"),
    "local_enhancer",
    "pose_sigma",
}
_DEPENDS_ON = {
    "pose_detector": _BOTH - {"pseudo_labels", "pseudo_label_top_k", "paired"}
    | {"pose_detector_width", "pose_detector_blocks", "pose_detector_steps"},
    "semantic": _BOTH
    | {"generator_width", "generator_levels", "dropout", "discriminator_width", "discriminator_layers"}
    | {"joint_radius", "adversarial", "lambda_ce", "semantic_steps"},
}


def take_over_stages(start_from: str, run_dir: str, experiment: ExperimentConfig) -> list[str]:
    """Copies what another run has finished of `SHARED_STAGES` that this one goes through and lacks.

    Returns the stages. Raises ConfigError, naming the options, where a stage of that run would come out
    differently in this one; RunNotFound where there is no run.
    """
    theirs = read_config(start_from)
    taken = []
    for stage in SHARED_STAGES:
        finished = StageCheckpoints(os.path.join(start_from, "checkpoints", stage)).is_finished()
        ours = os.path.join(run_dir, "checkpoints", stage)
        # a stage that has begun here goes on here
        if stage not in experiment.stages or not finished or os.path.exists(ours):
            continue
        _check_same(start_from, stage, theirs, experiment)
        if stage == "semantic" and not experiment.data.pseudo_labels:
            shutil.copyfile(os.path.join(start_from, PSEUDO_LABELS), os.path.join(run_dir, PSEUDO_LABELS))
        half_done = f"{ours}.half_done"
        shutil.rmtree(half_done, ignore_errors=True)
        shutil.copytree(os.path.join(start_from, "checkpoints", stage), half_done)
        os.rename(half_done, ours)
        taken.append(stage)
    record = {"start_from": start_from, "stages": taken}
    write_whole(os.path.join(run_dir, TAKEN_OVER), (json.dumps(record) + "\n").encode())
    return taken


def _check_same(start_from: str, stage: str, theirs: ExperimentConfig, ours: ExperimentConfig) -> None:
    before, now = _options(theirs), _options(ours)
    changed = [
        f"--{name} was {before[name]} and is {now[name]}"
        for name in sorted(_DEPENDS_ON[stage])
        if before[name] != now[name]
    ]
    if changed:
        raise ConfigError(
            f"--start_from={start_from}: its stage {stage} differs from this run's: {'; '.join(changed)}"
        )


def _options(experiment: ExperimentConfig) -> dict[str, object]:
    groups = dataclasses.asdict(experiment).values()
    return {name: value for group in groups for name, value in group.items()}
