"""Secure or not at all: certificates on both sides, for gRPC and for metrics, and files that are none."""

from __future__ import annotations

import os
import socket
import ssl
import urllib.error
import urllib.request

import grpc
import pytest
from tensorflow_serving.apis import get_model_status_pb2, model_service_pb2_grpc

from spt_tf.serving.channel import ClientTls
from spt_tf.serving.client import PoseTransferClient
from spt_tf.serving.embedded.server import EmbeddedServer, ServerOptions
from spt_tf.serving.embedded.tls import TlsFiles, read_authorities, read_key_pair, server_credentials
from spt_tf.serving.embedded.version_policy import single_model
from tests.serving.certificates import make_certificates
from tests.serving.stand_in import random_inputs


@pytest.fixture(scope="module")
def pem(tmp_path_factory):
    """A folder with key.pem and cert.pem."""
    folder = tmp_path_factory.mktemp("pem")
    make_certificates(folder)
    return folder


def test_tls_and_client_certificates(model_base_path, pem):
    tls = TlsFiles(pem / "key.pem", pem / "cert.pem", pem / "cert.pem")
    server = EmbeddedServer(single_model("spt", str(model_base_path)), ServerOptions(port=0, tls=tls))
    address = f"localhost:{server.port}"
    own = {"key": pem / "key.pem", "certificate": pem / "cert.pem"}
    try:
        with PoseTransferClient(address, tls=ClientTls(pem / "cert.pem", **own)) as client:
            assert client.transfer_pose(**random_inputs(1)).version == 1
        without_certificate = grpc.ssl_channel_credentials((pem / "cert.pem").read_bytes())
        key, certificate = (path.read_bytes() for path in own.values())
        with_unknown_server = grpc.ssl_channel_credentials(None, key, certificate)
        for channel in (
            grpc.insecure_channel(address),
            grpc.secure_channel(address, without_certificate),
            grpc.secure_channel(address, with_unknown_server),
        ):
            # Straight to the service: our client would try five times.
            stub = model_service_pb2_grpc.ModelServiceStub(channel)
            with channel, pytest.raises(grpc.RpcError) as refused:
                stub.GetModelStatus(get_model_status_pb2.GetModelStatusRequest(), timeout=300)
            assert refused.value.code() == grpc.StatusCode.UNAVAILABLE
    finally:
        server.stop(5)


def test_metrics_are_as_secure_as_the_rest(model_base_path, pem):
    tls = TlsFiles(pem / "key.pem", pem / "cert.pem", pem / "cert.pem")
    options = ServerOptions(port=0, metrics_port=0, tls=tls)
    server = EmbeddedServer(single_model("spt", str(model_base_path)), options)
    page = f"localhost:{server.metrics_port}/metrics"
    known = ssl.create_default_context(cafile=str(pem / "cert.pem"))
    stranger = ssl.create_default_context(cafile=str(pem / "cert.pem"))
    known.load_cert_chain(pem / "cert.pem", pem / "key.pem")
    silent = [socket.create_connection(("localhost", server.metrics_port)) for _ in range(5)]
    try:
        with urllib.request.urlopen(f"https://{page}", context=known, timeout=300) as answer:
            assert b"spt_calls_without_message" in answer.read()
        for address, context in ((f"https://{page}", stranger), (f"http://{page}", None)):
            with pytest.raises(OSError):
                urllib.request.urlopen(address, context=context, timeout=300).read()
    finally:
        for connection in silent:
            connection.close()
        server.stop(5)


def test_files_that_are_not_what_they_should_be_are_named(pem, tmp_path):
    make_certificates(tmp_path)
    (tmp_path / "empty.pem").write_text("")
    (tmp_path / "junk.pem").write_bytes(bytes(range(256)))
    good_pair = (pem / "key.pem", pem / "cert.pem")
    for key, certificate in (
        (tmp_path / "key.pem", pem / "cert.pem"),
        (tmp_path / "junk.pem", pem / "cert.pem"),
        (pem / "key.pem", tmp_path / "empty.pem"),
    ):
        with pytest.raises(ValueError, match=f"{key} is not the unencrypted private key of {certificate}"):
            read_key_pair(key, certificate)
    for name in ("empty.pem", "junk.pem", "key.pem"):
        with pytest.raises(ValueError, match=f"{name} holds no certificates in PEM"):
            server_credentials(TlsFiles(*good_pair, tmp_path / name))
    for tls in (TlsFiles("", good_pair[1]), TlsFiles(*good_pair, "")):
        with pytest.raises(ValueError, match="empty name"):
            server_credentials(tls)
    with pytest.raises(OSError, match="nowhere"):
        read_authorities("nowhere")
    os.mkfifo(tmp_path / "pipe.pem")  # nobody writes: opening it would wait for ever
    with pytest.raises(ValueError, match=r"pipe\.pem is no regular file"):
        read_authorities(tmp_path / "pipe.pem")


def test_a_client_takes_both_of_its_files_or_none(pem):
    """gRPC ends the process where one of them is missing."""
    for half in ({"key": pem / "key.pem"}, {"certificate": pem / "cert.pem"}):
        with pytest.raises(ValueError, match="key and certificate go together"):
            PoseTransferClient("localhost:1", tls=ClientTls(pem / "cert.pem", **half))
    with pytest.raises(ValueError, match="empty name"):
        PoseTransferClient("localhost:1", tls=ClientTls(""))
