"""Two processes under MultiWorkerMirroredStrategy learn what one does."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import socket
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from tests.data.folders import market_folder

ROOT = pathlib.Path(__file__).resolve().parents[2]


@contextlib.contextmanager
def _reserved_ports(count: int) -> Iterator[list[int]]:
    """Ports that servers may take and the system gives to nobody: bound here, but not listened on."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind(("127.0.0.1", 0))
        yield [one.getsockname()[1] for one in sockets]


def _start(data_dir, run_dir, tf_config=None):
    environment = {k: v for k, v in os.environ.items() if k != "TF_CONFIG"}
    if tf_config:
        environment["TF_CONFIG"] = json.dumps(tf_config)
    command = [sys.executable, "scripts/train.py", f"--data_dir={data_dir}", f"--run_dir={run_dir}"]
    command += ["--stage=pose_detector", "--height=32", "--width=32", "--pose_detector_width=0.04"]
    command += ["--pose_detector_blocks=1", "--batch_size=4", "--pose_detector_steps=6"]
    command += ["--log_every=2", "--checkpoint_every=3", "--panel_every=100"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_two_workers_equal_one(tmp_path):
    market_folder(tmp_path / "data", people=6, canvas=(32, 32))
    with _reserved_ports(2) as ports:
        cluster = {"worker": [f"127.0.0.1:{port}" for port in ports]}
        tasks = [{"cluster": cluster, "task": {"type": "worker", "index": index}} for index in range(2)]
        processes = [_start(tmp_path / "data", tmp_path / "one")]
        processes += [_start(tmp_path / "data", tmp_path / "two", task) for task in tasks]
        try:
            for process in processes:
                _, errors = process.communicate(timeout=1200)  # for a hang, not for a slow machine
                assert process.returncode == 0, errors[-3000:]
        finally:
            for process in processes:
                process.kill()
    runs = [
        [json.loads(line) for line in (tmp_path / run / "metrics.jsonl").read_text().splitlines()]
        for run in ("one", "two")
    ]
    assert [line["step"] for line in runs[1]] == [2, 4, 6]
    np.testing.assert_allclose(
        [line["pose"] for line in runs[1]], [line["pose"] for line in runs[0]], rtol=1e-3
    )
    assert sorted(os.listdir(tmp_path / "two" / "checkpoints" / "pose_detector")) == [
        "finished",
        "step-00000003",
        "step-00000006",
    ]
