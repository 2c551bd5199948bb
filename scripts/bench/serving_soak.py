"""Keeps the embedded server under load for minutes while versions are swapped under it.

    python scripts/bench/serving_soak.py --saved_model=models/spt/1 --minutes=4 \
        --output=docs/results/serving_soak.txt

Good requests, raw and encoded, must all be answered, and by more than one version; bad ones among them must
all be refused; memory must end where it was after the first swaps. Exit status 1 where one of these fails.
"""

from __future__ import annotations

import collections
import shutil
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from absl import app, flags

if TYPE_CHECKING:
    from server_process import Server

FLAGS = flags.FLAGS
_INPUTS = ("source_image", "source_parsing", "source_keypoints", "target_keypoints")


def define_flags() -> None:
    """Defines the flags, with their checks."""
    flags.DEFINE_string("saved_model", None, "Version directory to publish again and again.", required=True)
    flags.DEFINE_float("minutes", 4.0, "Duration.", lower_bound=0.1)
    flags.DEFINE_integer("clients", 4, "Clients at the same time.", lower_bound=1)
    flags.DEFINE_float("swap_seconds", 5.0, "Between new versions.", lower_bound=0.5)
    flags.DEFINE_float("growth_megabytes", 60.0, "Memory growth that is still called flat.", lower_bound=0)
    flags.DEFINE_string("output", None, "File for the results, besides printing them.")
    flags.register_multi_flags_validator(
        ["minutes", "swap_seconds"],
        lambda given: 60 * given["minutes"] >= 9 * given["swap_seconds"],
        "expected time for nine swaps: memory is compared between thirds of them",
    )


def publish(saved_model: Path, base_path: Path, version: int) -> None:
    """A new version, whole; the one before the last is removed."""
    partial = base_path / f".{version}"
    shutil.copytree(saved_model, partial)
    partial.rename(base_path / str(version))
    shutil.rmtree(base_path / str(version - 2), ignore_errors=True)


def resident_megabytes(process_id: int) -> float:
    """Memory of a process, from /proc."""
    status = Path(f"/proc/{process_id}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def load(server: str, done: threading.Event, outcomes: collections.Counter, versions: set) -> None:
    """Asks until `done`: good requests of both kinds, and every fifth a bad one."""
    from spt_tf.serving.client import PoseTransferClient
    from spt_tf.serving.client_errors import InvalidRequest, PoseTransferError
    from spt_tf.serving.example_requests import example_inputs

    with PoseTransferClient(server) as client:
        canvas = client.canvas()
        examples = (example_inputs(canvas, encoded) for encoded in (False, True))
        raw, encoded = ({name: example[name][0] for name in _INPUTS} for example in examples)
        bad = {**raw, "source_parsing": np.full(canvas, 200, np.uint8)}
        for turn in range(1 << 30):
            if done.is_set():
                return
            call, inputs = ((client.transfer_pose, raw), (client.transfer_pose_encoded, encoded))[turn % 2]
            is_bad = turn % 5 == 4
            try:
                answer = client.transfer_pose(**bad) if is_bad else call(**inputs)
                outcomes["bad answered" if is_bad else "good answered"] += 1
                versions.add(answer.version)
            except InvalidRequest:
                outcomes["bad refused" if is_bad else "good refused"] += 1
            except PoseTransferError as error:
                outcomes[f"failed: {error.code.name}"] += 1


def soak(base_path: Path, server: Server) -> tuple[collections.Counter, set, list[float]]:
    """Runs for --minutes; returns outcomes, versions that answered, and megabytes after each swap."""
    outcomes, versions, memory = collections.Counter(), set(), []
    done = threading.Event()
    with ThreadPoolExecutor(FLAGS.clients) as threads:
        callers = [
            threads.submit(load, server.address, done, outcomes, versions) for _ in range(FLAGS.clients)
        ]
        try:
            start, version = time.monotonic(), 1
            while time.monotonic() - start < 60 * FLAGS.minutes:
                time.sleep(FLAGS.swap_seconds)
                version += 1
                publish(Path(FLAGS.saved_model), base_path, version)
                memory.append(resident_megabytes(server.process.pid))
        finally:
            done.set()
    for caller in callers:
        caller.result()  # raises what ended it early
    return outcomes, versions, memory


def main(argv: list[str]) -> None:
    if len(argv) > 1:
        raise app.UsageError(f"unexpected argument: {argv[1]}")
    from measure import finish, machine
    from server_process import embedded_server

    lines = [machine()]
    with tempfile.TemporaryDirectory() as scratch:
        base_path = Path(scratch, "model")
        base_path.mkdir()
        publish(Path(FLAGS.saved_model), base_path, 1)
        flags_of_server = (f"--model_base_path={base_path}", "--file_system_poll_wait_seconds=0.2")
        with embedded_server(Path(scratch, "server.log"), *flags_of_server) as server:
            outcomes, versions, memory = soak(base_path, server)
        status = server.process.returncode
    # Allocators fill their pools first: the first third is not counted. Medians, because memory swings by a
    # version's size while two are loaded.
    third = len(memory) // 3
    growth = np.median(memory[2 * third :]) - np.median(memory[third : 2 * third])
    lines.append(
        f"{FLAGS.minutes:g} minutes, {FLAGS.clients} clients, a new version every {FLAGS.swap_seconds:g} s"
    )
    lines += [f"{outcome}: {count}" for outcome, count in sorted(outcomes.items())]
    lines.append(f"versions that answered: {len(versions)} of {len(memory) + 1}")
    lines.append("memory in MB: " + " ".join(f"{megabytes:.0f}" for megabytes in memory))
    lines.append(
        f"growth from the middle third to the last, by medians: {growth:+.0f} MB; "
        f"exit status of the server: {status}"
    )
    finish(lines, FLAGS.output)
    expected = {"good answered", "bad refused"}
    if set(outcomes) != expected or len(versions) < 2 or status or growth > FLAGS.growth_megabytes:
        sys.exit(
            f"soak failed: {', '.join(sorted(outcomes))}; {len(versions)} versions; growth {growth:.0f} MB; "
            f"server exit status {status}"
        )


if __name__ == "__main__":
    define_flags()
    app.run(main)
