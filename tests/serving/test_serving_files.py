"""The deployment files, read by what will read them; and TF Serving itself where it is installed."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from google.protobuf import text_format
from tensorflow_serving.config import model_server_config_pb2

from spt_tf.serving.client import PoseTransferClient
from spt_tf.serving.client_errors import InvalidRequest, PoseTransferError
from spt_tf.serving.embedded.version_policy import check_config
from tests.serving.direct import direct
from tests.serving.serving_protos import BatchingParameters, MonitoringConfig
from tests.serving.stand_in import encoded, random_inputs

SERVING = Path(__file__).resolve().parents[2] / "export" / "serving"
IMAGE = "tensorflow/serving:2.15.1"


def parsed(name, message):
    return text_format.Parse((SERVING / name).read_text(), message)


def documents(name) -> list:
    yaml = pytest.importorskip("yaml", reason="needs PyYAML: pip install -r requirements-dev.txt")
    return list(yaml.safe_load_all((SERVING / name).read_text()))


def test_models_config():
    models = check_config(parsed("models.config", model_server_config_pb2.ModelServerConfig()))
    assert models["spt"].base_path == "/models/spt"
    assert models["spt"].model_version_policy.latest.num_versions == 1


def test_batching_parameters():
    batching = parsed("batching_parameters.txt", BatchingParameters())
    assert batching.max_batch_size.value >= 1
    assert batching.num_batch_threads.value >= 1
    assert batching.max_enqueued_batches.value >= 1


def test_monitoring_config():
    assert parsed("monitoring.config", MonitoringConfig()).prometheus_config.enable


def test_a_misspelt_field_would_be_seen():
    with pytest.raises(text_format.ParseError, match="max_batch"):
        text_format.Parse("max_batch { value: 1 }", BatchingParameters())


def check_arguments(arguments):
    flags = dict(argument[2:].split("=", 1) for argument in arguments)
    assert (flags["port"], flags["rest_api_port"]) == ("8500", "8501")
    assert flags["enable_batching"] == flags["enable_grpc_healthcheck_service"] == "true"
    assert flags["enable_model_warmup"] == flags["enable_serialization_as_tensor_content"] == "true"
    for flag, name in (
        ("model_config_file", "models.config"),
        ("batching_parameters_file", "batching_parameters.txt"),
        ("monitoring_config_file", "monitoring.config"),
    ):
        assert flags[flag] == f"/config/{name}"
        assert (SERVING / name).is_file()


def test_compose():
    (compose,) = documents("docker-compose.yml")
    service = compose["services"]["spt"]
    assert service["image"] == IMAGE
    check_arguments(service["command"])
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    mounts = [volume.split(":")[:2] for volume in service["volumes"]]
    assert ["../../models/spt", "/models/spt"] in mounts
    for source, target in mounts:
        if target.startswith("/config/"):
            assert (SERVING / source).is_file()
    assert service["healthcheck"]["test"][0] == "CMD"


def test_kubernetes():
    (kustomization,) = documents("kubernetes/kustomization.yaml")
    kinds = {}
    for name in kustomization["resources"]:
        for document in documents(f"kubernetes/{name}"):
            kinds[document["kind"]] = document
    pod = kinds["Deployment"]["spec"]["template"]
    (container,) = pod["spec"]["containers"]
    assert container["image"] == IMAGE
    check_arguments(container["args"])
    assert {"startupProbe", "readinessProbe", "livenessProbe"} <= set(container)
    assert container["readinessProbe"]["grpc"]["port"] == 8500
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert ports == {"grpc": 8500, "http": 8501}
    assert {port["targetPort"] for port in kinds["Service"]["spec"]["ports"]} <= set(ports)
    assert kinds["Service"]["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
    assert kinds["Deployment"]["spec"]["selector"]["matchLabels"] == pod["metadata"]["labels"]
    assert {volume["name"] for volume in pod["spec"]["volumes"]} == {
        mount["name"] for mount in container["volumeMounts"]
    }
    claim = next(v["persistentVolumeClaim"] for v in pod["spec"]["volumes"] if v["name"] == "models")
    assert claim["claimName"] == kinds["PersistentVolumeClaim"]["metadata"]["name"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]


@pytest.mark.skipif(
    not shutil.which("tensorflow_model_server"),
    reason="needs tensorflow_model_server on the PATH: Debian package tensorflow-model-server",
)
@pytest.mark.parametrize("flags", [[], ["--enable_serialization_as_tensor_content=true"]])
def test_tensorflow_model_server(model_base_path, tmp_path, flags):
    port = free_port()
    config = (SERVING / "models.config").read_text().replace("/models/spt", str(model_base_path))
    (tmp_path / "models.config").write_text(config)
    command = ["tensorflow_model_server", f"--port={port}", f"--model_config_file={tmp_path}/models.config"]
    command += ["--enable_batching=true", f"--batching_parameters_file={SERVING}/batching_parameters.txt"]
    command += ["--enable_grpc_healthcheck_service=true", "--enable_model_warmup=true", *flags]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        with PoseTransferClient(f"localhost:{port}") as client:
            deadline = time.monotonic() + 120
            while True:
                try:
                    assert client.available_versions() == [1]
                    break
                except (PoseTransferError, AssertionError):
                    assert time.monotonic() < deadline
                    assert process.poll() is None
                    time.sleep(0.5)
            inputs = random_inputs(2)
            np.testing.assert_array_equal(client.transfer_pose(**inputs).image, direct(inputs)[0])
            assert len(client.transfer_pose_encoded(**encoded(inputs)).image) == 2
            inputs["source_parsing"][0, 0, 0] = 10
            with pytest.raises(InvalidRequest, match="source_parsing"):
                client.transfer_pose(**inputs)
    finally:
        process.terminate()
        process.wait()
