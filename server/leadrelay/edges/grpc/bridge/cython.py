"""All that is used of grpcio's private layer: named, typed, and looked for at import.

`grpc._cython.cygrpc` may change in any release. A name that went missing has to stop the process
before it takes a lead, so every one is looked for here, and the rest of the bridge imports from
here alone. grpcio has no types for this layer; the ones below are read from its source.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import grpc
from grpc._cython import cygrpc  # type: ignore[attr-defined]

TESTED = "1.80 to 1.85"

USED = (
    "CompletionQueue.poll",
    "CompletionQueue.shutdown",
    "CompletionType.queue_shutdown",
    "CompletionType.queue_timeout",
    "Server.add_http2_port",
    "Server.cancel_all_calls",
    "Server.destroy",
    "Server.register_completion_queue",
    "Server.request_call",
    "Server.shutdown",
    "Server.start",
    "Call.cancel",
    "Call.peer",
    "Call.start_server_batch",
    "CallDetails.deadline",
    "CallDetails.method",
    "RequestCallEvent.call",
    "RequestCallEvent.call_details",
    "RequestCallEvent.invocation_metadata",
    "RequestCallEvent.success",
    "BatchOperationEvent.batch_operations",
    "BatchOperationEvent.completion_type",
    "BatchOperationEvent.success",
    "BatchOperationEvent.tag",
    "ReceiveCloseOnServerOperation.cancelled",
    "ReceiveMessageOperation.message",
    "SendInitialMetadataOperation",
    "SendMessageOperation",
    "SendStatusFromServerOperation",
    "WriteFlag.buffer_hint",
    "auth_context",
)

Metadata = tuple[tuple[str, str | bytes], ...]


def require(layer: object, names: Sequence[str], version: str) -> None:
    """Refuse to go on without one of `names`, saying which grpcio this is and which would do."""
    missing = [name for name in names if not _has(layer, name)]
    if missing:
        raise ImportError(
            f"grpcio {version} has no {', '.join(missing)} in its private layer, on which this server "
            f"stands; install a grpcio from {TESTED}, the range it was tested with"
        )


def _has(layer: object, name: str) -> bool:
    try:
        operator.attrgetter(name)(layer)
    except AttributeError:
        return False
    return True


require(cygrpc, USED, grpc.__version__)


class Operation(Protocol):
    """One step of a batch; the two that bring something back are asked for it afterwards."""

    def cancelled(self) -> bool: ...
    def message(self) -> bytes | None: ...


class Event(Protocol):
    """What the queue hands out. The tag is the callable that was given along with the request."""

    completion_type: int
    success: bool
    tag: Callable[[Any], None]


class BatchEvent(Event, Protocol):
    batch_operations: Sequence[Operation]


class CallEvent(Event, Protocol):
    call: "CoreCall"
    call_details: "CallDetails"
    invocation_metadata: Metadata


class CallDetails(Protocol):
    method: bytes
    deadline: float  # seconds since 1970; far beyond any calendar where the caller named none


class CoreCall(Protocol):
    def cancel(self, code: int, details: str, /) -> int: ...
    def peer(self) -> str | bytes: ...

    def start_server_batch(
        self, operations: tuple[Operation, ...], tag: Callable[[BatchEvent], None], /
    ) -> int:
        """Return 0, or an error code, and then no event will ever come."""


class CoreQueue(Protocol):
    def poll(self, deadline: float | None, /) -> Event:
        """Wait until `deadline` in seconds since 1970: 0 is a glance, None is for ever."""

    def shutdown(self) -> None: ...


class CoreServer(Protocol):
    def add_http2_port(self, address: bytes, credentials: object = ..., /) -> int: ...
    def cancel_all_calls(self) -> None: ...
    def destroy(self) -> None: ...
    def register_completion_queue(self, queue: CoreQueue, /) -> None: ...
    def request_call(
        self, call_queue: CoreQueue, server_queue: CoreQueue, tag: Callable[[CallEvent], None], /
    ) -> None: ...
    def shutdown(self, queue: CoreQueue, tag: Callable[[Event], None], /) -> None: ...
    def start(self) -> None: ...


NOTHING_CAME: int = cygrpc.CompletionType.queue_timeout
QUEUE_IS_SHUT: int = cygrpc.CompletionType.queue_shutdown
MORE_FOLLOWS: int = cygrpc.WriteFlag.buffer_hint  # a hint: this message may wait for the next one

new_queue: Callable[[], CoreQueue] = cygrpc.CompletionQueue

# The last argument of every operation is its flags.
receive_close: Callable[[int], Operation] = cygrpc.ReceiveCloseOnServerOperation
receive_message: Callable[[int], Operation] = cygrpc.ReceiveMessageOperation
send_initial_metadata: Callable[[Metadata, int], Operation] = cygrpc.SendInitialMetadataOperation
send_message: Callable[[bytes, int], Operation] = cygrpc.SendMessageOperation
send_status: Callable[[Metadata, int, bytes, int], Operation] = cygrpc.SendStatusFromServerOperation


def new_server(options: Mapping[str, int | str], queue: CoreQueue) -> CoreServer:
    server: CoreServer = cygrpc.Server(tuple(options.items()), False)  # False: not configured by xDS
    server.register_completion_queue(queue)
    return server


def add_port(server: CoreServer, address: str, tls: grpc.ServerCredentials | None) -> int:
    """Listen, and return the port; 0 says that core could not, and core says no more than that."""
    if tls is None:
        return server.add_http2_port(address.encode())
    return server.add_http2_port(address.encode(), tls._credentials)  # type: ignore[attr-defined]


def peer_of(call: CoreCall) -> str:
    peer = call.peer()
    return peer.decode() if isinstance(peer, bytes) else peer


def auth_context_of(call: CoreCall) -> dict[str, tuple[bytes, ...]]:
    found = cygrpc.auth_context(call) or {}
    return {_text(key): tuple(values) for key, values in found.items()}


def _text(key: str | bytes) -> str:
    return key.decode() if isinstance(key, bytes) else key
