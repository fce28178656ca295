"""Handlers with types: messages in and out instead of bodies.

One factory for each of the four shapes of a method. What arrives is checked here: a body that is no
such message is the caller's mistake, and so is a missing one, and one that is too large. In a stream of
requests the handler knows what each of them may hold, and can refuse one without the others.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo  # type: ignore[import-untyped]

from leadrelay.edges.grpc.bridge.call import Call
from leadrelay.edges.grpc.bridge.status import DOMAIN, Abort

Request = TypeVar("Request", bound=Message)


class Unreadable(Abort):
    """A body is no message of its type. It ends the call, unless the handler has an answer to it."""

    def __init__(self, request_type: type[Message], body: bytes) -> None:
        name = request_type.DESCRIPTOR.full_name
        super().__init__(
            grpc.StatusCode.INVALID_ARGUMENT,
            f"the request of {len(body)} bytes is not a {name} message, or a text in it is not UTF-8,"
            " or it is nested deeper than messages may be",
        )
        self.body = body


@dataclass(frozen=True, slots=True)
class Method:
    """What to do with a call, and whether to expect more than one request in it."""

    run: Callable[[Call], Awaitable[None]]
    streams_requests: bool


class Requests(AsyncIterator[Request], Generic[Request]):
    """The requests of one call in order; ends when the caller has sent its last."""

    __slots__ = ("_call", "_request_type")

    def __init__(self, call: Call, request_type: type[Request]) -> None:
        self._call, self._request_type = call, request_type

    async def receive(self) -> Request | None:
        """The next request, or None after the last one. Raises Unreadable, and may be asked again then."""
        body = await self._call.receive()
        return None if body is None else _parse(self._request_type, body)

    async def __anext__(self) -> Request:
        request = await self.receive()
        if request is None:
            raise StopAsyncIteration
        return request


def unary_unary(
    handler: Callable[[Request, Call], Awaitable[Message]], request_type: type[Request]
) -> Method:
    async def run(call: Call) -> None:
        await call.send(await handler(await _only_request(call, request_type), call))

    return Method(run, streams_requests=False)


def unary_stream(handler: Callable[[Request, Call], Awaitable[None]], request_type: type[Request]) -> Method:
    async def run(call: Call) -> None:
        await handler(await _only_request(call, request_type), call)

    return Method(run, streams_requests=False)


def stream_unary(
    handler: Callable[[Requests[Request], Call], Awaitable[Message]], request_type: type[Request]
) -> Method:
    async def run(call: Call) -> None:
        await call.send(await handler(Requests(call, request_type), call))

    return Method(run, streams_requests=True)


def stream_stream(
    handler: Callable[[Requests[Request], Call], Awaitable[None]], request_type: type[Request]
) -> Method:
    async def run(call: Call) -> None:
        await handler(Requests(call, request_type), call)

    return Method(run, streams_requests=True)


async def _only_request(call: Call, request_type: type[Request]) -> Request:
    body = await call.receive()
    if body is None:  # the code that gRPC's own table has for it
        raise Abort(grpc.StatusCode.UNIMPLEMENTED, f"{call.method} takes one request message, and none came")
    if len(body) > call.max_request_bytes:
        raise _too_large(len(body), call.max_request_bytes)
    return _parse(request_type, body)


def _too_large(size: int, limit: int) -> Abort:
    """No overload, which core would make of it: to wait and to try again is of no use."""
    words = f"the request has {size} bytes, and one request may have {limit}; nothing was done"
    violation = BadRequest.FieldViolation(field="request", description=f"is larger than {limit} bytes")
    numbers = {"size": str(size), "limit": str(limit)}
    return Abort(
        grpc.StatusCode.INVALID_ARGUMENT,
        words,
        ErrorInfo(reason="REQUEST_TOO_LARGE", domain=DOMAIN, metadata=numbers),
        BadRequest(field_violations=[violation]),
    )


def _parse(request_type: type[Request], body: bytes) -> Request:
    try:
        return request_type.FromString(body)
    except DecodeError as error:
        raise Unreadable(request_type, body) from error
