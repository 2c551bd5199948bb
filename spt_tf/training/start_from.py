"""Stages copied from another run, where they would come out the same (`--start_from`)."""

from __future__ import annotations

import json
import os
import shutil

from absl import logging

from spt_tf.config import SPECS, ConfigError, ExperimentConfig, StageSpec, find_stage
from spt_tf.data.atomic_write import write_whole
from spt_tf.training.changes import HOW_TRAINED, Changes, describe, find_changes
from spt_tf.training.checkpoints import StageCheckpoints
from spt_tf.training.run_directory import PSEUDO_LABELS, read_config

RECORD_FILE = "taken_over.json"  # in the run directory: what was copied; other workers wait for it


def find_copies(start_from: str, run_dir: str, experiment: ExperimentConfig) -> dict[str, Changes]:
    """The stages that another run has finished and this one goes through and lacks, and what is to be known.

    Only those that learn from data alone, whatever comes after (`StageSpec.independent_of`), and only where
    every option that such a stage may depend on is the same, but for how it is trained (batch size, learning
    rate, ...: `changes.HOW_TRAINED`). Returns these differences by stage. Raises ConfigError, naming the
    options, where a stage of that run is another than this one's, or its pseudo-labels are gone; RunNotFound.
    """
    changes, found = find_changes(read_config(start_from), experiment), dict[str, Changes]()
    for spec in SPECS:
        if spec.independent_of is None or spec.name not in experiment.stages:
            continue
        finished = StageCheckpoints(os.path.join(start_from, "checkpoints", spec.name)).is_finished()
        # a stage that has begun here goes on here
        if not finished or os.path.exists(os.path.join(run_dir, "checkpoints", spec.name)):
            continue
        concerned = {name: pair for name, pair in changes.items() if name not in spec.independent_of}
        refused = {name: pair for name, pair in concerned.items() if name not in HOW_TRAINED}
        if refused:
            raise ConfigError(
                f"--start_from={start_from}: its stage {spec.name} differs from this run's: "
                f"{'; '.join(describe(refused))}"
            )
        if _takes_pseudo_labels(spec, experiment) and not os.path.exists(
            os.path.join(start_from, PSEUDO_LABELS)
        ):
            raise ConfigError(f"--start_from={start_from}: expected {PSEUDO_LABELS} there")
        found[spec.name] = concerned
    return found


def copy_stages(start_from: str, run_dir: str, experiment: ExperimentConfig) -> list[str]:
    """Copies what `find_copies` finds, and records it; returns the stages. Raises as that does."""
    found = find_copies(start_from, run_dir, experiment)
    for stage, otherwise in found.items():
        if otherwise:
            logging.warning(
                "stage %s comes from %s, where it was trained otherwise: %s",
                *(stage, start_from, "; ".join(describe(otherwise))),
            )
        if _takes_pseudo_labels(find_stage(stage), experiment):
            shutil.copyfile(os.path.join(start_from, PSEUDO_LABELS), os.path.join(run_dir, PSEUDO_LABELS))
        ours = os.path.join(run_dir, "checkpoints", stage)
        half_done = f"{ours}.half_done"
        shutil.rmtree(half_done, ignore_errors=True)
        shutil.copytree(os.path.join(start_from, "checkpoints", stage), half_done)
        os.rename(half_done, ours)
    otherwise_trained = {stage: otherwise for stage, otherwise in found.items() if otherwise}
    record = {"start_from": start_from, "stages": list(found), "trained_otherwise": otherwise_trained}
    write_whole(os.path.join(run_dir, RECORD_FILE), (json.dumps(record) + "\n").encode())
    return list(found)


def _takes_pseudo_labels(spec: StageSpec, experiment: ExperimentConfig) -> bool:
    return spec.needs_pseudo_labels and not experiment.data.pseudo_labels
