"""What the server counts, for Prometheus."""

from __future__ import annotations

import ssl

import prometheus_client

from spt_tf.serving.embedded.metrics_server import MetricsServer

_BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64, 128)


class Metrics:
    """Counts requests by method and status, those under way, their latency, and the size of batches."""

    def __init__(self):
        self._registry = prometheus_client.CollectorRegistry()
        self._requests = prometheus_client.Counter(
            "spt_requests", "Calls answered.", ("method", "code"), registry=self._registry
        )
        self._latency = prometheus_client.Histogram(
            "spt_request_seconds", "Seconds from request to answer.", ("method",), registry=self._registry
        )
        self._under_way = prometheus_client.Gauge(
            "spt_requests_under_way", "Calls not answered yet.", ("method",), registry=self._registry
        )
        self._waited_for = prometheus_client.Gauge(
            "spt_calls_without_message", "Calls whose message has not come yet.", registry=self._registry
        )
        self._batches = prometheus_client.Histogram(
            "spt_batch_size", "Examples a batch.", buckets=_BATCH_SIZES, registry=self._registry
        )

    def wait(self, calls: int) -> None:
        """`calls` more are waited for, or fewer where negative."""
        self._waited_for.inc(calls)

    def begin(self, method: str) -> None:
        """A call came in."""
        self._under_way.labels(method).inc()

    def end(self, method: str, code: str, seconds: float) -> None:
        """A call was answered."""
        self._under_way.labels(method).dec()
        self._requests.labels(method, code).inc()
        self._latency.labels(method).observe(seconds)

    def batch(self, size: int) -> None:
        """A batch ran."""
        self._batches.observe(size)

    def text(self) -> str:
        """All values in Prometheus' text format."""
        return prometheus_client.generate_latest(self._registry).decode()

    def serve(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> MetricsServer:
        """Answers `GET /metrics` in the background, over HTTPS with `tls`. Raises OSError."""
        return MetricsServer(self._registry, host, port, tls)
