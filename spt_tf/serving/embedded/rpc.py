"""The frame around every call: errors become statuses, and every call is counted."""

from __future__ import annotations

import functools
import logging
import time

import grpc

from spt_tf.serving.embedded.errors import ServingError


def answers(method):
    """Wraps a servicer's `method(self, request, context)`; the servicer has `metrics`."""

    @functools.wraps(method)
    def call(self, request, context):
        self.metrics.begin(method.__name__)
        start = time.perf_counter()
        code, message, response = grpc.StatusCode.OK, "", None
        try:
            response = method(self, request, context)
        except ServingError as error:
            code, message = error.code, error.message
        except Exception:
            logging.exception("%s failed", method.__name__)
            code, message = grpc.StatusCode.INTERNAL, f"{method.__name__} failed; the server's log says why"
        self.metrics.end(method.__name__, code.name, time.perf_counter() - start)
        if code != grpc.StatusCode.OK:
            context.abort(code, message)  # raises
        return response

    return call
