"""What a call to a served model can fail with. Each carries the server's own message."""

from __future__ import annotations

import grpc


class PoseTransferError(Exception):
    """A call failed; `code` is the gRPC status code."""

    def __init__(self, code: grpc.StatusCode, message: str):
        super().__init__(f"{code.name}: {message}")
        self.code = code
        self.message = message


class InvalidRequest(PoseTransferError):
    """The server refused the inputs."""


class ModelNotFound(PoseTransferError):
    """The server has no such model or version."""


class SignatureNotFound(PoseTransferError):
    """The model has no such signature."""


class ServerBusy(PoseTransferError):
    """A message was larger than the server or this client takes, or too many calls are under way."""


class DeadlineExceeded(PoseTransferError):
    """No answer within the deadline."""


class ServerUnavailable(PoseTransferError):
    """Nobody answered, or the server's queue stayed full, after all retries."""


_BY_CODE = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidRequest,
    grpc.StatusCode.DATA_LOSS: InvalidRequest,  # what TensorFlow calls a damaged PNG
    grpc.StatusCode.NOT_FOUND: ModelNotFound,
    grpc.StatusCode.FAILED_PRECONDITION: SignatureNotFound,
    grpc.StatusCode.RESOURCE_EXHAUSTED: ServerBusy,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineExceeded,
    grpc.StatusCode.UNAVAILABLE: ServerUnavailable,
}


def from_rpc(error: grpc.RpcError) -> PoseTransferError:
    """A gRPC error as one of the above."""
    return _BY_CODE.get(error.code(), PoseTransferError)(error.code(), error.details() or "")
