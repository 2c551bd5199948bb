"""`export/serve.py` behind its flags: starts the server, and drains it when told to stop."""

from __future__ import annotations

import logging
import signal
import threading
from pathlib import Path

from google.protobuf import text_format
from tensorflow_serving.config import model_server_config_pb2

from spt_tf.serving.embedded.batching import BatchingOptions
from spt_tf.serving.embedded.errors import ServingError
from spt_tf.serving.embedded.server import MAX_MESSAGE_BYTES, EmbeddedServer, ServerOptions, TlsFiles
from spt_tf.serving.embedded.version_policy import single_model


def serve(values) -> None:
    """Serves until SIGTERM or SIGINT.

    Args:
        values: the flags of `export/serve.py`.

    Raises OSError or ValueError where it cannot start.
    """
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    logging.getLogger().setLevel(logging.INFO)
    try:
        server = EmbeddedServer(_config(values), _options(values))
    except ServingError as error:
        raise ValueError(error.message) from error
    metrics = "" if values.metrics_port is None else f", metrics on {values.host}:{server.metrics_port}"
    print(f"Serving on {values.host}:{server.port}{metrics}", flush=True)
    told.wait()
    print("Draining", flush=True)
    server.stop(values.drain_seconds)


def _config(values) -> model_server_config_pb2.ModelServerConfig:
    if values.model_base_path:
        return single_model(values.model_name, values.model_base_path)
    text = Path(values.model_config_file).read_text()
    try:
        return text_format.Parse(text, model_server_config_pb2.ModelServerConfig())
    except text_format.ParseError as error:
        raise ValueError(f"{values.model_config_file}: {error}") from error


def _options(values) -> ServerOptions:
    batching = BatchingOptions(
        max_batch_size=values.max_batch_size,
        timeout=values.batch_timeout_micros / 1e6,
        max_enqueued=values.max_enqueued_batches * values.max_batch_size,
        threads=values.num_batch_threads,
    )
    tls = TlsFiles(values.tls_key, values.tls_certificate, values.tls_client_ca) if values.tls_key else None
    return ServerOptions(
        host=values.host,
        port=values.port,
        batching=batching,
        max_message_bytes=min(values.max_message_megabytes << 20, MAX_MESSAGE_BYTES),
        poll_seconds=values.file_system_poll_wait_seconds,
        tls=tls,
        metrics_port=values.metrics_port,
        as_tensor_content=values.enable_serialization_as_tensor_content,
        allow_early_labels=values.allow_version_labels_for_unavailable_models,
    )
