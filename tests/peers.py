"""Peers for direct deliveries: a real gRPC server whose `Deliver` and `Watch` act by script."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import grpc
import trio

from leadrelay.adapters.dial import Dialer
from leadrelay.adapters.direct import Channel, DirectWire
from leadrelay.adapters.direct.message import as_json
from leadrelay.adapters.direct.wire import PAUSES
from leadrelay.core.exchange import Request
from leadrelay.edges.grpc.bridge import Call, Server, unary_stream
from leadrelay.v1 import delivery_service_pb2 as pb
from leadrelay.v1 import event_pb2, outcome_pb2
from wires import LOOPBACK

LEAD_ID = "01935f00-0000-7000-8000-0000000000ff"
BODY = as_json("loans", {"fields": {"email": "ada@example.com"}}, "key-1")

Act = Callable[["pb.DeliverRequest | pb.WatchRequest", "Talk"], Awaitable[None]]


def a_request(**headers: str) -> Request:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Request(method="Deliver", url="grpc://peer", headers=named, body=BODY)


def accepted(number: int = 1) -> event_pb2.Event:
    return event_pb2.Event(lead_id=LEAD_ID, number=number, accepted=event_pb2.Accepted(flow="loans"))


def settled(number: int = 2, result: int = outcome_pb2.RESULT_SUCCESS, reason: str = "") -> event_pb2.Event:
    told = event_pb2.LeadSettled(result=result, reason=reason)  # type: ignore[arg-type]
    return event_pb2.Event(lead_id=LEAD_ID, number=number, lead_settled=told)


@dataclass
class Talk:
    """One call as a script sees it."""

    call: Call
    wraps: Callable[..., pb.DeliverResponse | pb.WatchResponse]

    async def tell(self, *events: event_pb2.Event) -> None:
        for event in events:
            await self.call.send(self.wraps(event=event))


@dataclass
class Peer:
    """Acts by script, one act for each call; its last act repeats."""

    acts: tuple[Act, ...]
    port: int = 0
    calls: list[str] = field(default_factory=list)
    requests: list[pb.DeliverRequest | pb.WatchRequest] = field(default_factory=list)
    metadata: list[dict[str, str | bytes]] = field(default_factory=list)
    left: int = 0  # calls whose caller went away
    server: Server | None = None

    async def deliver(self, request: pb.DeliverRequest, call: Call) -> None:
        await self._act("Deliver", request, Talk(call, pb.DeliverResponse))

    async def watch(self, request: pb.WatchRequest, call: Call) -> None:
        await self._act("Watch", request, Talk(call, pb.WatchResponse))

    async def _act(self, name: str, request: pb.DeliverRequest | pb.WatchRequest, talk: Talk) -> None:
        act = self.acts[min(len(self.calls), len(self.acts) - 1)]
        self.calls.append(name)
        self.requests.append(request)
        self.metadata.append(dict(talk.call.metadata))
        try:
            await act(request, talk)
        except trio.Cancelled:
            self.left += 1
            raise


def tells(*events: event_pb2.Event) -> Act:
    async def act(_request: object, talk: Talk) -> None:
        await talk.tell(*events)

    return act


def fails(error: Callable[[], Exception], *before: event_pb2.Event) -> Act:
    """Each call with an error of its own, for one that is kept keeps the calls it ended."""

    async def act(_request: object, talk: Talk) -> None:
        await talk.tell(*before)
        raise error()

    return act


def hangs(*before: event_pb2.Event) -> Act:
    async def act(_request: object, talk: Talk) -> None:
        await talk.tell(*before)
        await trio.sleep_forever()

    return act


@asynccontextmanager
async def a_peer(*acts: Act, tls: grpc.ServerCredentials | None = None) -> AsyncIterator[Peer]:
    peer = Peer(acts)
    methods = {
        "/leadrelay.v1.DeliveryService/Deliver": unary_stream(peer.deliver, pb.DeliverRequest),
        "/leadrelay.v1.DeliveryService/Watch": unary_stream(peer.watch, pb.WatchRequest),
    }
    peer.server = Server(methods, on_error=lambda _call, _error: None)
    peer.port = peer.server.bind("127.0.0.1:0", tls)
    async with trio.open_nursery() as nursery:
        await nursery.start(peer.server.serve)
        yield peer
        peer.server.stop()


@asynccontextmanager
async def a_channel(port: int, *, patience: float = 5.0) -> AsyncIterator[Channel]:
    dialer = Dialer(allow=LOOPBACK)
    channel = Channel(
        partial(dialer.dial, "127.0.0.1", port, secure=False),
        authority=f"127.0.0.1:{port}",
        is_plaintext=True,
        patience=patience,
    )
    async with trio.open_nursery() as nursery:
        await nursery.start(channel.run)
        yield channel
        nursery.cancel_scope.cancel()


@asynccontextmanager
async def a_wire(port: int, pauses: Sequence[float] = PAUSES) -> AsyncIterator[DirectWire]:
    async with a_channel(port) as channel:
        yield DirectWire(channel, pauses)
