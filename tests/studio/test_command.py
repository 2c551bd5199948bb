"""The command: opens a run, says where, and ends in one line on what it cannot open."""

from __future__ import annotations

import pathlib
import signal
import socket
import subprocess
import sys
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = str(ROOT / "scripts" / "studio.py")


def test_it_serves_until_it_is_stopped(run_dir, data_dir):
    command = [
        sys.executable,
        SCRIPT,
        f"--run_dir={run_dir}",
        f"--data_dir={data_dir}",
        "--port=0",
        "--noopen",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as studio:
        try:
            address = studio.stdout.readline().split()[-1]
            assert address.startswith("http://127.0.0.1:")
            with urllib.request.urlopen(address, timeout=300) as page:
                assert b"SPT Studio" in page.read()
        finally:
            studio.send_signal(signal.SIGINT)
        assert studio.wait(timeout=300) in (0, 130, -signal.SIGINT)


def test_a_taken_port_is_named_before_anything_is_loaded():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, SCRIPT, "--run_dir=nowhere", f"--port={port}"]
        told = subprocess.run(command, capture_output=True, text=True)
    assert told.returncode == 2
    assert told.stderr == f"studio.py: --port={port}: Address already in use; 0 takes a free one\n"
