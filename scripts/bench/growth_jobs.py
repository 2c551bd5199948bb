"""Whether long jobs stay as fast and as small as they began: 100,000 pairs scored, 12,000 evaluated.

    python scripts/bench/growth_jobs.py --run_dir=runs/demo --output=docs/results/growth_jobs.txt

Both are the commands as users call them, in processes of their own, looked at every few seconds. The people
are paper dolls of the run's canvas; pairs to score are all of one another. Needs 1 GB of disk for a while.
"""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from absl import app, flags

from growth_picture import panels
from measure import finish, machine, resident_memory
from spt_tf.data.annotations import read_pairs, write_pairs
from spt_tf.inference import load_finished_run
from spt_tf.paper_dolls.dataset import DatasetPlan, write_dataset
from spt_tf.serving.saved_model import export_run

FLAGS = flags.FLAGS
_ROOT = pathlib.Path(__file__).resolve().parents[2]
_EVERY = 5.0  # seconds


class Look(NamedTuple):
    """At a job: seconds since it began, what it has done, its resident size in GB."""

    seconds: float
    done: int
    resident: float


def define_flags() -> None:
    flags.DEFINE_string("run_dir", None, "A finished run.", required=True)
    flags.DEFINE_integer("scored", 100_000, "Pairs to score.", lower_bound=1)
    flags.DEFINE_integer("evaluated", 12_000, "Pairs to evaluate.", lower_bound=1)
    flags.DEFINE_string("output", None, "Text file for the results; the picture gets its name with .png.")


def main(_: list[str]) -> None:
    run = load_finished_run(FLAGS.run_dir)
    lines = [machine(), f"the run's canvas {run.canvas[0]}x{run.canvas[1]}"]
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        data = work / "dolls"
        write_dataset(data, DatasetPlan(run.canvas, 1, 1, FLAGS.evaluated), processes=os.cpu_count() or 1)
        version = export_run(run, pathlib.Path(FLAGS.run_dir), work / "model")
        scoring = watched(score_command(work, data, version), lambda: _files(work / "scored"))
        lines += told(f"batch_score, {FLAGS.scored:,} pairs", scoring, FLAGS.scored)
        finish(lines, FLAGS.output)
        evaluation = watched(evaluate_command(work, data), lambda: 0)
        lines += told(f"evaluate, {FLAGS.evaluated:,} pairs", evaluation, FLAGS.evaluated)
        finish(lines, FLAGS.output)
    if FLAGS.output:
        draw_picture(scoring, evaluation, pathlib.Path(FLAGS.output).with_suffix(".png"))


def score_command(work: pathlib.Path, data: pathlib.Path, version: pathlib.Path) -> list[str]:
    """Scores the first pairs of everybody with everybody."""
    everybody = sorted({name for pair in read_pairs(data / "market-pairs-test.csv") for name in pair})
    sources, targets = np.divmod(np.arange(FLAGS.scored), len(everybody))
    write_pairs(work / "pairs.csv", ((everybody[a], everybody[b]) for a, b in zip(sources, targets)))
    return [
        "export/batch_score.py",
        f"--saved_model={version}",
        f"--pairs={work / 'pairs.csv'}",
        f"--images_dir={data / 'test'}",
        f"--parsing_dir={data / 'parsing/test'}",
        f"--annotations={data / 'market-annotation-test.csv'}",
        f"--output_dir={work / 'scored'}",
    ]


def evaluate_command(work: pathlib.Path, data: pathlib.Path) -> list[str]:
    """Evaluates the run on all test pairs."""
    folders = [f"--run_dir={FLAGS.run_dir}", f"--data_dir={data}", f"--output_dir={work / 'evaluation'}"]
    return ["scripts/evaluate.py", *folders]


def watched(command: list[str], done: Callable[[], int]) -> list[Look]:
    """Runs a command of the project's; what it looked like meanwhile, the last time at its end."""
    start, looks = time.perf_counter(), []
    with subprocess.Popen([sys.executable, *command], cwd=_ROOT, stdout=subprocess.DEVNULL) as job:
        while job.poll() is None:
            resident = _resident(job.pid)
            if resident:
                looks.append(Look(time.perf_counter() - start, done(), resident))
            try:
                job.wait(_EVERY)
            except subprocess.TimeoutExpired:
                continue
    if job.returncode:
        raise subprocess.CalledProcessError(job.returncode, command)
    return [*looks, Look(time.perf_counter() - start, done(), looks[-1].resident)]


def told(name: str, looks: list[Look], number: int) -> list[str]:
    """A job in words: in all, and its tenths where it tells how far it is."""
    end, peak = looks[-1], max(look.resident for look in looks)
    lines = [f"{name}: {end.seconds:.0f} s, {number / end.seconds:.1f} a second; largest {peak:.2f} GB"]
    if end.done:
        marks = [end.done * tenth / 10 for tenth in range(1, 11)]
        # several tenths may be over by one look
        at = list(dict.fromkeys(next(look for look in looks if look.done >= mark) for mark in marks))
        rates = [(b.done - a.done) / (b.seconds - a.seconds) for a, b in zip(at, at[1:])]
        lines.append(
            "  a second, tenth by tenth from the second on: " + " ".join(f"{rate:.0f}" for rate in rates)
        )
        lines.append("  GB at the end of each tenth: " + " ".join(f"{look.resident:.2f}" for look in at))
    else:
        tenths = [looks[min(len(looks) - 1, len(looks) * tenth // 10)] for tenth in range(1, 11)]
        lines.append(
            "  GB, tenth by tenth of its time: " + " ".join(f"{look.resident:.2f}" for look in tenths)
        )
    return lines


def draw_picture(scoring: list[Look], evaluation: list[Look], path: pathlib.Path) -> None:
    """Pairs done and memory over time."""
    figure, (done_axes, memory_axes) = panels(2, (8, 3.2))
    done_axes.plot([look.seconds / 60 for look in scoring], [look.done for look in scoring])
    done_axes.set(xlabel="minutes", ylabel="pairs scored")
    for name, looks in (("batch_score", scoring), ("evaluate", evaluation)):
        memory_axes.plot([look.seconds / 60 for look in looks], [look.resident for look in looks], label=name)
    memory_axes.set(xlabel="minutes", ylabel="memory, GB")
    memory_axes.set_ylim(bottom=0)
    memory_axes.legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=110)


def _files(folder: pathlib.Path) -> int:
    return sum(entry.name.endswith(".png") for entry in os.scandir(folder)) if folder.is_dir() else 0


def _resident(pid: int) -> float:
    """A process's resident size, GB; 0 where it is gone."""
    try:
        return resident_memory(pid)
    except (OSError, IndexError):
        return 0.0


if __name__ == "__main__":
    define_flags()
    app.run(main)
