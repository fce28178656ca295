"""Recipients with a memory of their own, who know what they bought whatever became of their answer.

They honour the Idempotency-Key: a lead that comes again under the same key is no second sale.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import orjson
import trio

from fakes import Open
from leadrelay.core.destination import Destination
from leadrelay.core.errors import NoAnswer, NotSent
from leadrelay.core.exchange import Envelope, Reply, Request
from leadrelay.core.mapping import Mapped
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.ports import Adapter, Progress, Signer, Started, Wire
from leadrelay.core.scope import Scope
from leadrelay.runtime.simulation.recipients import LEAD_ID

JSON = (("content-type", "application/json"),)
TROUBLE = ("fine", "fine", "fine", "slow", "busy", "refused", "lost before", "lost after", "late", "silent")


@dataclass
class Market:
    """All recipients of one world."""

    lots: Random
    trouble: float  # the share of requests that something happens to
    is_started: Callable[[str, int], bool]  # whether the start of a key's nth attempt is durable
    arrived: Counter[str] = field(default_factory=Counter)  # by key, as often as a recipient took it in
    bought: dict[str, str] = field(default_factory=dict)  # the prices of what was accepted, by key
    refused: set[str] = field(default_factory=set)  # keys
    sent: Counter[str] = field(default_factory=Counter)  # requests that left, by key
    unannounced: list[str] = field(default_factory=list)  # keys that left before their start was durable

    def take_in(self, key: str) -> Reply:
        """A lead is at a recipient, who decides once and then remembers."""
        self.arrived[key] += 1
        if key in self.bought or key in self.refused:
            if self.lots.random() < 0.3 and key in self.bought:
                return _says({"result": "rejected", "reason": "duplicate lead"})
            return self.said(key)
        if self.lots.random() < 0.5:
            self.bought[key] = f"{self.lots.randint(1, 50)}.50"
        else:
            self.refused.add(key)
        return self.said(key)

    def said(self, key: str) -> Reply:
        """What a recipient tells about a lead that it may have."""
        if key in self.bought:
            return _says({"result": "accepted", "price": f"{self.bought[key]} USD", "id": f"R-{key[-6:]}"})
        if key in self.refused:
            return _says({"result": "rejected", "reason": "not for us"})
        return Reply(status=404, headers=JSON, body=b"{}")

    async def serve(self, request: Request, progress: Progress) -> Reply:
        key = request.idempotency_key
        if not key:
            return await self._asked(request.body.decode(), progress)
        what = self.lots.choice(TROUBLE) if self.lots.random() < self.trouble else "fine"
        if what == "refused":
            raise NotSent(ReasonCode.CONNECT, "connection refused")
        progress.sending()
        self.sent[key] += 1
        if not self.is_started(key, self.sent[key]):
            self.unannounced.append(key)
        return await self._served(key, what)

    async def _served(self, key: str, what: str) -> Reply:
        if what == "busy":
            return Reply(status=503, headers=JSON, body=b"{}")
        if what == "lost before":
            raise NoAnswer(ReasonCode.RESET, "the connection was closed before an answer")
        reply = self.take_in(key)
        match what:
            case "lost after":
                raise NoAnswer(ReasonCode.RESET, "the connection was closed before an answer")
            case "silent":
                await trio.sleep_forever()
            case "late":
                await trio.sleep(self.lots.uniform(3, 9))  # beyond every timeout of the response
            case "slow":
                await trio.sleep(self.lots.uniform(0.1, 1.8))
            case _:
                await trio.sleep(self.lots.uniform(0.01, 0.2))
        return reply

    async def _asked(self, key: str, progress: Progress) -> Reply:
        """A status request: it may be lost, too."""
        progress.sending()
        await trio.sleep(self.lots.uniform(0.01, 0.5))
        if self.lots.random() < self.trouble / 4:
            raise NoAnswer(ReasonCode.RESET, "the connection was closed before an answer")
        return self.said(key)


def _says(body: object) -> Reply:
    return Reply(status=200, headers=JSON, body=orjson.dumps(body))


def lead_of(key: str) -> str:
    return key[:LEAD_ID]


def delivery_of(key: str) -> str:
    return key[LEAD_ID + 1 :]


@dataclass
class MarketOutfit:
    """A core.ports.Outfitter for all destinations of a market."""

    market: Market

    def adapter(self, destination: Destination) -> Adapter:
        asks = destination.ask is not None and destination.protocol is destination.ask.request
        return _MarketAdapter(self.market, asks=asks)

    def signer(self, _destination: Destination) -> Signer:
        return Open()


class _MarketAdapter:
    def __init__(self, market: Market, *, asks: bool) -> None:
        self._market, self._asks = market, asks

    async def run(self, task_status: Started) -> None:
        task_status.started()

    async def ready(self) -> None:
        """There is nothing to learn."""

    def compose(self, mapped: Mapped, scope: Scope, envelope: Envelope) -> Request:
        if self._asks:
            assert scope.lead is not None
            assert scope.delivery is not None
            asked = f"{scope.lead.id}-{scope.delivery.id}"
            return Request(method="GET", url="http://buyer/status", body=asked.encode())
        body = orjson.dumps(mapped.payload)
        return Request(
            method="POST", url="http://buyer/", body=body, idempotency_key=envelope.idempotency_key
        )

    def open(self) -> Wire:
        return _MarketWire(self._market)


@dataclass
class _MarketWire:
    market: Market

    async def send(self, request: Request, progress: Progress) -> Reply:
        await trio.lowlevel.checkpoint()
        return await self.market.serve(request, progress)

    async def aclose(self) -> None:
        await trio.lowlevel.checkpoint()
