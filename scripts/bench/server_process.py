"""The embedded server in a process of its own, for benches that call it."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_ROOT = Path(__file__).resolve().parents[2]
_DRAIN_SECONDS = 120


class Server(NamedTuple):
    """A running server. `process.returncode` is its exit status once the block is left."""

    process: subprocess.Popen
    address: str


@contextlib.contextmanager
def embedded_server(log: str | Path, *flags: str) -> Iterator[Server]:
    """Runs export/serve.py with these flags on a free port, and stops it by SIGTERM.

    What it logs goes to the file `log`. Raises RuntimeError, with the end of that, where it does not start.
    """
    command = [sys.executable, str(_ROOT / "export" / "serve.py"), "--port=0", *flags]
    with open(log, "w", encoding="utf-8") as file:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=file, text=True)
    try:
        said = process.stdout.readline()
        if not said.startswith("Serving on "):
            process.wait(_DRAIN_SECONDS)
            raise RuntimeError(f"the server did not start: {Path(log).read_text('utf-8')[-2000:]}")
        yield Server(process, said.split()[2].rstrip(","))
    finally:
        process.terminate()
        try:
            process.wait(_DRAIN_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
