"""Puts the services on a port, follows the disk, and drains on the way out."""

from __future__ import annotations

import logging
import threading
from concurrent import futures
from pathlib import Path
from typing import NamedTuple

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from tensorflow_serving.apis import model_service_pb2_grpc, prediction_service_pb2_grpc
from tensorflow_serving.config import model_server_config_pb2

from spt_tf.serving.embedded.batching import BatchingOptions
from spt_tf.serving.embedded.errors import ServingError
from spt_tf.serving.embedded.metrics import Metrics
from spt_tf.serving.embedded.model_service import ModelService
from spt_tf.serving.embedded.model_store import ModelStore
from spt_tf.serving.embedded.prediction_service import PredictionService
from spt_tf.serving.embedded.reflection import MODEL_SERVICE, PREDICTION_SERVICE, enable_reflection
from spt_tf.serving.embedded.tensor_messages import to_tensor_content, to_typed_fields

MAX_MESSAGE_BYTES = (1 << 31) - 1  # TF Serving's, and the most that gRPC can count
_SERVICES = ("", PREDICTION_SERVICE, MODEL_SERVICE)


class TlsFiles(NamedTuple):
    """PEM files. With `client_ca`, callers must show a certificate that it signed."""

    key: Path
    certificate: Path
    client_ca: Path | None = None


class ServerOptions(NamedTuple):
    """How to serve: address, limits in bytes and seconds. `port` or `metrics_port` 0 takes a free one.

    With `as_tensor_content` answers hold bytes instead of TF Serving's default, value by value. With
    `allow_early_labels` a new version label may point to a version that is not available yet.
    """

    host: str = "localhost"
    port: int = 8500
    batching: BatchingOptions = BatchingOptions()
    max_message_bytes: int = MAX_MESSAGE_BYTES
    poll_seconds: float = 1.0
    tls: TlsFiles | None = None
    metrics_port: int | None = None
    as_tensor_content: bool = False
    allow_early_labels: bool = False


class EmbeddedServer:
    """A running server from construction to `stop`.

    Raises OSError where the port is taken, ServingError where `config` is wrong. A model that has no version
    yet does not prevent the start: health says NOT_SERVING until one appears.

    Attributes:
        port, metrics_port: where it listens.
    """

    def __init__(self, config: model_server_config_pb2.ModelServerConfig, options: ServerOptions):
        self._options = options
        self.metrics = Metrics()
        self.store = ModelStore(options.batching, self.metrics.batch, options.allow_early_labels)
        try:
            self.store.configure(config)
        except ServingError as error:
            if error.code != grpc.StatusCode.UNKNOWN:  # the configuration itself is wrong
                raise
            logging.warning("%s; waiting for a version to appear", error.message)
        self._health = health.HealthServicer()
        self._server = self._make_server()
        self.port = self._bind()
        self._stopping = threading.Event()
        self._poller = threading.Thread(target=self._follow_disk, name="poll-versions", daemon=True)
        self._set_health()
        self._server.start()
        self._poller.start()
        self._metrics_server = None
        if options.metrics_port is not None:
            self._metrics_server = self.metrics.serve(options.host, options.metrics_port)
            self.metrics_port = self._metrics_server.server_port

    def stop(self, grace: float) -> None:
        """Refuses new requests, finishes those under way within `grace` seconds, frees the models."""
        self._health.enter_graceful_shutdown()
        self._stopping.set()
        self.store.run_at_once()
        self._server.stop(grace).wait()
        self._poller.join()
        self.store.close()
        if self._metrics_server is not None:
            self._metrics_server.shutdown()
            self._metrics_server.server_close()

    def _make_server(self) -> grpc.Server:
        batching = self._options.batching
        # A thread for every example that may wait or run, and some to refuse the rest.
        workers = batching.max_enqueued + batching.threads * batching.max_batch_size + 16
        server = grpc.server(
            futures.ThreadPoolExecutor(workers, thread_name_prefix="rpc"),
            maximum_concurrent_rpcs=workers,
            options=[
                ("grpc.max_receive_message_length", self._options.max_message_bytes),
                ("grpc.max_send_message_length", self._options.max_message_bytes),
                ("grpc.so_reuseport", 0),  # two servers on one port is a mistake, not load balancing
            ],
        )
        to_message = to_tensor_content if self._options.as_tensor_content else to_typed_fields
        prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(
            PredictionService(self.store, self.metrics, to_message), server
        )
        model_service_pb2_grpc.add_ModelServiceServicer_to_server(
            ModelService(self.store, self.metrics), server
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        enable_reflection(server)
        return server

    def _bind(self) -> int:
        address = f"{self._options.host}:{self._options.port}"
        try:
            if self._options.tls is None:
                return self._server.add_insecure_port(address)
            return self._server.add_secure_port(address, _credentials(self._options.tls))
        except RuntimeError as error:
            self.store.close()
            raise OSError(f"cannot listen on {address}: {error}") from error

    def _follow_disk(self) -> None:
        while not self._stopping.wait(self._options.poll_seconds):
            try:
                self.store.poll()
                self._set_health()
            except Exception:  # an unreadable directory today may be readable at the next poll
                logging.exception("polling for versions failed")

    def _set_health(self) -> None:
        status = health_pb2.HealthCheckResponse
        ready = status.SERVING if self.store.ready() else status.NOT_SERVING
        for service in _SERVICES:
            self._health.set(service, ready)


def _credentials(tls: TlsFiles) -> grpc.ServerCredentials:
    pair = (Path(tls.key).read_bytes(), Path(tls.certificate).read_bytes())
    client_ca = Path(tls.client_ca).read_bytes() if tls.client_ca else None
    return grpc.ssl_server_credentials([pair], client_ca, require_client_auth=client_ca is not None)
