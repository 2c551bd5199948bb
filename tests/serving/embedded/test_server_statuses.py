"""Every status and message a caller meets, against TF Serving's."""

from __future__ import annotations

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    inference_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
    regression_pb2,
)

from tests.serving.refusals import RAW, REFUSALS, good
from tests.serving.stand_in import CANVAS, SIGNATURES

INVALID = grpc.StatusCode.INVALID_ARGUMENT
NOT_FOUND = grpc.StatusCode.NOT_FOUND


@pytest.fixture(scope="module")
def channel(server):
    with grpc.insecure_channel(f"localhost:{server.port}") as channel:
        yield channel


@pytest.fixture(scope="module")
def stub(channel):
    return prediction_service_pb2_grpc.PredictionServiceStub(channel)


def request(signature="transfer_pose", inputs=None, **spec) -> predict_pb2.PredictRequest:
    """A Predict request; good but for what is given."""
    made = predict_pb2.PredictRequest()
    made.model_spec.name = spec.pop("name", "spt")
    made.model_spec.signature_name = signature
    if "version" in spec:
        made.model_spec.version.value = spec["version"]
    if "label" in spec:
        made.model_spec.version_label = spec["label"]
    for key, value in (good(signature) if inputs is None else inputs).items():
        made.inputs[key].CopyFrom(tf.make_tensor_proto(value))
    return made


def refusal(method, message) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.RpcError) as caught:
        method(message, timeout=300)
    return caught.value.code(), caught.value.details()


@pytest.mark.parametrize("signature", SIGNATURES)
def test_good_requests_echo_name_version_and_signature(stub, signature):
    for spec in ({}, {"version": 1}):
        answer = stub.Predict(request(signature, **spec), timeout=300)
        assert answer.model_spec.name == "spt"
        assert answer.model_spec.version.value == 1
        assert answer.model_spec.signature_name == signature


def test_no_signature_name_means_serving_default(stub):
    made = request("transfer_pose")
    made.model_spec.signature_name = ""
    answer = stub.Predict(made, timeout=300)
    assert answer.model_spec.signature_name == "serving_default"
    assert set(answer.outputs) == {"image", "parsing"}


def test_output_filter(stub):
    made = request()
    made.output_filter.append("parsing")
    assert set(stub.Predict(made, timeout=300).outputs) == {"parsing"}
    made.output_filter.append("parsing")
    assert refusal(stub.Predict, made) == (INVALID, "duplicate output tensor alias: parsing")
    made.output_filter[:] = ["pixels"]
    code, message = refusal(stub.Predict, made)
    assert code == INVALID
    assert message.startswith("output tensor alias not found in signature: pixels")


def test_values_may_come_field_by_field(stub):
    """What clients without tensor_content send."""
    made = request("transform_parsing")
    expected = stub.Predict(made, timeout=300)
    labels = made.inputs["source_parsing"]
    values = np.frombuffer(labels.tensor_content, np.uint8)
    labels.tensor_content = b""
    labels.int_val.extend(values.tolist())
    assert stub.Predict(made, timeout=300).outputs == expected.outputs


@pytest.mark.parametrize(
    ("spec", "code", "message"),
    [
        ({"name": "other"}, NOT_FOUND, "Servable not found for request: Latest(other)"),
        ({"version": 5}, NOT_FOUND, "Servable not found for request: Specific(spt, 5)"),
        ({"version": -1}, NOT_FOUND, "Servable not found for request: Specific(spt, -1)"),
        ({"label": "stable"}, INVALID, "Unrecognized servable version label: stable"),
        ({"name": ""}, INVALID, "ModelSpec has no name specified."),
    ],
)
def test_model_spec(stub, spec, code, message):
    assert refusal(stub.Predict, request(**spec)) == (code, message)
    metadata = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
    metadata.model_spec.CopyFrom(request(**spec).model_spec)
    assert refusal(stub.GetModelMetadata, metadata) == (code, message)


@pytest.mark.parametrize("letter", ["x", "\u00e9", "\U0001f600"])
def test_a_message_is_cut_to_what_every_client_takes(stub, channel, letter):
    """Longer ones make gRPC answer RESOURCE_EXHAUSTED, since messages travel as headers."""
    code, message = refusal(stub.Predict, request(name=letter * 100_000))
    assert code == NOT_FOUND
    assert message.startswith(f"Servable not found for request: Latest({letter}")
    assert message.endswith(f"{letter}...TRUNCATED")
    assert len(message.removesuffix("...TRUNCATED").encode()) in range(1021, 1025)
    asked = get_model_status_pb2.GetModelStatusRequest()
    asked.model_spec.name = letter * 100_000
    assert refusal(model_service_pb2_grpc.ModelServiceStub(channel).GetModelStatus, asked)[0] == NOT_FOUND


def test_missing_model_spec(stub):
    for method, message in (
        (stub.Predict, predict_pb2.PredictRequest()),
        (stub.GetModelMetadata, get_model_metadata_pb2.GetModelMetadataRequest()),
        (stub.Classify, classification_pb2.ClassificationRequest()),
        (stub.Regress, regression_pb2.RegressionRequest()),
    ):
        assert refusal(method, message) == (INVALID, "Missing ModelSpec")


