"""gRPC's health service on an event loop: `Check`, and `Watch`, which holds no thread.

grpc_health's own for event loops forgets the other watchers of a service when one of them leaves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

Response = health_pb2.HealthCheckResponse


class HealthService(health_pb2_grpc.HealthServicer):
    """One status for all of `services`. Make and use it on the event loop."""

    def __init__(self, services: Iterable[str]):
        self._services = frozenset(services)
        self._status = Response.NOT_SERVING
        self._stopping = False
        self._changed = asyncio.get_running_loop().create_future()

    def set(self, serving: bool) -> None:
        """Whether the server can answer; after `stop` it never can."""
        self._status = Response.SERVING if serving and not self._stopping else Response.NOT_SERVING
        changed, self._changed = self._changed, asyncio.get_running_loop().create_future()
        changed.set_result(None)

    def stop(self) -> None:
        """NOT_SERVING for good; watchers get it and their calls end."""
        self._stopping = True
        self.set(False)

    async def Check(
        self, request: health_pb2.HealthCheckRequest, context: grpc.aio.ServicerContext
    ) -> health_pb2.HealthCheckResponse:
        """NOT_FOUND for a service that is not there."""
        if request.service not in self._services:
            await context.abort(grpc.StatusCode.NOT_FOUND)
        return Response(status=self._status)

    async def Watch(self, request: health_pb2.HealthCheckRequest, context: grpc.aio.ServicerContext) -> None:
        """The status now and whenever it changes."""
        sent = None
        while True:
            changed = self._changed
            status = self._status if request.service in self._services else Response.SERVICE_UNKNOWN
            if status != sent:
                await context.write(Response(status=status))
                sent = status
            if self._stopping:
                return
            await asyncio.wait({changed})
