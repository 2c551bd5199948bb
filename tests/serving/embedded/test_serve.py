"""The command: address, TLS, metrics, health, reflection, limits, deadlines, draining."""

from __future__ import annotations

import datetime
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from tensorflow_serving.apis import get_model_status_pb2, model_service_pb2_grpc

from spt_tf.serving import client_errors
from spt_tf.serving.channel import ClientTls
from spt_tf.serving.client import PoseTransferClient
from spt_tf.serving.embedded.server import EmbeddedServer, ServerOptions, TlsFiles
from spt_tf.serving.embedded.version_policy import single_model
from tests.serving.stand_in import random_inputs

ROOT = Path(__file__).resolve().parents[3]


def serve(*arguments):
    """The command as a process, and the ports it took: gRPC's, then the metrics' where it was asked for."""
    command = [sys.executable, str(ROOT / "export" / "serve.py"), "--port=0", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    if not line.startswith("Serving on"):
        raise AssertionError(process.communicate()[1][-2000:])
    return process, *(int(place.rsplit(":", 1)[1]) for place in line.split(","))


def metrics_page(port) -> str:
    return urllib.request.urlopen(f"http://localhost:{port}/metrics").read().decode()


def test_sigterm_finishes_what_is_under_way(model_base_path):
    # A batch would wait ten minutes to fill, so the requests are surely under way when the signal comes.
    process, port, metrics_port = serve(
        f"--model_base_path={model_base_path}", "--batch_timeout_micros=600000000", "--metrics_port=0"
    )
    try:
        answers = []
        with PoseTransferClient(f"localhost:{port}", timeout=300) as client:
            callers = [
                threading.Thread(target=lambda: answers.append(client.transfer_pose(**random_inputs(1))))
                for _ in range(3)
            ]
            for caller in callers:
                caller.start()
            while 'spt_requests_under_way{method="Predict"} 3.0' not in metrics_page(metrics_port):
                assert all(caller.is_alive() for caller in callers)
                time.sleep(0.01)
            assert not answers
            process.send_signal(signal.SIGTERM)
            for caller in callers:
                caller.join()
            assert [answer.version for answer in answers] == [1, 1, 1]
        assert process.wait(300) == 0
        client = PoseTransferClient(f"localhost:{port}", timeout=1)
        with client, pytest.raises((client_errors.ServerUnavailable, client_errors.DeadlineExceeded)):
            client.available_versions()
    finally:
        process.kill()
        process.communicate()


def test_a_taken_port_is_said(server, model_base_path):
    options = ServerOptions(port=server.port)
    with pytest.raises(OSError, match=f"cannot listen on localhost:{server.port}"):
        EmbeddedServer(single_model("spt", str(model_base_path)), options)


def test_health(server):
    with grpc.insecure_channel(f"localhost:{server.port}") as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        for service in ("", "tensorflow.serving.PredictionService", "tensorflow.serving.ModelService"):
            answer = stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=300)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_reflection_knows_the_services(server):
    def ask(**question):
        asked = reflection_pb2.ServerReflectionRequest(**question)
        return next(stub.ServerReflectionInfo(iter([asked]), timeout=300))

    with grpc.insecure_channel(f"localhost:{server.port}") as channel:
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        listed = {service.name for service in ask(list_services="").list_services_response.service}
        assert {"tensorflow.serving.PredictionService", "tensorflow.serving.ModelService"} < listed
        for service in ("PredictionService", "ModelService"):
            answer = ask(file_containing_symbol=f"tensorflow.serving.{service}")
            assert answer.file_descriptor_response.file_descriptor_proto