def test_unknown_signature_in_predict(stub):
    made = request(inputs=RAW)
    for name in ("classify", "__saved_model_init_op"):
        made.model_spec.signature_name = name
        expected = f'Serving signature key "{name}" not found.'
        assert refusal(stub.Predict, made) == (grpc.StatusCode.FAILED_PRECONDITION, expected)


def test_missing_and_extra_inputs(stub):
    missing = {name: value for name, value in RAW.items() if name != "source_image"}
    code, message = refusal(stub.Predict, request(inputs=missing))
    assert code == INVALID
    assert "Missing but required: {source_image}" in message
    code, message = refusal(stub.Predict, request(inputs={**RAW, "extra": np.zeros(2)}))
    assert code == INVALID
    assert "Sent extra: {extra}" in message


@pytest.mark.parametrize("why", REFUSALS)
def test_bad_inputs_are_named(stub, why):
    signature, name, value = REFUSALS[why]
    code, message = refusal(stub.Predict, request(signature, {**good(signature), name: value}))
    assert code == INVALID
    assert name in message


def test_dtype_is_named(stub):
    floats = RAW["source_image"].astype(np.float32)
    code, message = refusal(stub.Predict, request(inputs={**RAW, "source_image": floats}))
    assert (code, message) == (INVALID, "source_image: expected dtype uint8, got float32")


def test_bytes_that_do_not_fill_the_shape(stub):
    made = request()
    made.inputs["source_image"].tensor_content = b"abc"
    assert refusal(stub.Predict, made) == (INVALID, "tensor parsing error: source_image")


def test_a_shape_cannot_ask_for_memory(stub):
    made = request()
    made.inputs["source_image"].ClearField("tensor_content")
    made.inputs["source_image"].int_val.append(1)
    for size in (1 << 40, -1):
        made.inputs["source_image"].tensor_shape.dim[0].size = size
        assert refusal(stub.Predict, made)[0] == INVALID


def test_more_than_a_batch(stub):
    five = {name: np.concatenate([value] * 3)[:5] for name, value in RAW.items()}
    code, message = refusal(stub.Predict, request(inputs=five))
    assert code == INVALID
    assert "Task size 5 is larger than maximum input batch size 4" in message


def test_metadata(stub):
    asked = get_model_metadata_pb2.GetModelMetadataRequest()
    asked.model_spec.name = "spt"
    assert refusal(stub.GetModelMetadata, asked)[0] == INVALID
    asked.metadata_field.append("weights")
    assert refusal(stub.GetModelMetadata, asked) == (INVALID, "Metadata field weights is not supported")
    asked.metadata_field[:] = ["signature_def"]
    answer = stub.GetModelMetadata(asked, timeout=300)
    signatures = get_model_metadata_pb2.SignatureDefMap()
    assert answer.metadata["signature_def"].Unpack(signatures)
    assert set(SIGNATURES) <= set(signatures.signature_def)
    image = signatures.signature_def["transfer_pose"].inputs["source_image"]
    assert [dim.size for dim in image.tensor_shape.dim] == [-1, *CANVAS, 3]
    assert (answer.model_spec.name, answer.model_spec.version.value) == ("spt", 1)


def test_classify_regress_and_multi_inference_are_refused_as_for_predict_signatures(stub):
    was = "Was: tensorflow/serving/predict"
    classify = classification_pb2.ClassificationRequest()
    regress = regression_pb2.RegressionRequest()
    multi = inference_pb2.MultiInferenceRequest()
    task = multi.tasks.add(method_name="tensorflow/serving/classify")
    for method, message, spec, kind in (
        (stub.Classify, classify, classify.model_spec, "classify"),
        (stub.Regress, regress, regress.model_spec, "regress"),
        (stub.MultiInference, multi, task.model_spec, "classify"),
    ):
        spec.name = "spt"
        code, text = refusal(method, message)
        assert code == INVALID
        assert text.endswith(f"to be tensorflow/serving/{kind}. {was}")
        spec.signature_name = "nothing"
        assert refusal(method, message) == (INVALID, "No signature was found with the name: nothing")
        spec.name = "other"
        assert refusal(method, message)[0] == NOT_FOUND
    task.model_spec.name, task.method_name = "spt", "dance"
    assert refusal(stub.MultiInference, multi)[0] == grpc.StatusCode.UNIMPLEMENTED
    assert refusal(stub.MultiInference, inference_pb2.MultiInferenceRequest())[0] == INVALID


def test_model_status(channel):
    stub = model_service_pb2_grpc.ModelServiceStub(channel)
    asked = get_model_status_pb2.GetModelStatusRequest()
    assert refusal(stub.GetModelStatus, asked) == (INVALID, "Missing ModelSpec")
    asked.model_spec.name = "spt"
    (status,) = stub.GetModelStatus(asked, timeout=300).model_version_status
    assert (status.version, status.state) == (1, get_model_status_pb2.ModelVersionStatus.AVAILABLE)
    asked.model_spec.version.value = 3
    assert refusal(stub.GetModelStatus, asked) == (NOT_FOUND, "Could not find version 3 of model spt")
    asked.model_spec.name = "other"
    asked.model_spec.ClearField("version")
    assert refusal(stub.GetModelStatus, asked) == (NOT_FOUND, "Could not find any versions of model other")
