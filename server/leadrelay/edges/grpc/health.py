"""Whether this server can be sent work, for load balancers and orchestrators: grpc.health.v1.

The name "" stands for the server as a whole. A watcher hears the latest state and may miss one that
lasted a moment. From `drain` on everything is NOT_SERVING for good, and the watchers are sent off,
or each of them would hold up the drain until its grace is over.
"""

from collections.abc import Mapping

import grpc
import trio
from grpc_health.v1 import health_pb2
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from leadrelay.edges.grpc.bridge import Abort, Call, Method, unary_stream, unary_unary

SERVICE = "grpc.health.v1.Health"
OVERALL = ""
HAS_LIST = hasattr(health_pb2, "HealthListRequest")  # grpcio-health-checking knows of it since 1.85

SERVING = HealthCheckResponse.SERVING
NOT_SERVING = HealthCheckResponse.NOT_SERVING
SERVICE_UNKNOWN = HealthCheckResponse.SERVICE_UNKNOWN


class Health:
    """Starts as not serving: whoever knows that the server is ready says so with `set`."""

    def __init__(self) -> None:
        self._states: dict[str, HealthCheckResponse.ServingStatus] = {OVERALL: NOT_SERVING}
        self._is_draining = False
        self._changed = trio.Event()

    def set(self, service: str, status: HealthCheckResponse.ServingStatus) -> None:
        self._states[service] = NOT_SERVING if self._is_draining else status
        self._tell_watchers()

    def drain(self) -> None:
        self._is_draining = True
        self._states = dict.fromkeys(self._states, NOT_SERVING)
        self._tell_watchers()

    def methods(self) -> Mapping[str, Method]:
        methods = {
            f"/{SERVICE}/Check": unary_unary(self._check, HealthCheckRequest),
            f"/{SERVICE}/Watch": unary_stream(self._watch, HealthCheckRequest),
        }
        if HAS_LIST:
            methods[f"/{SERVICE}/List"] = unary_unary(self._list, health_pb2.HealthListRequest)
        return methods

    def _tell_watchers(self) -> None:
        self._changed.set()
        self._changed = trio.Event()

    async def _check(self, request: HealthCheckRequest, _: Call) -> HealthCheckResponse:
        if request.service not in self._states:
            raise Abort(grpc.StatusCode.NOT_FOUND, f"this server has no service {request.service!r}")
        return HealthCheckResponse(status=self._states[request.service])

    async def _list(
        self, _request: "health_pb2.HealthListRequest", _: Call
    ) -> "health_pb2.HealthListResponse":
        states = {name: HealthCheckResponse(status=state) for name, state in self._states.items()}
        return health_pb2.HealthListResponse(statuses=states)

    async def _watch(self, request: HealthCheckRequest, call: Call) -> None:
        """An unknown service is no error here: it may become known later."""
        told = None
        while True:
            changed = self._changed
            state = self._states.get(request.service, SERVICE_UNKNOWN)
            if state != told:
                told = state
                await call.send(HealthCheckResponse(status=state))
            if self._is_draining:
                raise Abort(grpc.StatusCode.UNAVAILABLE, "the server is shutting down")
            await changed.wait()
