"""How answers travel: value by value as TF Serving's do, or in bytes where the flag asks for it."""

from __future__ import annotations

import json
import subprocess
import sys

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

from spt_tf.serving.client import PoseTransferClient
from spt_tf.serving.embedded.batching import BatchingOptions
from spt_tf.serving.embedded.server import EmbeddedServer, ServerOptions
from spt_tf.serving.embedded.version_policy import single_model
from tests.serving.direct import direct
from tests.serving.refusals import PNG, RAW
from tests.serving.stand_in import CANVAS


@pytest.fixture(scope="module")
def content_server(model_base_path):
    """A server started with --enable_serialization_as_tensor_content."""
    options = ServerOptions(port=0, batching=BatchingOptions(max_batch_size=4), as_tensor_content=True)
    server = EmbeddedServer(single_model("spt", str(model_base_path)), options)
    yield server
    server.stop(grace=5)


def predict(server, signature: str, inputs: dict) -> predict_pb2.PredictResponse:
    request = predict_pb2.PredictRequest()
    request.model_spec.name, request.model_spec.signature_name = "spt", signature
    for name, value in inputs.items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
    with grpc.insecure_channel(f"localhost:{server.port}") as channel:
        return prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict(request, timeout=300)


def test_by_default_values_are_typed(server):
    image = predict(server, "transfer_pose", RAW).outputs["image"]
    np.testing.assert_array_equal(np.reshape(image.int_val, (2, *CANVAS, 3)), direct(RAW)[0])
    assert not image.tensor_content
    pictures = predict(server, "transfer_pose_encoded", PNG).outputs["image"]
    assert [png[1:4] for png in pictures.string_val] == [b"PNG", b"PNG"]
    assert not pictures.tensor_content


def test_with_the_flag_values_are_bytes(content_server):
    image = predict(content_server, "transfer_pose", RAW).outputs["image"]
    assert image.tensor_content == direct(RAW)[0].tobytes()
    assert not image.int_val
    pictures = predict(content_server, "transfer_pose_encoded", PNG).outputs["image"]
    assert pictures.tensor_content and not pictures.string_val


def test_our_client_reads_both(server, content_server):
    expected = direct(RAW)
    for asked in (server, content_server):
        with PoseTransferClient(f"localhost:{asked.port}") as client:
            answer = client.transfer_pose(**RAW)
            np.testing.assert_array_equal(answer.image, expected[0])
            np.testing.assert_array_equal(answer.parsing, expected[1])
            pictures = client.transfer_pose_encoded(**PNG).image
        for png, image in zip(pictures, expected[0]):
            np.testing.assert_array_equal(tf.io.decode_png(png), image)


_FOREIGN_CALL = """
import json, sys
import numpy
from min_tfs_client.requests import TensorServingClient
from min_tfs_client.tensors import tensor_proto_to_ndarray
port, inputs, outputs = sys.argv[1:]
client = TensorServingClient(host="localhost", port=int(port))
with numpy.load(inputs) as arrays:
    response = client.predict_request("spt", dict(arrays), model_version=1)
numpy.savez(outputs, **{name: tensor_proto_to_ndarray(proto) for name, proto in response.outputs.items()})
spec = response.model_spec
print(json.dumps([spec.name, spec.version.value, spec.signature_name]))
"""


@pytest.fixture(scope="module")
def foreign_packages(tmp_path_factory):
    """min-tfs-client with protobuf 3 and its own copy of TensorFlow's messages, apart from ours."""
    folder = tmp_path_factory.mktemp("min_tfs_client")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--retries=0", "--no-compile"]
    packages = ["min-tfs-client==1.0.2", "protobuf<4"]
    done = subprocess.run([*install, f"--target={folder}", *packages], capture_output=True, text=True)
    if done.returncode:
        pytest.skip("min-tfs-client 1.0.2 cannot be installed with pip (offline?)")
    return folder


def test_a_published_client_reads_our_answer(server, foreign_packages, tmp_path):
    np.savez(tmp_path / "inputs.npz", **RAW)
    done = subprocess.run(
        # -S: without this environment's packages, which hold another TensorFlow and another protobuf.
        [sys.executable, "-S", "-c", _FOREIGN_CALL, str(server.port), "inputs.npz", "outputs.npz"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(foreign_packages)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout) == ["spt", 1, "serving_default"]
    image, parsing = direct(RAW)
    with np.load(tmp_path / "outputs.npz") as outputs:
        np.testing.assert_array_equal(outputs["image"], image)
        np.testing.assert_array_equal(outputs["parsing"], parsing)
