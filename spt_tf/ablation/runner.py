"""Carries an ablation out job by job, announcing the time that is left; resumed where it was stopped."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import time
from collections import defaultdict
from collections.abc import Callable
from statistics import mean

from spt_tf.ablation.jobs import Job, list_jobs
from spt_tf.ablation.plan import AblationPlan
from spt_tf.ablation.processes import JobFailed, in_own_process
from spt_tf.ablation.results import write_results
from spt_tf.data.file_reading import read_text

# Runs a call with a log file's path and a deadline, as `processes.in_own_process` does.
Execute = Callable[[Callable[[], None], str, "float | None"], None]


def run_ablation(
    plan: AblationPlan,
    max_hours: float = 0.0,
    execute: Execute = in_own_process,
    tell: Callable[[str], None] = print,
) -> str:
    """Does what is left of the plan; table.md and scores.csv grow with every evaluation.

    max_hours: stop in good order after so long; 0: never. Returns the table. Raises ConfigError,
    `processes.JobFailed` and, when a signal came or the time was up, `processes.JobStopped`.
    """
    plan.check()
    plan.claim()
    deadline = time.monotonic() + 3600.0 * max_hours if max_hours else None
    jobs = list(list_jobs(plan))
    durations = _Durations(plan.path("durations.jsonl"))
    for place, job in enumerate(jobs):
        if job.is_done():
            continue
        left = durations.expected([later for later in jobs[place:] if not later.is_done()])
        tell(f"[{place + 1}/{len(jobs)}] {job.name}; {left}")
        started = time.monotonic()
        log = plan.path("logs", job.name.replace(", ", "-").replace(" ", "_") + ".txt")
        execute(job.call, log, deadline)
        if not job.is_done():
            raise JobFailed(f"{job.name} left no {job.result}; see {log}")
        durations.add(job.kind, time.monotonic() - started)
        write_results(plan)
    return write_results(plan)


class _Durations:
    """How long jobs took, by their kind, kept over interruptions."""

    def __init__(self, path: str):
        self._path = path
        self._seconds = defaultdict(list)
        if os.path.exists(path):
            for line in read_text(path).splitlines():
                # A kill may have cut one off; only an estimate hangs on it.
                with contextlib.suppress(ValueError, TypeError, RecursionError):
                    kind, seconds = json.loads(line)
                    self._seconds[str(kind)].append(float(seconds))

    def add(self, kind: str, seconds: float) -> None:
        self._seconds[kind].append(seconds)
        with open(self._path, "a", encoding="utf8") as lines:
            lines.write(json.dumps([kind, round(seconds, 1)]) + "\n")

    def expected(self, jobs: list[Job]) -> str:
        """The time jobs will take; one of a new kind as long as those of its sort, or any, on average."""
        if not self._seconds:
            return f"{len(jobs)} jobs left"
        total = sum(mean(self._like(job.kind)) for job in jobs)
        return f"about {datetime.timedelta(seconds=round(total))} left"

    def _like(self, kind: str) -> list[float]:
        sort = kind.split()[0]
        of_its_sort = [s for known, all_ in self._seconds.items() if known.split()[0] == sort for s in all_]
        return self._seconds.get(kind) or of_its_sort or [s for all_ in self._seconds.values() for s in all_]
