"""What a call of train.py is about to do: stages, steps, time and disk space; and the time left then.

Before a stage has been trained its time is a guess from what its networks compute (`estimates`). What this
run has taken in fact corrects it: a stage's own pace tells its own time, and all paces together how far the
guess is off, for the stages to come.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Mapping

from spt_tf.config import ConfigError, ExperimentConfig, RunConfig
from spt_tf.training.checkpoints import StageCheckpoints
from spt_tf.training.estimates import (
    checkpoint_bytes,
    seconds_a_step,
    seconds_of_a_multiplication,
    seconds_to_begin,
)
from spt_tf.training.pace import Pace, read_paces
from spt_tf.training.stage_work import look_at_networks

_TITLES = ("stage", "steps", "to do", "about", "a checkpoint")
# Seconds of watching that what was expected counts as: a stage's first steps alone let the time left jump.
_EXPECTED_WEIGHS = 20.0


@dataclasses.dataclass(frozen=True)
class PlannedStage:
    """A stage of a call.

    steps: in all. done: of them. begin, seconds: rough, to begin with and a step. checkpoint, kept: bytes of
    one, and how many are kept. on_disk: bytes that are there already.
    """

    name: str
    steps: int
    done: int
    begin: float
    seconds: float
    checkpoint: int
    kept: int
    on_disk: int


@dataclasses.dataclass(frozen=True)
class Plan:
    """The stages of one call, in order; finished ones have no step to do.

    paces: of stages that this run has trained already, by name.
    """

    stages: tuple[PlannedStage, ...]
    paces: Mapping[str, Pace] = dataclasses.field(default_factory=dict)

    @property
    def disk_bytes(self) -> int:
        """What is still to be written and kept, and the largest checkpoint once more: it is written first."""
        to_do = [one for one in self.stages if one.done < one.steps]
        kept = sum(max(0, one.kept * one.checkpoint - one.on_disk) for one in to_do)
        return kept + max((one.checkpoint for one in to_do), default=0)

    def by_now(self, run_dir: str, batch_size: int) -> Plan:
        """With the paces that a run has logged by now. Raises UnreadableFile."""
        return dataclasses.replace(self, paces=read_paces(run_dir, batch_size))

    def seconds_a_step(self, stage: PlannedStage, pace: Pace | None = None) -> float:
        """Of a stage, as far as is known. pace: its own, of late."""
        known = self.paces.get(stage.name)
        expected = known.seconds / known.steps if known else self._off_by() * stage.seconds
        steps, seconds = pace or (0.0, 0.0)
        return (seconds + _EXPECTED_WEIGHS) / (steps + _EXPECTED_WEIGHS / expected)

    def seconds_to_do(self, stage: PlannedStage) -> float:
        """Rough, of what was left of a stage when this call began."""
        left = stage.steps - stage.done
        return stage.begin + left * self.seconds_a_step(stage) if left else 0.0

    def seconds_left(self, stage: str, step: int, pace: Pace) -> float:
        """Of the stage under way, after `step` steps, and all that come after it; pace: its own, of late."""
        current, *later = self.stages[[one.name for one in self.stages].index(stage) :]
        own = (current.steps - step) * self.seconds_a_step(current, pace)
        now = dataclasses.replace(self, paces={**self.paces, stage: pace}) if pace.steps else self
        return own + sum(now.seconds_to_do(one) for one in later)

    def _off_by(self) -> float:
        """What guesses are to be multiplied by: 1 as long as no stage has been watched."""
        watched = [(self.paces[one.name], one.seconds) for one in self.stages if one.name in self.paces]
        guessed = sum(pace.steps * seconds for pace, seconds in watched)
        return (sum(pace.seconds for pace, _ in watched) + _EXPECTED_WEIGHS) / (guessed + _EXPECTED_WEIGHS)

    def lines(self) -> list[str]:
        """A table for people."""
        rows = [_TITLES]
        for one in self.stages:
            to_do = one.steps - one.done
            about = duration(self.seconds_to_do(one)) if to_do else "finished"
            rows.append((one.name, f"{one.steps:,}", f"{to_do:,}", about, size(one.checkpoint)))
        all_to_do = sum(one.steps - one.done for one in self.stages)
        whole = duration(sum(map(self.seconds_to_do, self.stages)))
        rows.append(("all", f"{sum(one.steps for one in self.stages):,}", f"{all_to_do:,}", whole, ""))
        widths = [max(len(row[column]) for row in rows) for column in range(len(_TITLES))]
        table = [
            "  ".join([row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:]))])
            for row in rows
        ]
        by = "what this run's steps have taken" if self.paces else "this machine's speed just now"
        note = f"times are guessed by {by}; the progress bar goes on guessing by what steps take"
        return [*table, note] if all_to_do else table


def make_plan(
    experiment: ExperimentConfig, run: RunConfig, stages: tuple[str, ...], finished: set[str]
) -> Plan:
    """The plan of the asked stages; takes half a second.

    finished: stages that are not trained any more.
    """
    networks, speed = None, 0.0
    if set(stages) - finished:
        networks, speed = look_at_networks(experiment), seconds_of_a_multiplication()
    planned = []
    for stage in stages:
        checkpoints = StageCheckpoints(run.path("checkpoints", stage))
        steps = experiment.optimizer.steps(stage)
        planned.append(
            PlannedStage(
                stage,
                steps,
                steps if stage in finished else min(steps, checkpoints.latest_step()),
                seconds_to_begin(experiment, stage, networks) if networks else 0.0,
                seconds_a_step(experiment, stage, networks, speed) if networks else 1.0,
                checkpoint_bytes(experiment, stage, networks) if networks else 0,
                min(run.keep_checkpoints, -(-steps // run.checkpoint_every)),
                _bytes_in(checkpoints.directory),
            )
        )
    return Plan(tuple(planned)).by_now(run.run_dir, experiment.optimizer.batch_size)


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
