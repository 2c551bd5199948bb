"""How fast a run has trained so far."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from spt_tf.training.metrics_file import METRICS_FILE, read_entries

OF_LATE = 600.0  # seconds that are watched, the last ones: load and machine change


class Pace(NamedTuple):
    """Steps that were watched, and the seconds that they took."""

    steps: float
    seconds: float


def pace_between(looks: Sequence[tuple[int, float]]) -> Pace:
    """Of (steps done, time in seconds), each with more steps than the last; the slowest stretch is left out.

    That is where a graph was built, or the machine had something else to do: once, and not again and again.
    """
    counted = list(looks)
    stretches = [Pace(after[0] - step, after[1] - at) for (step, at), after in zip(counted, counted[1:])]
    if len(stretches) > 1:
        stretches.remove(max(stretches, key=lambda one: one.seconds / one.steps))
    return Pace(sum(one.steps for one in stretches), sum(one.seconds for one in stretches))


def read_paces(run_dir: str, batch_size: int) -> dict[str, Pace]:
    """Of each stage that a run has trained, by its `metrics.jsonl`: what its last ten minutes or so were.

    batch_size: of the steps that are told, where the run had another. Raises UnreadableFile.
    """
    windows: dict[str, list[Pace]] = {}
    latest: dict[str, int] = {}
    for _, entry in read_entries(os.path.join(run_dir, METRICS_FILE)):
        stage, step, speed = entry["stage"], entry["step"], entry.get("images_per_second")
        if isinstance(speed, float) and 0 < speed < float("inf") and step > latest.get(stage, 0):
            steps = step - latest.get(stage, 0)
            windows.setdefault(stage, []).append(Pace(steps, steps * batch_size / speed))
            latest[stage] = step
    return {stage: _of_late(paces) for stage, paces in windows.items()}


def _of_late(windows: list[Pace]) -> Pace:
    steps = seconds = 0.0
    for window in reversed(windows):
        steps, seconds = steps + window.steps, seconds + window.seconds
        if seconds >= OF_LATE:
            break
    return Pace(steps, seconds)
