"""Runs the server as a process does: until it gets a signal, then draining."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import resource
import signal
import sys
import threading
from typing import Any, NoReturn

from tensorflow_serving.config import model_server_config_pb2

from spt_tf.serving.embedded.errors import ServingError
from spt_tf.serving.embedded.server import EmbeddedServer, ServerOptions, host_and_port

_SIGNAL = None


def serve(
    config: model_server_config_pb2.ModelServerConfig, options: ServerOptions, drain_seconds: float
) -> NoReturn:
    """Serves until SIGTERM or SIGINT, then finishes the requests under way within `drain_seconds`.

    A signal ends the process at once where it still loads its first versions, and does not wait for a further
    version that loads: neither has a caller. Ends the process with status 0; raises OSError or ValueError
    where it cannot start.
    """
    events: queue.SimpleQueue = queue.SimpleQueue()  # its `put` may be called from a signal handler
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: events.put(_SIGNAL))
    logging.getLogger().setLevel(logging.INFO)
    _take_all_files()
    # In a thread, because a signal reaches Python only between the calls of the main thread, and loading a
    # version is one long call.
    threading.Thread(target=_start, args=(config, options, events), name="start", daemon=True).start()
    server = _next(events)
    if server is _SIGNAL:
        print("Stopped before a version was loaded", flush=True)
        _exit()
    if isinstance(server, ServingError):
        raise ValueError(server.message) from server
    if isinstance(server, BaseException):
        raise server
    address = host_and_port(options.host, server.port)
    metrics = ""
    if options.metrics_port is not None:
        metrics = f", metrics on {host_and_port(options.host, server.metrics_port)}"
    print(f"Serving on {address}{metrics}", flush=True)
    _next(events)
    print("Draining", flush=True)
    server.drain(drain_seconds)
    _exit()


def _next(events: queue.SimpleQueue) -> Any:
    """The next event. Looks up every second: a signal that goes to another thread wakes nobody."""
    while True:
        with contextlib.suppress(queue.Empty):
            return events.get(timeout=1.0)


def _start(
    config: model_server_config_pb2.ModelServerConfig, options: ServerOptions, events: queue.SimpleQueue
) -> None:
    try:
        events.put(EmbeddedServer(config, options))
    except BaseException as error:
        events.put(error)


def _take_all_files() -> None:
    """As many open files as the system allows the process: every connection is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # some systems do not mean what they say
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _exit() -> NoReturn:
    """Without waiting for threads that load or compute for nobody."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
