"""PEM files of a secure server or client, read and checked before gRPC sees them.

gRPC takes a key of another certificate, and files that hold none, until the first handshake; a key without a
certificate ends a client's process.
"""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import NamedTuple

import grpc


class TlsFiles(NamedTuple):
    """PEM files. With `client_ca`, callers must show a certificate that it signed."""

    key: str | os.PathLike
    certificate: str | os.PathLike
    client_ca: str | os.PathLike | None = None


def server_credentials(tls: TlsFiles) -> grpc.ServerCredentials:
    """Raises ValueError or OSError, which name the file."""
    pair = read_key_pair(tls.key, tls.certificate)
    authorities = None if tls.client_ca is None else read_authorities(tls.client_ca)
    return grpc.ssl_server_credentials([pair], authorities, require_client_auth=tls.client_ca is not None)


def server_context(tls: TlsFiles) -> ssl.SSLContext:
    """The same for other servers than gRPC's. Raises as `server_credentials`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _load_pair(context, tls.key, tls.certificate)
    if tls.client_ca is not None:
        _load_authorities(context, tls.client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def read_key_pair(key: str | os.PathLike, certificate: str | os.PathLike) -> tuple[bytes, bytes]:
    """The bytes of a private key and of its certificate chain. Raises ValueError or OSError."""
    contents = (_read(key), _read(certificate))
    _load_pair(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), key, certificate)
    return contents


def read_authorities(path: str | os.PathLike) -> bytes:
    """The bytes of a file of certificates to trust. Raises ValueError or OSError."""
    contents = _read(path)
    _load_authorities(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), path)
    return contents


def _read(path: str | os.PathLike) -> bytes:
    if not os.fspath(path):
        raise ValueError("a TLS file has an empty name; is a shell variable unset?")
    if os.path.exists(path) and not os.path.isfile(path):  # a pipe would be waited for, or be empty next time
        raise ValueError(f"{os.fspath(path)} is no regular file")
    return Path(path).read_bytes()


def _load_pair(context: ssl.SSLContext, key: str | os.PathLike, certificate: str | os.PathLike) -> None:
    try:
        context.load_cert_chain(certificate, key, password=lambda: b"")  # rather than ask at the terminal
    except ssl.SSLError as error:
        raise ValueError(
            f"{os.fspath(key)} is not the unencrypted private key of {os.fspath(certificate)}: {error}"
        ) from error


def _load_authorities(context: ssl.SSLContext, path: str | os.PathLike) -> None:
    try:
        context.load_verify_locations(path)
    except ssl.SSLError as error:
        raise ValueError(f"{os.fspath(path)} holds no certificates in PEM: {error}") from error
    if not context.get_ca_certs() and not context.cert_store_stats()["x509"]:
        raise ValueError(f"{os.fspath(path)} holds no certificates in PEM")
