"""Runs the server as a process does: until it gets a signal, then draining."""

from __future__ import annotations

import logging
import signal
import threading

from tensorflow_serving.config import model_server_config_pb2

from spt_tf.serving.embedded.errors import ServingError
from spt_tf.serving.embedded.server import EmbeddedServer, ServerOptions


def serve(
    config: model_server_config_pb2.ModelServerConfig, options: ServerOptions, drain_seconds: float
) -> None:
    """Serves until SIGTERM or SIGINT, then finishes the requests under way within `drain_seconds`.

    Raises OSError or ValueError where it cannot start.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    logging.getLogger().setLevel(logging.INFO)
    try:
        server = EmbeddedServer(config, options)
    except ServingError as error:
        raise ValueError(error.message) from error
    metrics = "" if options.metrics_port is None else f", metrics on {options.host}:{server.metrics_port}"
    print(f"Serving on {options.host}:{server.port}{metrics}", flush=True)
    stop.wait()
    print("Draining", flush=True)
    server.stop(drain_seconds)
