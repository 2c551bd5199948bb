"""The frame around every call: it takes a thread only once its message is there, and errors become statuses.

A call whose message never comes is a coroutine that waits; it holds nothing that others need, and ends after
`first_message_seconds`. Health and reflection are coroutines throughout. The other services are plain methods
`method(self, request, call)` that run in the threads of their lane: Predict, what is quick, and what changes
the server do not wait for one another.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import grpc
from google.protobuf.message import DecodeError, Message

from spt_tf.serving.embedded.calls import Call, Lane
from spt_tf.serving.embedded.errors import ServingError, for_caller
from spt_tf.serving.embedded.metrics import Metrics

Code = grpc.StatusCode


class Limits(NamedTuple):
    """Seconds that a call may take to send its message, and a stream from one message to the next."""

    first_message_seconds: float = 60.0


class CallFrame(grpc.aio.ServerInterceptor):
    """Answers the calls of a server. Make it on the server's event loop.

    Args:
        lanes: by a method's name; "" for the others.
        metrics: counts the calls that have sent their message.
        limits: see Limits.
    """

    def __init__(self, lanes: dict[str, Lane], metrics: Metrics, limits: Limits):
        self._lanes, self._metrics, self._limits = lanes, metrics, limits
        self._stopping = asyncio.get_running_loop().create_future()

    def stop_waiting(self) -> None:
        """From now on no call is waited for that has not sent its message. On the event loop."""
        if not self._stopping.done():
            self._stopping.set_result(None)

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler]],
        details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler:
        """The method's handler in this frame."""
        handler = await continuation(details)
        if handler is None:
            return None
        if handler.unary_unary and not inspect.iscoroutinefunction(handler.unary_unary):
            name = details.method.rsplit("/", 1)[1]
            return grpc.stream_unary_rpc_method_handler(self._in_thread(handler, name))
        if handler.unary_unary:
            return grpc.stream_unary_rpc_method_handler(self._coroutine(handler, handler.unary_unary))
        if handler.unary_stream:
            answer = self._coroutine(handler, handler.unary_stream)
            return grpc.stream_stream_rpc_method_handler(
                answer, response_serializer=handler.response_serializer
            )
        return grpc.stream_stream_rpc_method_handler(
            self._stream(handler), handler.request_deserializer, handler.response_serializer
        )

    def _in_thread(self, handler, name):
        lane = self._lanes.get(name, self._lanes[""])

        async def answer(_, context):
            message = await self._message(context)
            call = Call(context.time_remaining())
            self._metrics.begin(name)
            start, code = time.perf_counter(), Code.CANCELLED
            try:
                future = lane.submit(_answered, handler, name, message, call)
                response = await asyncio.wrap_future(future)
                code = Code.OK
                return response
            except ServingError as error:
                code = error.code
                await context.abort(code, for_caller(error.message))
            finally:
                call.abandon()
                self._metrics.end(name, code.name, time.perf_counter() - start)

        return answer

    def _coroutine(self, handler, method):
        async def answer(_, context):
            try:
                request = _parsed(handler, await self._message(context))
            except ServingError as error:
                await context.abort(error.code, error.message)
            response = await method(request, context)
            return handler.response_serializer(response) if handler.unary_unary else None

        return answer

    def _stream(self, handler):
        async def messages(context):
            while (message := await self._message(context, last=True)) is not grpc.aio.EOF:
                yield message

        async def answer(_, context):
            async for response in handler.stream_stream(messages(context), context):
                await context.write(response)

        return answer

    async def _message(self, context, last=False):
        """The next message of a call; ends the call where it does not come. `last`: EOF may come, too."""
        read = asyncio.ensure_future(context.read())
        self._metrics.wait(1)
        try:
            await asyncio.wait(
                {read, self._stopping},
                timeout=self._limits.first_message_seconds,
                return_when="FIRST_COMPLETED",
            )
        finally:
            self._metrics.wait(-1)
            if not read.done():
                read.cancel()
        if not read.done() or read.cancelled():
            if self._stopping.done():
                await context.abort(Code.UNAVAILABLE, "The server stops")
            await context.abort(Code.DEADLINE_EXCEEDED, "The call's message did not come in time")
        message = read.result()
        if message is grpc.aio.EOF and not last:
            await context.abort(Code.INVALID_ARGUMENT, "The call has no message")
        return message


def _answered(handler: grpc.RpcMethodHandler, name: str, message: bytes, call: Call) -> bytes:
    """The answer's bytes. Raises ServingError, whatever goes wrong."""
    try:
        return handler.response_serializer(handler.unary_unary(_parsed(handler, message), call))
    except ServingError:
        raise
    except Exception:
        logging.exception("%s failed", name)
        raise ServingError(Code.INTERNAL, f"{name} failed; the server's log says why") from None


def _parsed(handler: grpc.RpcMethodHandler, message: bytes) -> Message:
    try:
        return handler.request_deserializer(message)
    except DecodeError:
        raise ServingError(Code.INTERNAL, "Exception deserializing request!") from None
