"""Dynamic batching: requests that wait for the same signature run together.

One batcher a loaded version. A batch starts when it is full or when its oldest member has waited
`timeout` seconds; while one batch computes, the next gathers by itself. Behind a batch the next waits a
little longer for those who were answered to ask again: otherwise clients that ask one question after the
other would for ever stay parted into those whose batch computes and those who just missed it. When all of
them are back in that time, nobody else is waited for. Members that the graph refuses fail alone: a failed
batch is run again one member at a time.
"""

from __future__ import annotations

import collections
import threading
import time
from concurrent.futures import Future
from typing import Callable, NamedTuple

import grpc
import numpy as np

from spt_tf.serving.embedded.errors import ServingError

Arrays = dict[str, np.ndarray]


class BatchingOptions(NamedTuple):
    """What decides when a batch starts.

    timeout: seconds. max_enqueued: examples, counting those that wait, not those that run. threads: batches
    that run at the same time. patience: how long to wait for answered clients to come back, as a share of
    what their batch took; no longer than until as many wait as were there.
    """

    max_batch_size: int = 16
    timeout: float = 0.002
    max_enqueued: int = 256
    threads: int = 1
    patience: float = 0.05


class _Task(NamedTuple):
    signature: str
    inputs: Arrays
    size: int
    enqueued: float
    deadline: float | None
    future: Future


class Batcher:
    """Runs `run(signature, inputs, deadline) -> outputs` on batches along axis 0.

    Args:
        run: raises ServingError where the inputs are refused, and gives up at the deadline, the latest of the
            batch's members, after which nobody waits any more. Called from several threads.
        options: see BatchingOptions.
        observe: called with the size of each batch that ran.
    """

    def __init__(
        self,
        run: Callable[[str, Arrays, float | None], Arrays],
        options: BatchingOptions,
        observe: Callable[[int], None] = lambda size: None,
    ):
        self._run, self._options, self._observe = run, options, observe
        self._queue: collections.deque[_Task] = collections.deque()
        self._enqueued = self._running = 0  # examples
        self._expected, self._patient_until = 0, 0.0
        self._waits, self._closed = True, False
        self._changed = threading.Condition()
        self._threads = [
            threading.Thread(target=self._work, name=f"batch-{i}", daemon=True)
            for i in range(options.threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, signature: str, inputs: Arrays, size: int, deadline: float | None = None) -> Future:
        """The outputs to come, as a dict. Cancelling the future takes the request out of the queue.

        Args:
            size: examples in `inputs`.
            deadline: `time.monotonic()` after which nobody waits for the answer.

        Raises ServingError UNAVAILABLE where the queue is full, as TF Serving does.
        """
        task = _Task(signature, inputs, size, time.monotonic(), deadline, Future())
        with self._changed:
            if self._enqueued + size > self._options.max_enqueued:
                raise ServingError(
                    grpc.StatusCode.UNAVAILABLE,
                    "The batch scheduling queue to which this task was submitted is full; currently "
                    f"{self._enqueued} examples wait and at most {self._options.max_enqueued} may",
                )
            self._queue.append(task)
            self._enqueued += size
            self._changed.notify_all()
        return task.future

    def run_at_once(self) -> None:
        """From now on no batch waits to fill."""
        with self._changed:
            self._waits = False
            self._changed.notify_all()

    def close(self) -> None:
        """Finishes what is queued, then ends the threads."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while True:
            tasks = self._next_batch()
            if tasks is None:
                return
            live = [task for task in tasks if _claim(task)]
            with self._changed:
                self._running -= sum(task.size for task in tasks) - sum(task.size for task in live)
            if live:
                self._run_batch(live)

    def _note_end(self, tasks: list, started: float) -> None:
        """Called before they are told: whoever is answered may ask again at once."""
        with self._changed:
            self._expected = self._enqueued + self._running
            self._running -= sum(task.size for task in tasks)
            now = time.monotonic()
            self._patient_until = now + self._options.patience * (now - started)

    def _next_batch(self) -> list | None:
        with self._changed:
            while True:
                while not self._queue and not self._closed:
                    self._changed.wait()
                if not self._queue:
                    return None
                # Another worker may have taken these tasks while this one waited, hence the outer loop.
                wait = self._earliest_start() - time.monotonic()
                if wait <= 0 or not self._waits or self._closed or self._is_full():
                    return self._take()
                self._changed.wait(wait)

    def _earliest_start(self) -> float:
        """When a batch of those who wait may start without being full."""
        oldest, newest = self._queue[0].enqueued, self._queue[-1].enqueued
        if self._enqueued + self._running < self._expected:
            return max(oldest + self._options.timeout, self._patient_until)
        all_are_back = newest <= self._patient_until
        return oldest if all_are_back else oldest + self._options.timeout

    def _is_full(self) -> bool:
        signature = self._queue[0].signature
        waiting = sum(task.size for task in self._queue if task.signature == signature)
        return waiting >= self._options.max_batch_size

    def _take(self) -> list:
        """The oldest task and, in order, those of its signature that fit beside it."""
        taken, size = [], 0
        left: collections.deque[_Task] = collections.deque()
        signature = self._queue[0].signature
        for task in self._queue:
            if task.signature == signature and size + task.size <= self._options.max_batch_size:
                taken.append(task)
                size += task.size
            else:
                left.append(task)
        self._queue = left
        self._enqueued -= size
        self._running += size
        return taken

    def _run_batch(self, tasks: list) -> None:
        started = time.monotonic()
        try:
            outputs = self._run(tasks[0].signature, _joined(tasks), _latest_deadline(tasks))
        except Exception as error:
            if len(tasks) == 1:
                self._note_end(tasks, started)
                tasks[0].future.set_exception(error)
                return
            for task in tasks:
                if _refuse_if_late(task):
                    self._note_end([task], started)
                else:
                    self._run_batch([task])
            return
        self._note_end(tasks, started)
        self._observe(sum(task.size for task in tasks))
        start = 0
        for task in tasks:
            stop = start + task.size
            task.future.set_result({name: array[start:stop] for name, array in outputs.items()})
            start = stop


def _claim(task: _Task) -> bool:
    """Whether somebody still waits for the task."""
    return task.future.set_running_or_notify_cancel() and not _refuse_if_late(task)


def _refuse_if_late(task: _Task) -> bool:
    if task.deadline is None or time.monotonic() <= task.deadline:
        return False
    expired = "The deadline passed while the request was queued"
    task.future.set_exception(ServingError(grpc.StatusCode.DEADLINE_EXCEEDED, expired))
    return True


def _latest_deadline(tasks: list[_Task]) -> float | None:
    """None where one of them has all the time."""
    deadlines = [task.deadline for task in tasks if task.deadline is not None]
    return max(deadlines) if len(deadlines) == len(tasks) else None


def _joined(tasks: list) -> Arrays:
    if len(tasks) == 1:
        return tasks[0].inputs
    return {name: np.concatenate([task.inputs[name] for task in tasks]) for name in tasks[0].inputs}
