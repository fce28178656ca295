"""A caller without a network: the real call and the real methods over a line that a test holds in hand.

So calls run in virtual time, and a caller can hang up or stop reading at any moment.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import grpc
import trio
from google.protobuf.message import Message

from fakes import OneCatalog, TrioClock
from house import House
from leadrelay.core.catalog import Catalog
from leadrelay.edges.grpc.bridge import Abort, Call, Metadata, Method
from leadrelay.edges.grpc.bridge.limits import Limits
from leadrelay.edges.grpc.bridge.wire import Wire
from leadrelay.edges.grpc.delivery import SERVICE, DeliveryEdge
from leadrelay.v1 import delivery_service_pb2 as pb
from leadrelay.v1.event_pb2 import Event

M = TypeVar("M", bound=Message)
FOR_EVER = 1e10  # seconds since 1970: no deadline, as core writes it


class Line:
    """What a call is carried on. `room` is how many answers the caller takes before it stops reading."""

    max_request_bytes = Limits().max_receive_bytes

    def __init__(self) -> None:
        self.answers: list[bytes] = []
        self.room = float("inf")
        self.news = trio.Event()  # set, and replaced, with each answer
        self._read = trio.Event()
        self._ask, self._requests = trio.open_memory_channel[bytes](1000)
        self.taken = 0  # requests that the handler has read

    def say(self, request: Message) -> None:
        self._ask.send_nowait(request.SerializeToString())

    def half_close(self) -> None:
        self._ask.close()

    def read_on(self) -> None:
        self.room = float("inf")
        self._read.set()

    async def send(self, message: bytes) -> None:
        await trio.lowlevel.checkpoint()
        while len(self.answers) >= self.room:
            await self._read.wait()
        self.answers.append(message)
        self.news.set()
        self.news = trio.Event()

    async def receive(self) -> bytes | None:
        try:
            body = await self._requests.receive()
        except trio.EndOfChannel:
            return None
        self.taken += 1
        return body


class Caller:
    """One call of one method, from its request to its end."""

    def __init__(self, method: Method, *, metadata: Metadata = (), timeout: float | None = None) -> None:
        self.line = Line()
        deadline = FOR_EVER if timeout is None else time.time() + timeout
        self.call = Call(
            cast(Wire, self.line),
            method="/a.B/C",
            metadata=metadata,
            peer="ipv4:127.0.0.1:1",
            deadline=deadline,
        )
        self._method = method
        self.refusal: Abort | None = None
        self.has_ended = False
        self.is_over = trio.Event()

    async def run(self) -> None:
        """As the server runs a call."""
        try:
            with self.call.scope:
                await self._method.run(self.call)
                self.has_ended = True
        except Abort as refusal:
            self.refusal = refusal
        except ExceptionGroup as group:
            (error,) = group.exceptions
            if not isinstance(error, Abort):
                raise
            self.refusal = error
        finally:
            self.is_over.set()

    def told(self, kind: type[M]) -> list[M]:
        """The answers so far."""
        return [kind.FromString(body) for body in self.line.answers]

    @property
    def events(self) -> list[Event]:
        """Of Deliver and Watch, whose answers look alike."""
        return [answer.event for answer in self.told(pb.DeliverResponse)]

    @property
    def kinds(self) -> list[str]:
        return [event.WhichOneof("kind") or "" for event in self.events]

    @property
    def code(self) -> grpc.StatusCode:
        """What the call came to."""
        if self.refusal is not None:
            return self.refusal.code
        return grpc.StatusCode.OK if self.has_ended else grpc.StatusCode.CANCELLED

    @property
    def words(self) -> str:
        return "" if self.refusal is None else self.refusal.message

    async def has(self, answers: int) -> None:
        """Wait until it was told so much."""
        while len(self.line.answers) < answers:
            await self.line.news.wait()


@dataclass
class Desk:
    """The servicer in a house."""

    house: House
    edge: DeliveryEdge
    nursery: trio.Nursery

    def caller(self, verb: str, *requests: Message, **options: Any) -> Caller:
        """A caller under way; its requests are said and, unless there are none, all of them."""
        caller = Caller(self.edge.methods()[f"/{SERVICE}/{verb}"], **options)
        for request in requests:
            caller.line.say(request)
        if requests:
            caller.line.half_close()
        self.nursery.start_soon(caller.run)
        return caller

    async def ask(self, verb: str, *requests: Message, **options: Any) -> Caller:
        """A caller whose call is over."""
        caller = self.caller(verb, *requests, **options)
        await caller.is_over.wait()
        return caller


@asynccontextmanager
async def a_desk(house: House, catalog: Catalog | None = None) -> AsyncIterator[Desk]:
    """A servicer over a house, with another catalog in force where one is given."""
    edge = DeliveryEdge(
        journal=house.journal,
        catalogs=OneCatalog(catalog or house.catalog),
        intake=house.intake,
        clock=TrioClock(),
    )
    async with trio.open_nursery() as nursery:
        yield Desk(house, edge, nursery)
        nursery.cancel_scope.cancel()


def a_request(flow: str = "loans", *, request_id: str = "", **more: Any) -> pb.DeliverRequest:
    request = pb.DeliverRequest(flow=flow, request_id=request_id, **more)
    if not request.lead.fields:
        request.lead.fields["email"] = "ada@example.com"
    return request
