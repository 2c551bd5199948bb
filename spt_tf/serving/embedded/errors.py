"""What can go wrong in a request, as the gRPC status TF Serving would answer."""

from __future__ import annotations

import grpc
import tensorflow as tf

# TensorFlow's error codes are gRPC's by number.
_BY_NUMBER = {code.value[0]: code for code in grpc.StatusCode}

_MESSAGE_LIMIT = 1024  # bytes


class ServingError(Exception):
    """A request's failure.

    Attributes:
        code: the gRPC status code.
        message: for the caller.
    """

    def __init__(self, code: grpc.StatusCode, message: str):
        super().__init__(message)
        self.code = code
        self.message = message


def invalid(message: str) -> ServingError:
    """The request itself is wrong."""
    return ServingError(grpc.StatusCode.INVALID_ARGUMENT, message)


def for_caller(message: str) -> str:
    """A status message of a length that every client takes: cut after 1024 bytes, as TF Serving's.

    gRPC refuses an answer whose headers, the message among them, exceed 8 KB, with a status of its own.
    """
    encoded = message.encode("utf-8", "replace")
    if len(encoded) <= _MESSAGE_LIMIT:
        return message
    return encoded[:_MESSAGE_LIMIT].decode("utf-8", "ignore") + "...TRUNCATED"


def from_tensorflow(error: tf.errors.OpError) -> ServingError:
    """An error from inside the graph, with its own code."""
    return ServingError(code_of(error), error.message)


def code_of(error: Exception) -> grpc.StatusCode:
    """The status that says best what kind of error this is."""
    if isinstance(error, ServingError):
        return error.code
    if isinstance(error, tf.errors.OpError):
        return _BY_NUMBER.get(error.error_code, grpc.StatusCode.UNKNOWN)
    return grpc.StatusCode.NOT_FOUND if isinstance(error, OSError) else grpc.StatusCode.UNKNOWN
