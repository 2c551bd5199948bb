"""Puts the services on a port, follows the disk, and drains on the way out."""

from __future__ import annotations

import logging
import threading
from typing import NamedTuple

import grpc
from grpc_health.v1 import health_pb2_grpc
from tensorflow_serving.apis import model_service_pb2_grpc, prediction_service_pb2_grpc
from tensorflow_serving.config import model_server_config_pb2

from spt_tf.serving.embedded.batching import BatchingOptions
from spt_tf.serving.embedded.calls import Lane
from spt_tf.serving.embedded.errors import ServingError
from spt_tf.serving.embedded.event_loop import event_loop, run_on_loop
from spt_tf.serving.embedded.health import HealthService
from spt_tf.serving.embedded.metrics import Metrics
from spt_tf.serving.embedded.model_service import ModelService
from spt_tf.serving.embedded.model_store import ModelStore
from spt_tf.serving.embedded.prediction_service import PredictionService
from spt_tf.serving.embedded.reflection import MODEL_SERVICE, PREDICTION_SERVICE, enable_reflection
from spt_tf.serving.embedded.rpc import CallFrame, Limits
from spt_tf.serving.embedded.tensor_messages import to_tensor_content, to_typed_fields
from spt_tf.serving.embedded.tls import TlsFiles, server_context, server_credentials

_SERVICES = ("", PREDICTION_SERVICE, MODEL_SERVICE)


class ServerOptions(NamedTuple):
    """How to serve: address, limits in bytes and seconds. `port` or `metrics_port` 0 takes a free one.

    With `as_tensor_content` answers hold bytes instead of TF Serving's default, value by value. With
    `allow_early_labels` a new version label may point to a version that is not available yet.
    """

    host: str = "localhost"
    port: int = 8500
    batching: BatchingOptions = BatchingOptions()
    max_message_bytes: int = 256 << 20
    poll_seconds: float = 1.0
    tls: TlsFiles | None = None
    metrics_port: int | None = None
    as_tensor_content: bool = False
    allow_early_labels: bool = False
    limits: Limits = Limits()


class EmbeddedServer:
    """A running server from construction to `stop`.

    Raises OSError where the port is taken, ValueError where TLS files are wrong, ServingError where `config`
    is. A model that has no version yet does not prevent the start: health says NOT_SERVING until one appears.

    Attributes:
        port, metrics_port: where it listens.
    """

    def __init__(self, config: model_server_config_pb2.ModelServerConfig, options: ServerOptions):
        self._options = options
        self.metrics = Metrics()
        credentials = server_credentials(options.tls) if options.tls else None
        self.store = ModelStore(options.batching, self.metrics.batch, options.allow_early_labels)
        self._metrics_server = None
        try:
            self._load(config)
            if options.metrics_port is not None:
                context = server_context(options.tls) if options.tls else None
                self._metrics_server = self.metrics.serve(options.host, options.metrics_port, context)
                self.metrics_port = self._metrics_server.server_port
            self._lanes = _lanes(options.batching)
            self.port = run_on_loop(self._start(credentials))
        except BaseException:
            self._close_rest()
            raise
        self._stopping = threading.Event()
        self._poller = threading.Thread(target=self._follow_disk, name="poll-versions", daemon=True)
        self._poller.start()

    def drain(self, grace: float) -> None:
        """Refuses new requests and finishes those under way within `grace` seconds; loads nothing more."""
        self._stopping.set()
        self.store.stop_loading()
        self.store.run_at_once()
        run_on_loop(self._stop(grace))

    def stop(self, grace: float) -> None:
        """Drains, waits for what loads and frees the models."""
        self.drain(grace)
        self._poller.join()
        self._close_rest()
        for lane in self._lanes.values():
            lane.close()

    def _load(self, config):
        try:
            self.store.configure(config)
        except ServingError as error:
            if error.code != grpc.StatusCode.UNKNOWN:  # the configuration itself is wrong
                raise
            logging.warning("%s; waiting for a version to appear", error.message)

    async def _start(self, credentials: grpc.ServerCredentials | None) -> int:
        self._frame = CallFrame(self._lanes, self.metrics, self._options.limits)
        self._health = HealthService(_SERVICES)
        self._health.set(self.store.ready())
        self._server = grpc.aio.server(
            interceptors=[self._frame], options=_channel_options(self._options.max_message_bytes)
        )
        to_message = to_tensor_content if self._options.as_tensor_content else to_typed_fields
        prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(
            PredictionService(self.store, to_message), self._server
        )
        model_service_pb2_grpc.add_ModelServiceServicer_to_server(ModelService(self.store), self._server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        enable_reflection(self._server)
        address = host_and_port(self._options.host, self._options.port)
        try:
            if credentials is None:
                port = self._server.add_insecure_port(address)
            else:
                port = self._server.add_secure_port(address, credentials)
        except RuntimeError as error:
            raise OSError(f"cannot listen on {address}: {error}") from error
        await self._server.start()
        return port

    async def _stop(self, grace):
        self._health.stop()
        self._frame.stop_waiting()
        await self._server.stop(grace)

    def _close_rest(self):
        self.store.close()
        if self._metrics_server is not None:
            self._metrics_server.stop()

    def _follow_disk(self) -> None:
        while not self._stopping.wait(self._options.poll_seconds):
            try:
                self.store.poll()
                event_loop().call_soon_threadsafe(self._health.set, self.store.ready())
            except Exception:  # an unreadable directory today may be readable at the next poll
                logging.exception("polling for versions failed")


def host_and_port(host: str, port: int) -> str:
    """`host:port`, with an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host and not host.startswith("[") else f"{host}:{port}"


def _lanes(batching: BatchingOptions) -> dict[str, Lane]:
    # A thread for every example that may wait or run, and some to refuse the rest.
    examples = batching.max_enqueued + batching.threads * batching.max_batch_size + 16
    return {
        "Predict": Lane("predict", examples, 0),
        "HandleReloadConfigRequest": Lane("reload", 1, 4),
        "": Lane("quick", 4, 256),
    }


def _channel_options(max_message_bytes: int) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", max_message_bytes),
        ("grpc.max_send_message_length", max_message_bytes),
        ("grpc.so_reuseport", 0),  # two servers on one port is a mistake, not load balancing
        ("grpc.max_concurrent_streams", 512),  # of one connection; clients let further calls wait
        ("grpc.server_handshake_timeout_ms", 20_000),  # a connection that says nothing
        ("grpc.keepalive_time_ms", 60_000),  # a peer that is gone without a word is noticed
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.max_connection_idle_ms", 600_000),
    ]
