"""The connection of a client: message limits, retries, TLS."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import grpc

MAX_MESSAGE_BYTES = 256 << 20  # gRPC's default of 4 MB is about 20 raw pictures of 256x256

# gRPC retries by itself, within the call's deadline; five attempts is its own upper limit.
_RETRIES = {
    "methodConfig": [
        {
            "name": [{}],
            "retryPolicy": {
                "maxAttempts": 5,
                "initialBackoff": "0.2s",
                "maxBackoff": "3s",
                "backoffMultiplier": 2.5,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ]
}


class ClientTls(NamedTuple):
    """PEM files. `root_ca` vouches for the server (None: the system's); key and certificate are our own."""

    root_ca: Path | None = None
    key: Path | None = None
    certificate: Path | None = None


def open_channel(server: str, tls: ClientTls | None, max_message_bytes: int) -> grpc.Channel:
    """A channel to `host:port`; nothing is sent until the first call."""
    options = [
        ("grpc.max_receive_message_length", max_message_bytes),
        ("grpc.max_send_message_length", max_message_bytes),
        ("grpc.service_config", json.dumps(_RETRIES)),
        ("grpc.enable_retries", 1),
    ]
    if tls is None:
        return grpc.insecure_channel(server, options)
    root_ca, key, certificate = (Path(path).read_bytes() if path else None for path in tls)
    return grpc.secure_channel(server, grpc.ssl_channel_credentials(root_ca, key, certificate), options)