def test_the_written_descriptors_equal_the_packages(server):
    """Against the serialized descriptors inside the modules that do not import."""
    from google.protobuf import descriptor_pb2, descriptor_pool
    from tensorflow_serving import apis

    for name, service in (("prediction_service", "PredictionService"), ("model_service", "ModelService")):
        source = Path(next(iter(apis.__path__)), f"{name}_pb2.py").read_text()
        literal = source.split("serialized_pb=_b(", 1)[1].split("\n  ,\n")[0].split("),\n    dependencies")[0]
        namespace = {}
        exec("value = " + literal.strip().rstrip(",").rstrip(")").strip(), namespace)
        official = descriptor_pb2.FileDescriptorProto.FromString(namespace["value"].encode("latin1"))
        written = descriptor_pb2.FileDescriptorProto()
        descriptor_pool.Default().FindFileByName(f"tensorflow_serving/apis/{name}.proto").CopyToProto(written)
        assert written.service == official.service
        assert written.package == official.package
        assert set(written.dependency) == set(official.dependency)
        assert official.service[0].name == service


def test_metrics(server, client):
    def count(code):
        wanted = f'spt_requests_total{{code="{code}",method="Predict"}} '
        lines = metrics_page(server.metrics_port).splitlines()
        return sum(float(line[len(wanted) :]) for line in lines if line.startswith(wanted))

    good, bad = count("OK"), count("INVALID_ARGUMENT")
    client.transfer_pose(**random_inputs(2))
    with pytest.raises(client_errors.InvalidRequest):
        client.transfer_pose(**{**random_inputs(2), "source_parsing": random_inputs(1)["source_parsing"]})
    assert (count("OK"), count("INVALID_ARGUMENT")) == (good + 1, bad + 1)
    assert 'spt_batch_size_bucket{le="2.0"}' in metrics_page(server.metrics_port)


def test_deadline(server):
    client = PoseTransferClient(f"localhost:{server.port}", timeout=1e-4)
    with client, pytest.raises(client_errors.DeadlineExceeded):
        client.transfer_pose(**random_inputs(1))


def test_message_limit(model_base_path):
    options = ServerOptions(port=0, max_message_bytes=10_000)
    server = EmbeddedServer(single_model("spt", str(model_base_path)), options)
    try:
        with PoseTransferClient(f"localhost:{server.port}") as client:
            assert client.transfer_pose(**random_inputs(1)).version == 1
            with pytest.raises(client_errors.ServerBusy, match="larger than max"):
                client.transfer_pose(**random_inputs(8))
    finally:
        server.stop(5)


def test_tls_and_client_certificates(model_base_path, tmp_path):
    make_certificates(tmp_path)
    tls = TlsFiles(tmp_path / "key.pem", tmp_path / "cert.pem", tmp_path / "cert.pem")
    server = EmbeddedServer(single_model("spt", str(model_base_path)), ServerOptions(port=0, tls=tls))
    address = f"localhost:{server.port}"
    own = {"key": tmp_path / "key.pem", "certificate": tmp_path / "cert.pem"}
    try:
        with PoseTransferClient(address, tls=ClientTls(tmp_path / "cert.pem", **own)) as client:
            assert client.transfer_pose(**random_inputs(1)).version == 1
        without_certificate = grpc.ssl_channel_credentials((tmp_path / "cert.pem").read_bytes())
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


def make_certificates(directory):
    """A self-signed certificate for localhost: key.pem, cert.pem."""
    x509 = pytest.importorskip(
        "cryptography.x509", reason="needs cryptography: pip install -r requirements-dev.txt"
    )
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime(2020, 1, 1)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now)
        .not_valid_after(datetime.datetime(2100, 1, 1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (directory / "key.pem").write_bytes(private)
    (directory / "cert.pem").write_bytes(certificate.public_bytes(pem))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "model_base_path"),
        (["--model_base_path=a", "--model_config_file=b"], "model_base_path"),
        (["--model_base_path=a", "--tls_key=k"], "tls_certificate go together"),
        (["--model_config_file=/no/such/file"], "serve failed: "),
    ],
)
def test_wrong_flags_are_explained(arguments, said):
    command = [sys.executable, str(ROOT / "export" / "serve.py"), "--port=0", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert said in done.stderr
