"""The command: address, TLS, metrics, health, reflection, limits, deadlines, draining."""

from __future__ import annotations

import shutil
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

from spt_tf.serving import client_errors
from spt_tf.serving.client import PoseTransferClient
from spt_tf.serving.embedded.server import EmbeddedServer, ServerOptions, host_and_port
from spt_tf.serving.embedded.version_policy import single_model
from tests.serving.endless_model import export_endless
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


@pytest.mark.parametrize("serves_already", [False, True])
def test_sigterm_does_not_wait_for_a_version_that_loads(tmp_path, serves_already, model_base_path):
    """Its warm-up never ends."""
    if serves_already:
        shutil.copytree(model_base_path / "1", tmp_path / "1")
    else:
        export_endless(tmp_path / "2", warm_up=True)
    command = [sys.executable, str(ROOT / "export" / "serve.py"), "--port=0", f"--model_base_path={tmp_path}"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        if serves_already:
            assert process.stdout.readline().startswith("Serving on")
            export_endless(tmp_path / ".2", warm_up=True).rename(tmp_path / "2")
        for line in process.stderr:
            if "spt version 2 is loaded from" in line:
                break
        process.send_signal(signal.SIGTERM)
        assert process.wait(300) == 0
        expected = "Draining" if serves_already else "Stopped before a version was loaded"
        assert process.stdout.read().strip() == expected
    finally:
        process.kill()
        process.communicate()


def test_a_taken_port_is_said(server, model_base_path):
    options = ServerOptions(port=server.port)
    with pytest.raises(OSError, match=f"cannot listen on localhost:{server.port}"):
        EmbeddedServer(single_model("spt", str(model_base_path)), options)


def test_an_ipv6_address_goes_into_brackets():
    assert host_and_port("::1", 8500) == "[::1]:8500"
    assert host_and_port("[::1]", 8500) == "[::1]:8500"
    assert host_and_port("localhost", 8500) == "localhost:8500"


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


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "model_base_path"),
        (["--model_base_path=a", "--model_config_file=b"], "model_base_path"),
        (["--model_base_path=a", "--tls_key=k"], "tls_certificate go together"),
        (["--model_base_path=a", "--tls_certificate=c"], "tls_certificate go together"),
        (["--model_base_path=a", "--tls_client_ca=c"], "--tls_client_ca needs --tls_key"),
        (["--model_base_path=a", "--tls_key=/no/key", "--tls_certificate=/no/cert"], "'/no/key'"),
        (["--model_base_path=a", "--max_message_megabytes=2048"], "max_message_megabytes"),
        (["--model_base_path=a", "--metrics_port=70000"], "metrics_port"),
        (["--model_base_path=a", "--file_system_poll_wait_seconds=inf"], "file_system_poll_wait_seconds"),
        (["--model_config_file=/no/such/file"], "serve failed: "),
    ],
)
def test_wrong_flags_are_explained(arguments, said):
    command = [sys.executable, str(ROOT / "export" / "serve.py"), "--port=0", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert said in done.stderr
