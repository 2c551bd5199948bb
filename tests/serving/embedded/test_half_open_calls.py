"""Calls that are opened and say nothing hold nothing that others need."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time

import grpc
import numpy as np
import pytest
import tensorflow as tf
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from tensorflow_serving.apis import predict_pb2

from spt_tf.serving.client import PoseTransferClient
from spt_tf.serving.embedded.batching import BatchingOptions
from spt_tf.serving.embedded.calls import Call, Lane
from spt_tf.serving.embedded.errors import ServingError
from spt_tf.serving.embedded.event_loop import run_on_loop
from spt_tf.serving.embedded.rpc import Limits
from spt_tf.serving.embedded.server import EmbeddedServer, ServerOptions
from spt_tf.serving.embedded.version_policy import single_model
from tests.serving.direct import direct
from tests.serving.stand_in import random_inputs

PREDICT = "/tensorflow.serving.PredictionService/Predict"
CHECK = "/grpc.health.v1.Health/Check"
REFLECT = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"


@contextlib.contextmanager
def half_open(port, method, count, connections=1):
    """`count` calls of a method whose headers are sent and whose message is not, over so many connections."""

    async def open_all():
        channels = [
            grpc.aio.insecure_channel(f"localhost:{port}", [("grpc.use_local_subchannel_pool", 1)])
            for _ in range(connections)
        ]
        calls = [channels[i % connections].stream_stream(method)() for i in range(count)]
        return channels, calls

    async def close_all():
        for call in calls:
            call.cancel()
        await asyncio.gather(*(channel.close() for channel in channels))

    channels, calls = run_on_loop(open_all())
    try:
        yield calls
    finally:
        run_on_loop(close_all())


async def status_of(call) -> tuple[grpc.StatusCode, str]:
    return await call.code(), await call.details()


def waited_for(server) -> float:
    return metric(server, "spt_calls_without_message")


def metric(server, name) -> float:
    lines = [line for line in server.metrics.text().splitlines() if line.startswith(name + " ")]
    return float(lines[0].split()[-1]) if lines else 0.0


def eventually(condition):
    deadline = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.01)


@pytest.fixture
def impatient(model_base_path):
    options = ServerOptions(port=0, limits=Limits(first_message_seconds=0.05))
    server = EmbeddedServer(single_model("spt", str(model_base_path)), options)
    yield server
    server.stop(5)


@pytest.mark.parametrize("method", [PREDICT, CHECK, REFLECT])
def test_a_thousand_of_them_leave_good_requests_unharmed(server, client, method):
    inputs = random_inputs(1)
    expected = direct(inputs)[0]
    with half_open(server.port, method, 1000, connections=4):
        eventually(lambda: waited_for(server) >= 1000)
        for _ in range(3):
            np.testing.assert_array_equal(client.transfer_pose(**inputs).image, expected)
        with grpc.insecure_channel(f"localhost:{server.port}") as channel:
            health = health_pb2_grpc.HealthStub(channel)
            answer = health.Check(health_pb2.HealthCheckRequest(), timeout=300)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING
            asked = iter([reflection_pb2.ServerReflectionRequest(list_services="")])
            reflection = reflection_pb2_grpc.ServerReflectionStub(channel)
            assert next(reflection.ServerReflectionInfo(asked, timeout=300)).list_services_response.service
    eventually(lambda: waited_for(server) == 0)


@pytest.mark.parametrize("method", [PREDICT, CHECK, REFLECT])
def test_they_end_after_a_while(impatient, method):
    with half_open(impatient.port, method, 1) as (call,):
        code, details = run_on_loop(status_of(call))
    assert (code, details) == (
        grpc.StatusCode.DEADLINE_EXCEEDED,
        "The call's message did not come in time",
    )
    with PoseTransferClient(f"localhost:{impatient.port}") as client:
        assert client.transfer_pose(**random_inputs(1)).version == 1


def test_they_do_not_hold_up_the_end(model_base_path):
    server = EmbeddedServer(single_model("spt", str(model_base_path)), ServerOptions(port=0))
    with half_open(server.port, PREDICT, 1) as (call,):
        eventually(lambda: waited_for(server) == 1)
        server.stop(grace=3000)  # as long as it would wait for a call under way
        code, details = run_on_loop(status_of(call))
    assert (code, details) == (grpc.StatusCode.UNAVAILABLE, "The server stops")


def test_a_call_without_a_message_is_refused(server):
    async def end_at_once():
        async with grpc.aio.insecure_channel(f"localhost:{server.port}") as channel:
            call = channel.stream_stream(PREDICT)()
            await call.done_writing()
            return await status_of(call)

    assert run_on_loop(end_at_once()) == (grpc.StatusCode.INVALID_ARGUMENT, "The call has no message")


def test_a_caller_who_goes_away_leaves_the_queue(model_base_path):
    batching = BatchingOptions(max_batch_size=4, timeout=3000)  # nothing runs by itself
    server = EmbeddedServer(
        single_model("spt", str(model_base_path)), ServerOptions(port=0, batching=batching)
    )
    under_way = 'spt_requests_under_way{method="Predict"}'
    try:
        client = PoseTransferClient(f"localhost:{server.port}", timeout=3000)
        asked = client._predictions.Predict.future(_request(), timeout=3000)
        eventually(lambda: metric(server, under_way) == 1)
        asked.cancel()
        eventually(lambda: metric(server, under_way) == 0)
        client.close()
    finally:
        server.stop(0)


def test_watchers_get_every_change_though_others_leave(model_base_path):
    server = EmbeddedServer(single_model("spt", str(model_base_path)), ServerOptions(port=0))
    status = health_pb2.HealthCheckResponse
    try:
        with grpc.insecure_channel(f"localhost:{server.port}") as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            asked = health_pb2.HealthCheckRequest()
            stays, leaves = (stub.Watch(asked, timeout=3000) for _ in range(2))
            assert [next(stays).status, next(leaves).status] == [status.SERVING] * 2
            unknown = stub.Watch(health_pb2.HealthCheckRequest(service="other"), timeout=3000)
            assert next(unknown).status == status.SERVICE_UNKNOWN
            leaves.cancel()
            with pytest.raises(grpc.RpcError) as missing:
                stub.Check(health_pb2.HealthCheckRequest(service="other"), timeout=300)
            assert missing.value.code() == grpc.StatusCode.NOT_FOUND
            server.drain(grace=3000)
            assert [answer.status for answer in stays] == [status.NOT_SERVING]
    finally:
        server.stop(0)


def test_a_lane_refuses_what_has_no_place():
    lane = Lane("test", threads=1, waiting=1)
    gate = threading.Event()
    futures = [lane.submit(gate.wait, 300), lane.submit(gate.wait, 300)]
    with pytest.raises(ServingError, match="Concurrent RPC limit exceeded") as refused:
        lane.submit(print)
    assert refused.value.code == grpc.StatusCode.RESOURCE_EXHAUSTED
    gate.set()
    assert all(future.result(300) for future in futures)
    eventually(lambda: lane._places._value == 2)
    lane.close()


def test_who_asks_too_late_whether_the_caller_left_is_told_at_once():
    call, told = Call(None), []
    call.add_callback(lambda: told.append("before"))
    call.abandon()
    call.add_callback(lambda: told.append("after"))
    assert told == ["before", "after"]
    assert call.time_remaining() is None and Call(-1.0).time_remaining() == 0


def _request():
    request = predict_pb2.PredictRequest()
    request.model_spec.name, request.model_spec.signature_name = "spt", "transfer_pose"
    for name, value in random_inputs(1).items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
    return request
