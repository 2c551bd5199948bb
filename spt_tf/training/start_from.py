"""Stages copied from another run, where they would come out the same (`--start_from`)."""

from __future__ import annotations

import json
import os
import shutil

from absl import logging

from spt_tf.config import SPECS, ConfigError, ExperimentConfig
from spt_tf.data.atomic_write import write_whole
from spt_tf.training.changes import HOW_TRAINED, describe, find_changes
from spt_tf.training.checkpoints import StageCheckpoints
from spt_tf.training.run_directory import PSEUDO_LABELS, read_config

RECORD_FILE = "taken_over.json"  # in the run directory: what was copied; other workers wait for it


def copy_stages(start_from: str, run_dir: str, experiment: ExperimentConfig) -> list[str]:
    """Copies stages that another run has finished and this one goes through and lacks.

    Only those that learn from data alone, whatever comes after (`StageSpec.independent_of`), and only where
    every option that such a stage may depend on is the same, but for how it is trained (batch size, learning
    rate, ...: `changes.HOW_TRAINED`): that is warned of and recorded. Returns the stages. Raises
    ConfigError, naming the options, where a stage of that run is another than this one's; RunNotFound.
    """
    theirs = read_config(start_from)
    changes, copied, otherwise = find_changes(theirs, experiment), [], {}
    for spec in SPECS:
        stage = spec.name
        if spec.independent_of is None or stage not in experiment.stages:
            continue
        finished = StageCheckpoints(os.path.join(start_from, "checkpoints", stage)).is_finished()
        ours = os.path.join(run_dir, "checkpoints", stage)
        # a stage that has begun here goes on here
        if not finished or os.path.exists(ours):
            continue
        concerned = {name: pair for name, pair in changes.items() if name not in spec.independent_of}
        refused = {name: pair for name, pair in concerned.items() if name not in HOW_TRAINED}
        if refused:
            raise ConfigError(
                f"--start_from={start_from}: its stage {stage} differs from this run's: "
                f"{'; '.join(describe(refused))}"
            )
        if concerned:
            otherwise[stage] = concerned
            logging.warning(
                "stage %s comes from %s, where it was trained otherwise: %s",
                *(stage, start_from, "; ".join(describe(concerned))),
            )
        if spec.needs_pseudo_labels and not experiment.data.pseudo_labels:
            shutil.copyfile(os.path.join(start_from, PSEUDO_LABELS), os.path.join(run_dir, PSEUDO_LABELS))
        half_done = f"{ours}.half_done"
        shutil.rmtree(half_done, ignore_errors=True)
        shutil.copytree(os.path.join(start_from, "checkpoints", stage), half_done)
        os.rename(half_done, ours)
        copied.append(stage)
    record = {"start_from": start_from, "stages": copied, "trained_otherwise": otherwise}
    write_whole(os.path.join(run_dir, RECORD_FILE), (json.dumps(record) + "\n").encode())
    return copied
