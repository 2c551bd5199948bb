"""A call in a process of its own: its memory is given back, and its crash is its own."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator

from absl import logging

INTERRUPTED = 143  # exit status of a call that was stopped in good order: a shell's for SIGTERM


class JobFailed(RuntimeError):
    """A job's process ended with an error; its log says which."""


class JobStopped(RuntimeError):
    """A signal came or the time was up; what the job had done is kept."""


def in_own_process(call: Callable[[], None], log_path: str, deadline: float | None = None) -> None:
    """Runs a picklable call in a fresh process, with all it prints appended to a file.

    SIGTERM and SIGINT are passed on, and the process is given the time to save. deadline: of
    `time.monotonic`, when it is stopped likewise. Raises JobFailed, JobStopped.
    """
    os.makedirs(os.path.dirname(log_path), exist_ok=True)
    process = multiprocessing.get_context("spawn").Process(target=_logged, args=(call, log_path))
    stopped = []

    def stop(*_: object) -> None:
        stopped.append(True)
        if process.pid is not None:
            process.terminate()

    with _handling(stop):
        process.start()
        process.join(None if deadline is None else max(0.0, deadline - time.monotonic()))
        if process.is_alive():
            stop()
            process.join()
    if stopped or process.exitcode in (INTERRUPTED, -signal.SIGTERM, -signal.SIGINT):
        raise JobStopped
    if process.exitcode:
        raise JobFailed(f"ended with status {process.exitcode}; see the end of {log_path}")


@contextlib.contextmanager
def _handling(handler: Callable[..., None]) -> Iterator[None]:
    before = {name: signal.signal(name, handler) for name in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for name, old in before.items():
            signal.signal(name, old)


def _logged(call: Callable[[], None], log_path: str) -> None:
    with open(log_path, "a", encoding="utf8") as log:
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())
    logging.set_verbosity(logging.INFO)
    call()
