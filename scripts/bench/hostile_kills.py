"""Kills training, export and batch scoring at random moments, and starts them again as a user would.

Whatever the moment: nothing half-written lies under a final name, and what is finished in the end equals,
bit for bit, what a process that nobody killed has made. The processes are forked from one that has imported
TensorFlow, so that the moments fall into their work.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import runpy
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

_ROOT = Path(__file__).resolve().parents[2]
_CANVAS = ("--height=32", "--width=32")
_TINY = (
    *("--generator_width=0.04", "--generator_levels=2", "--dropout=0", "--discriminator_width=0.04"),
    *("--discriminator_layers=1", "--pose_detector_width=0.04", "--pose_detector_blocks=1", "--style=mask"),
    *("--pose_sigma=2", "--joint_radius=2", "--face_size=24", "--batch_size=2", "--panel_every=1000"),
    *("--pose_detector_steps=4", "--semantic_steps=4", "--appearance_steps=4", "--end_to_end_steps=4"),
    *("--checkpoint_every=1", "--log_every=1", *_CANVAS),
)
_LONGEST = 40.0  # seconds until a kill


class KillTally(NamedTuple):
    """Kills, of them those after which the work was done already, and what did not hold, in words."""

    kills: dict[str, int]
    finished: dict[str, int]
    problems: list[str]


class Job(NamedTuple):
    """A command, started again after each kill; `check` looks at what is there, `same` at what is done."""

    name: str
    command: Callable[[Path], list[str]]
    check: Callable[[Path], list[str]]
    same: Callable[[Path, Path], list[str]]


def make_whole(folder: Path) -> dict[str, float]:
    """Data, a training, an export and scored pairs that nobody kills, in `folder`; the seconds each took."""
    data = [
        "scripts/make_paper_dolls.py",
        f"--output_dir={folder}/data",
        "--num_train=8",
        "--num_test_pairs=20",
    ]
    _run([*data, *_CANVAS, "--processes=1"], folder / "log")
    seconds = {}
    for job in jobs(folder):
        start = time.monotonic()
        _run(job.command(folder / "whole"), folder / "log")
        seconds[job.name] = time.monotonic() - start
    return seconds


def kill_jobs(folder: Path, seconds: dict[str, float], counts: dict[str, int], seed: int) -> KillTally:
    """Kills each job of `make_whole` so often (`counts`), lets it finish, and compares."""
    chance = random.Random(seed)
    tally = KillTally({name: 0 for name in counts}, {name: 0 for name in counts}, [])
    for job in jobs(folder):
        place = folder / f"killed_{job.name}"
        while tally.kills[job.name] < counts[job.name]:
            moment = chance.uniform(0.0, 1.0) * min(seconds[job.name], _LONGEST)
            if _killed(job.command(place), folder / "log", moment):
                tally.kills[job.name] += 1
                print(f"{job.name}: kill {tally.kills[job.name]} after {moment:.1f} s", flush=True)
                tally.problems.extend(
                    f"{job.name}, killed after {moment:.1f} s: {p}" for p in job.check(place)
                )
            else:
                tally.finished[job.name] += 1
                tally.problems.extend(f"{job.name}, finished: {p}" for p in job.same(place, folder / "whole"))
                shutil.rmtree(place)
        _run(job.command(place), folder / "log")
        tally.problems.extend(f"{job.name}, in the end: {p}" for p in job.same(place, folder / "whole"))
    return tally


def jobs(folder: Path) -> tuple[Job, ...]:
    """The three kinds of work, on the data, run and model that `make_whole` leaves in `folder`."""
    data, whole = folder / "data", folder / "whole"
    people = [f"--images_dir={data}/test", f"--parsing_dir={data}/parsing/test"]
    people += [f"--annotations={data}/market-annotation-test.csv", f"--pairs={data}/market-pairs-test.csv"]
    return (
        Job(
            "training",
            lambda place: ["scripts/train.py", f"--data_dir={data}", f"--run_dir={place}/run", *_TINY],
            _check_run,
            _same_run,
        ),
        Job(
            "export",
            lambda place: [
                "export/export_saved_model.py",
                f"--run_dir={whole}/run",
                f"--output_dir={place}/model",
                "--version=1",
            ],
            _check_model,
            _same_model,
        ),
        Job(
            "scoring",
            lambda place: [
                "export/batch_score.py",
                f"--saved_model={whole}/model/1",
                *people,
                f"--output_dir={place}/scored",
                "--batch_size=1",
            ],
            lambda place: _check_scored(place, whole),
            _same_scored,
        ),
    )


def _run(command: list[str], log: Path) -> None:
    _wait(_started(command, log), command, log, None)


def _killed(command: list[str], log: Path, seconds: float) -> bool:
    """Whether the process still ran at that moment; a failure of its own is an error."""
    return not _wait(_started(command, log), command, log, seconds)


def _wait(process: multiprocessing.Process, command: list[str], log: Path, seconds: float | None) -> bool:
    """Whether it ended within `seconds`; else it is killed."""
    process.join(seconds)
    if process.is_alive():
        process.kill()
        process.join()
        return False
    if process.exitcode:
        raise RuntimeError(f"{' '.join(command)}: exit status {process.exitcode}\n{log.read_text()[-3000:]}")
    return True


def _started(command: list[str], log: Path) -> multiprocessing.Process:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tensorflow", "hostile_kills"])
    process = context.Process(target=_script, args=(command, str(log)))
    process.start()
    return process


def _script(command: list[str], log: str) -> None:
    """The command as the interpreter would run it, what it says in a file."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    sys.argv = [str(_ROOT / command[0]), *command[1:]]
    runpy.run_path(sys.argv[0], run_name="__main__")


