"""What a call of train.py is about to do: stages, steps, time and disk space; and the time left then."""

from __future__ import annotations

import dataclasses
import os
import shutil

from spt_tf.config import ConfigError, ExperimentConfig, RunConfig
from spt_tf.training.checkpoints import StageCheckpoints
from spt_tf.training.estimates import checkpoint_bytes, probe, seconds_a_step

_TITLES = ("stage", "steps", "to do", "about", "a checkpoint")


@dataclasses.dataclass(frozen=True)
class PlannedStage:
    """A stage of a call.

    steps: in all. done: of them. seconds: rough, a step. checkpoint, kept: bytes of one, and how many are
    kept. on_disk: bytes that are there already.
    """

    name: str
    steps: int
    done: int
    seconds: float
    checkpoint: int
    kept: int
    on_disk: int

    @property
    def seconds_to_do(self) -> float:
        """Rough, of what is left."""
        return (self.steps - self.done) * self.seconds


@dataclasses.dataclass(frozen=True)
class Plan:
    """The stages of one call, in order; finished ones have no step to do."""

    stages: tuple[PlannedStage, ...]

    @property
    def disk_bytes(self) -> int:
        """What is still to be written and kept, and the largest checkpoint once more: it is written first."""
        to_do = [one for one in self.stages if one.done < one.steps]
        kept = sum(max(0, one.kept * one.checkpoint - one.on_disk) for one in to_do)
        return kept + max((one.checkpoint for one in to_do), default=0)

    def seconds_left(self, stage: str, step: int, seconds: float) -> float:
        """Of this stage and all that come after it, `seconds` being what its steps take in fact.

        What the first guess was off by in this stage it is taken to be off by in the others.
        """
        names = [one.name for one in self.stages]
        current, *later = self.stages[names.index(stage) :]
        off_by = seconds / current.seconds
        return (current.steps - step) * seconds + off_by * sum(one.seconds_to_do for one in later)

    def lines(self) -> list[str]:
        """A table for people."""
        rows = [_TITLES]
        for one in self.stages:
            to_do = one.steps - one.done
            about = duration(one.seconds_to_do) if to_do else "finished"
            rows.append((one.name, f"{one.steps:,}", f"{to_do:,}", about, size(one.checkpoint)))
        all_to_do = sum(one.steps - one.done for one in self.stages)
        whole = duration(sum(one.seconds_to_do for one in self.stages))
        rows.append(("all", f"{sum(one.steps for one in self.stages):,}", f"{all_to_do:,}", whole, ""))
        widths = [max(len(row[column]) for row in rows) for column in range(len(_TITLES))]
        return [
            "  ".join([row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:]))])
            for row in rows
        ]


def make_plan(
    experiment: ExperimentConfig, run: RunConfig, stages: tuple[str, ...], finished: set[str]
) -> Plan:
    """The plan of the asked stages; looks at the networks, which takes seconds.

    finished: stages that are not trained any more.
    """
    known = probe(experiment) if set(stages) - finished else None
    planned = []
    for stage in stages:
        checkpoints = StageCheckpoints(run.path("checkpoints", stage))
        steps = experiment.optimizer.steps(stage)
        planned.append(
            PlannedStage(
                stage,
                steps,
                steps if stage in finished else min(steps, checkpoints.latest_step()),
                seconds_a_step(experiment, stage, known) if known else 1.0,
                checkpoint_bytes(experiment, stage, known) if known else 0,
                min(run.keep_checkpoints, -(-steps // run.checkpoint_every)),
                _bytes_in(checkpoints.directory),
            )
        )
    return Plan(tuple(planned))


def check_disk(plan: Plan, run: RunConfig) -> str:
    """One line on the space that checkpoints will take; raises ConfigError where there is not so much."""
    folder = os.path.abspath(run.run_dir)
    while not os.path.exists(folder):
        folder = os.path.dirname(folder)
    free, wanted = shutil.disk_usage(folder).free, plan.disk_bytes
    counts = "the newest checkpoint" if run.keep_checkpoints == 1 else f"{run.keep_checkpoints} checkpoints"
    told = f"{size(wanted)} for checkpoints to come ({counts} of each stage kept), {size(free)} free"
    if wanted > free:
        raise ConfigError(f"--run_dir={run.run_dir}: {told}; --keep_checkpoints=1 wants the least")
    return told


def duration(seconds: float) -> str:
    """`40 s`, `25 min`, `3 h 10 min`, `4 d 2 h`."""
    minutes = round(seconds / 60)
    if seconds < 100:
        return f"{seconds:.0f} s"
    if minutes < 100:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes // 1440} d {minutes % 1440 // 60} h"


def size(count: float) -> str:
    """`1.5 MB`, `4.7 GB`: powers of ten, as disks are sold."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def _bytes_in(folder: str) -> int:
    files = [os.path.join(where, name) for where, _, names in os.walk(folder) for name in names]
    return sum(os.path.getsize(path) for path in files)
