"""Calls that run in threads: in which, and what their methods may know of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import grpc

from spt_tf.serving.embedded.errors import ServingError


class Lane:
    """`threads` threads, and at most `waiting` calls that wait for one."""

    def __init__(self, name: str, threads: int, waiting: int):
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._places = threading.Semaphore(threads + waiting)

    def submit(self, function: Callable[..., Any], *arguments: object) -> Future:
        """The result to come. Raises ServingError RESOURCE_EXHAUSTED where no place is free."""
        if not self._places.acquire(blocking=False):
            raise ServingError(grpc.StatusCode.RESOURCE_EXHAUSTED, "Concurrent RPC limit exceeded!")
        future = self._pool.submit(function, *arguments)
        future.add_done_callback(lambda _: self._places.release())
        return future

    def close(self) -> None:
        """Lets the threads end."""
        self._pool.shutdown(wait=False)


class Call:
    """What a method may know of its call: how long its caller waits, and that it went away."""

    def __init__(self, remaining: float | None):
        self.deadline = None if remaining is None else time.monotonic() + remaining
        self._lock = threading.Lock()
        self._abandoned = False
        self._callbacks: list[Callable[[], object]] = []

    def time_remaining(self) -> float | None:
        """Seconds until the deadline, 0 where it has passed; None where there is none."""
        return None if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    def add_callback(self, callback: Callable[[], object]) -> None:
        """Calls `callback` when the caller goes away, at once where that has happened."""
        with self._lock:
            if not self._abandoned:
                self._callbacks.append(callback)
                return
        callback()

    def abandon(self) -> None:
        """The caller went away."""
        with self._lock:
            self._abandoned, callbacks = True, self._callbacks
        for callback in callbacks:
            callback()