def _check_run(place: Path) -> list[str]:
    """Every checkpoint under its name is undamaged."""
    from spt_tf.training.checkpoint_sums import damage

    steps = (place / "run" / "checkpoints").glob("*/step-*")
    steps = [step for step in steps if step.name[5:].isdigit()]
    return [found for step in steps if (found := damage(str(step), "state", "networks"))]


def _same_run(place: Path, whole: Path) -> list[str]:
    """The same weights after every stage, and the same losses at the same steps."""
    import tensorflow as tf

    from spt_tf.training.checkpoints import StageCheckpoints
    from spt_tf.training.scalar_log import WALL_CLOCK

    problems = _check_run(place)
    for stage in sorted((whole / "run" / "checkpoints").iterdir()):
        one, other = (
            tf.train.load_checkpoint(
                StageCheckpoints(str(folder / "run" / "checkpoints" / stage.name)).path("networks")
            )
            for folder in (place, whole)
        )
        names = other.get_variable_to_shape_map()
        problems += [
            f"{stage.name}: {name} is another"
            for name in names
            if name.endswith("VARIABLE_VALUE")
            and not np.array_equal(one.get_tensor(name), other.get_tensor(name))
        ]
    lines = [_logged(folder / "run" / "metrics.jsonl", WALL_CLOCK) for folder in (place, whole)]
    return problems + (["metrics.jsonl has other lines"] if lines[0] != lines[1] else [])


def _logged(path: Path, wall_clock: frozenset) -> list[dict]:
    rows = [json.loads(line) for line in path.read_text("utf8").splitlines()]
    return [{name: value for name, value in row.items() if name not in wall_clock} for row in rows]


def _check_model(place: Path) -> list[str]:
    """A version that is there is whole: it loads and answers its warm-up."""
    from spt_tf.serving.embedded.batching import BatchingOptions
    from spt_tf.serving.embedded.loaded_version import LoadedVersion

    path = place / "model" / "1"
    if not path.exists():
        return []
    version = LoadedVersion("spt", 1)
    version.load(path, BatchingOptions(), lambda size: None)
    version.retire()
    # Killed after its name was given: the next export would rightly refuse to replace it.
    shutil.rmtree(path)
    return [version.error] if version.error else []


def _same_model(place: Path, whole: Path) -> list[str]:
    names = [
        sorted(str(path.relative_to(folder)) for path in (folder / "model" / "1").rglob("*"))
        for folder in (place, whole)
    ]
    return [] if names[0] == names[1] else [f"files {names[0]} where {names[1]} are expected"]


def _check_scored(place: Path, whole: Path) -> list[str]:
    """Every picture under its name is the whole right one."""
    problems = []
    for picture in (place / "scored").rglob("*.png"):
        expected = whole / "scored" / picture.relative_to(place / "scored")
        if not picture.name.startswith(".") and picture.read_bytes() != expected.read_bytes():
            problems.append(f"{picture.name} is not what it must be")
    return problems


def _same_scored(place: Path, whole: Path) -> list[str]:
    found = [
        {path.relative_to(folder / "scored") for path in (folder / "scored").rglob("*")}
        for folder in (place, whole)
    ]
    problems = [f"{path} is missing or too much" for path in sorted(found[0] ^ found[1])]
    return problems + _check_scored(place, whole)
