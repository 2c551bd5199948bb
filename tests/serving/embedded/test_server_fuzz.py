"""Thousands of generated requests: none may hurt the server, and each gets a status TF Serving would give."""

from __future__ import annotations

import collections

import grpc
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tensorflow.core.framework import tensor_pb2
from tensorflow_serving.apis import get_model_metadata_pb2, predict_pb2, prediction_service_pb2_grpc

from tests.serving.refusals import JPEG, LARGE, PNG, RAW, WIDE, good
from tests.serving.stand_in import SIGNATURES

Code = grpc.StatusCode
EXPECTED = {Code.OK, Code.INVALID_ARGUMENT, Code.NOT_FOUND, Code.FAILED_PRECONDITION}

names = st.sampled_from(["spt"] * 12 + ["", "other", "spt/1", "\x00"])
signatures = st.sampled_from([*SIGNATURES * 3, "", "classify", "__saved_model_init_op"])
versions = st.one_of(st.none(), st.none(), st.none(), st.just(1), st.integers(-(2**63), 2**63 - 1))
inputs = [*RAW, "target_parsing", "image", "source_photo", "target_photo"]
filters = st.lists(st.sampled_from(["image", "image", "parsing", "pixels", ""]), max_size=3)
sizes = st.sampled_from([0, 1, 2, 2, 3, 16, 18, 32, -1, 2**31, 2**40, 2**62])
pieces = st.sampled_from([PNG["source_image"][0], PNG["source_parsing"][0], JPEG, LARGE, WIDE])


@st.composite
def corrupted(draw) -> bytes:
    """A real file with bytes cut off or changed, or no file at all."""
    contents = bytearray(draw(pieces))
    for _ in range(draw(st.integers(0, 4))):
        contents[draw(st.integers(0, len(contents) - 1))] = draw(st.integers(0, 255))
    return bytes(contents[: draw(st.integers(0, len(contents)))]) if draw(st.booleans()) else bytes(contents)


encodings = st.one_of(corrupted(), corrupted(), st.binary(max_size=64))


@st.composite
def tensors(draw) -> tensor_pb2.TensorProto:
    """Any tensor message, consistent or not."""
    if draw(st.booleans()):
        # Right type and shape, wild values.
        kind = draw(st.sampled_from(["image", "parsing", "keypoints", "strings"]))
        if kind == "strings":
            return tf.make_tensor_proto(np.array(draw(st.lists(encodings, min_size=1, max_size=3)), object))
        array = {"image": RAW["source_image"], "parsing": RAW["source_parsing"]}.get(
            kind, RAW["source_keypoints"]
        ).copy()
        place = draw(st.integers(0, array.size - 1))
        wild = st.integers(0, 255) if array.dtype == np.uint8 else st.floats(width=32)
        array.ravel()[place] = draw(wild)
        return tf.make_tensor_proto(array)
    proto = tensor_pb2.TensorProto(dtype=draw(st.sampled_from([*range(24), 101, 10**6])))
    proto.tensor_shape.unknown_rank = draw(st.booleans())
    for size in draw(st.lists(sizes, max_size=5)):
        proto.tensor_shape.dim.add(size=size)
    proto.tensor_content = draw(st.binary(max_size=40))
    proto.int_val.extend(draw(st.lists(st.integers(-(2**31), 2**31 - 1), max_size=3)))
    proto.float_val.extend(draw(st.lists(st.floats(width=32), max_size=3)))
    proto.string_val.extend(draw(st.lists(st.binary(max_size=8), max_size=3)))
    return proto


@st.composite
def predict_requests(draw) -> predict_pb2.PredictRequest:
    """A good request with some of its parts replaced."""
    signature = draw(signatures)
    request = predict_pb2.PredictRequest()
    for key, value in good(signature if signature in SIGNATURES else "transfer_pose").items():
        request.inputs[key].CopyFrom(tf.make_tensor_proto(value))
    for key in draw(st.lists(st.sampled_from([*inputs, "extra", ""]), max_size=2, unique=True)):
        if draw(st.integers(0, 3)) == 0 and key in request.inputs:
            del request.inputs[key]
        else:
            request.inputs[key].CopyFrom(draw(tensors()))
    if draw(st.integers(0, 30)):
        request.model_spec.name = draw(names)
        request.model_spec.signature_name = signature
        version = draw(versions)
        if version is not None:
            request.model_spec.version.value = version
        elif draw(st.integers(0, 9)) == 0:
            request.model_spec.version_label = draw(st.text(max_size=5))
    request.output_filter.extend(draw(filters) if draw(st.integers(0, 3)) == 0 else [])
    return request


def code_of(method, request) -> grpc.StatusCode:
    try:
        method(request, timeout=300)
        return Code.OK
    except grpc.RpcError as error:
        return error.code()


@pytest.fixture(scope="module")
def stub(server):
    with grpc.insecure_channel(f"localhost:{server.port}") as channel:
        yield prediction_service_pb2_grpc.PredictionServiceStub(channel)


_SETTINGS = settings(
    max_examples=2000, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True
)


def test_predict_reaches_every_kind_of_answer_and_the_server_still_works(client, stub):
    counts = collections.Counter()

    @_SETTINGS
    @given(request=predict_requests())
    def ask(request):
        code = code_of(stub.Predict, request)
        counts[code] += 1
        assert code in EXPECTED

    ask()
    assert sum(counts.values()) >= 2000
    assert set(counts) == EXPECTED
    assert counts[Code.OK] >= 100
    assert client.transfer_pose(**RAW).version == 1


@settings(_SETTINGS, max_examples=200)
@given(name=names, version=versions, fields=st.lists(st.sampled_from(["signature_def", "", "x"]), max_size=3))
def test_metadata(stub, name, version, fields):
    request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=fields)
    request.model_spec.name = name
    if version is not None:
        request.model_spec.version.value = version
    assert code_of(stub.GetModelMetadata, request) in EXPECTED - {Code.FAILED_PRECONDITION}


@settings(_SETTINGS, max_examples=200)
@given(junk=st.binary(max_size=200))
def test_bytes_that_are_no_message(server, junk):
    with grpc.insecure_channel(f"localhost:{server.port}") as channel:
        call = channel.unary_unary("/tensorflow.serving.PredictionService/Predict")
        code = code_of(call, junk)
    assert code in EXPECTED | {Code.INTERNAL}  # INTERNAL is gRPC's own for what it cannot parse
