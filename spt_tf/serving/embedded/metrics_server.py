"""Serves the metrics page over HTTP or HTTPS, to callers that may never send their request."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import threading
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import prometheus_client

_CONNECTIONS = 32  # at the same time; more are closed unanswered
_SECONDS = 20.0  # that one may last


class _Handler(WSGIRequestHandler):
    timeout = _SECONDS

    def log_message(self, format, *values):
        """Nothing: a page is asked for every few seconds."""


class MetricsServer(socketserver.ThreadingMixIn, WSGIServer):
    """Answers `GET /metrics` in the background from construction to `stop`.

    Args:
        registry: what the page shows.
        host, port: where to listen; port 0 takes a free one. Raises OSError where that cannot be.
        tls: for HTTPS.

    Attributes:
        server_port: where it listens.
    """

    daemon_threads = True

    def __init__(
        self,
        registry: prometheus_client.CollectorRegistry,
        host: str,
        port: int,
        tls: ssl.SSLContext | None = None,
    ):
        self._tls, self._places = tls, threading.Semaphore(_CONNECTIONS)
        self.address_family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        super().__init__((str(address[0]), int(address[1])), _Handler)
        self.set_app(prometheus_client.make_wsgi_app(registry))
        threading.Thread(target=self.serve_forever, name="metrics", daemon=True).start()

    def stop(self) -> None:
        """Closes the port."""
        self.shutdown()
        self.server_close()

    def process_request(self, request, client_address):
        """In a thread, where one is free."""
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request, client_address):
        """Shakes hands here, so that a caller who does not holds up nobody else."""
        end = threading.Timer(_SECONDS, _end, (request,))
        end.daemon = True
        end.start()
        try:
            if self._tls is not None:
                request.settimeout(_SECONDS)
                request = self._tls.wrap_socket(request, server_side=True)
            super().process_request_thread(request, client_address)
        except OSError:  # of the caller's making, ssl's among them
            self.shutdown_request(request)
        finally:
            end.cancel()
            self._places.release()

    def handle_error(self, request, client_address):
        """Nothing: callers that leave early are no news."""


def _end(request: socket.socket) -> None:
    with contextlib.suppress(OSError):
        request.shutdown(socket.SHUT_RDWR)
