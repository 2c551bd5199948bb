"""The connection of a client: message limits, retries, TLS."""

from __future__ import annotations

import json
import os
from typing import NamedTuple

import grpc

from spt_tf.serving.embedded.tls import read_authorities, read_key_pair

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

    root_ca: str | os.PathLike | None = None
    key: str | os.PathLike | None = None
    certificate: str | os.PathLike | None = None


def open_channel(server: str, tls: ClientTls | None, max_message_bytes: int) -> grpc.Channel:
    """A channel to `host:port`; nothing is sent until the first call.

    Raises ValueError or OSError where the files of `tls` are not what they should be.
    """
    options = [
        ("grpc.max_receive_message_length", max_message_bytes),
        ("grpc.max_send_message_length", max_message_bytes),
        ("grpc.service_config", json.dumps(_RETRIES)),
        ("grpc.enable_retries", 1),
    ]
    if tls is None:
        return grpc.insecure_channel(server, options)
    return grpc.secure_channel(server, _credentials(tls), options)


def _credentials(tls: ClientTls) -> grpc.ChannelCredentials:
    root_ca = None if tls.root_ca is None else read_authorities(tls.root_ca)
    if tls.key is None and tls.certificate is None:
        return grpc.ssl_channel_credentials(root_ca)
    if tls.key is None or tls.certificate is None:
        raise ValueError("TLS: a client's key and certificate go together")
    return grpc.ssl_channel_credentials(root_ca, *read_key_pair(tls.key, tls.certificate))
