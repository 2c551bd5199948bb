"""One version on its way from START to END, and the requests that still use it."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Callable, TypeVar

import grpc
from tensorflow_serving.apis import get_model_status_pb2

from spt_tf.serving.embedded import predict_requests
from spt_tf.serving.embedded.batching import Batcher, BatchingOptions
from spt_tf.serving.embedded.errors import ServingError, code_of
from spt_tf.serving.embedded.free_memory import free_memory
from spt_tf.serving.embedded.servable import Servable
from spt_tf.serving.embedded.warmup_file import read_warmup_requests

State = get_model_status_pb2.ModelVersionStatus.State
Part = TypeVar("Part")


class LoadedVersion:
    """A version of a model. `acquire` before use and `release` after: it closes when retired and unused.

    Attributes:
        state: TF Serving's state of the version.
        error: why it could not be loaded, or None.
        error_code: the status of that, or OK.
        failed_at: `time.monotonic()` of that, or None.
    """

    def __init__(self, model: str, version: int):
        self.model, self.version = model, version
        self.state = State.START
        self.error: str | None = None
        self.error_code = grpc.StatusCode.OK
        self.failed_at: float | None = None
        self.servable: Servable | None = None
        self.batcher: Batcher | None = None
        self._users = 0
        self._lock = threading.Lock()

    def load(
        self,
        path: Path,
        options: BatchingOptions,
        observe: Callable[[int], None],
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        """Loads and warms up; on failure, or when `stopping`, the state is END and `error` says why."""
        self.state = State.LOADING
        try:
            self.servable = Servable(path)
            for request in read_warmup_requests(path):
                if stopping():
                    raise ServingError(grpc.StatusCode.CANCELLED, "the server stops")
                parsed = predict_requests.parse(request, self.servable, options.max_batch_size)
                self.servable.run(parsed.signature, parsed.inputs)
        except Exception as error:  # whatever is wrong with one version must not stop the others
            self.error, self.error_code = f"{type(error).__name__}: {error}", code_of(error)
            self.failed_at = time.monotonic()
        if self.error or self.servable is None:  # outside `except`, whose traceback would keep the graph
            self._close()
            return
        self.batcher = Batcher(self.servable.run, options, observe)
        self.state = State.AVAILABLE

    def acquire(self) -> bool:
        """Whether the version is there to use; if so, it stays until `release`."""
        with self._lock:
            if self.state != State.AVAILABLE:
                return False
            self._users += 1
            return True

    def release(self) -> None:
        """Ends a use that `acquire` allowed."""
        with self._lock:
            self._users -= 1
            last = self._users == 0 and self.state == State.UNLOADING
        if last:
            self._close()

    def run_at_once(self) -> None:
        """No batch waits to fill any more."""
        with self._lock:
            if self.batcher is not None:
                self.batcher.run_at_once()

    def retire(self) -> None:
        """Takes no new requests; those under way finish first."""
        with self._lock:
            if self.state != State.AVAILABLE:
                return
            self.state = State.UNLOADING
            unused = self._users == 0
        if unused:
            self._close()

    def _close(self) -> None:
        if self.batcher is not None:
            self.batcher.close()
        if self.servable is not None:
            self.servable.close()
        self.batcher = self.servable = None
        free_memory()
        self.state = State.END


def in_use(part: Part | None) -> Part:
    """A version's servable or batcher, which is there between `acquire` and `release`."""
    if part is None:
        raise RuntimeError("this version is not loaded")
    return part
