"""What the client asks again, and what it does not."""

from __future__ import annotations

from concurrent import futures

import grpc
import pytest
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

from spt_tf.serving import client_errors
from spt_tf.serving.client import PoseTransferClient
from tests.serving.stand_in import random_inputs


class Failing(prediction_service_pb2_grpc.PredictionServiceServicer):
    """Fails the first `times` calls with `code`, then answers an empty response."""

    def __init__(self, code, times):
        self.code, self.times, self.calls = code, times, 0

    def Predict(self, request, context):
        self.calls += 1
        if self.calls <= self.times:
            context.abort(self.code, "not now")
        return predict_pb2.PredictResponse()


def calls_made(code, times) -> int:
    """How often a client calls a server that fails so."""
    server = grpc.server(futures.ThreadPoolExecutor(2))
    servicer = Failing(code, times)
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("localhost:0")
    server.start()
    try:
        with PoseTransferClient(f"localhost:{port}", timeout=300) as client:
            client._predict("transfer_pose", random_inputs(1))
    except client_errors.PoseTransferError as error:
        assert error.code == code
        assert error.message == "not now"
    finally:
        server.stop(None)
    return servicer.calls


def test_unavailable_is_retried():
    assert calls_made(grpc.StatusCode.UNAVAILABLE, times=2) == 3


@pytest.mark.parametrize(
    "code",
    [grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.INTERNAL],
)
def test_nothing_else_is_retried(code):
    assert calls_made(code, times=2) == 1


def test_nobody_there():
    client = PoseTransferClient("localhost:1", timeout=0.5)
    with client, pytest.raises((client_errors.ServerUnavailable, client_errors.DeadlineExceeded)):
        client.transfer_pose(**random_inputs(1))
