"""Stages copied from another run, where they would come out the same (`--start_from`)."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil

from spt_tf.config import SPECS, ConfigError, ExperimentConfig
from spt_tf.data.atomic_write import write_whole
from spt_tf.training.checkpoints import StageCheckpoints
from spt_tf.training.run_directory import read_config

PSEUDO_LABELS = "pseudo_labels.csv"
RECORD_FILE = "taken_over.json"  # in the run directory: what was copied; other workers wait for it


def copy_stages(start_from: str, run_dir: str, experiment: ExperimentConfig) -> list[str]:
    """Copies stages that another run has finished and this one goes through and lacks.

    Only those that learn from data alone, whatever comes after (`StageSpec.independent_of`), and only where
    every option that such a stage may depend on is the same. Returns the stages. Raises ConfigError, naming
    the options, where a stage of that run would come out differently in this one; RunNotFound where there is
    no run.
    """
    theirs = read_config(start_from)
    copied = []
    for spec in SPECS:
        stage = spec.name
        if spec.independent_of is None or stage not in experiment.stages:
            continue
        finished = StageCheckpoints(os.path.join(start_from, "checkpoints", stage)).is_finished()
        ours = os.path.join(run_dir, "checkpoints", stage)
        # a stage that has begun here goes on here
        if not finished or os.path.exists(ours):
            continue
        _check_same(start_from, stage, spec.independent_of, theirs, experiment)
        if spec.needs_pseudo_labels and not experiment.data.pseudo_labels:
            shutil.copyfile(os.path.join(start_from, PSEUDO_LABELS), os.path.join(run_dir, PSEUDO_LABELS))
        half_done = f"{ours}.half_done"
        shutil.rmtree(half_done, ignore_errors=True)
        shutil.copytree(os.path.join(start_from, "checkpoints", stage), half_done)
        os.rename(half_done, ours)
        copied.append(stage)
    record = {"start_from": start_from, "stages": copied}
    write_whole(os.path.join(run_dir, RECORD_FILE), (json.dumps(record) + "\n").encode())
    return copied


def _check_same(
    start_from: str,
    stage: str,
    independent_of: frozenset[str],
    theirs: ExperimentConfig,
    ours: ExperimentConfig,
) -> None:
    before, now = _options(theirs), _options(ours)
    changed = [
        f"--{name} was {before.get(name)} and is {now.get(name)}"
        for name in sorted({*before, *now} - independent_of)
        if before.get(name) != now.get(name)
    ]
    if changed:
        raise ConfigError(
            f"--start_from={start_from}: its stage {stage} differs from this run's: {'; '.join(changed)}"
        )


def _options(experiment: ExperimentConfig) -> dict[str, object]:
    groups = dataclasses.asdict(experiment).values()
    return {name: value for group in groups for name, value in group.items()}
