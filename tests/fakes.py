"""Small real classes that stand where a network or a disk would: they keep the ports' promises."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import orjson
import trio

from leadrelay.adapters.registry import adapter_over
from leadrelay.core.catalog import Catalog
from leadrelay.core.destination import Destination
from leadrelay.core.errors import JournalError, NoAnswer, NotSent
from leadrelay.core.exchange import Envelope, Reply, Request
from leadrelay.core.facts import Entry
from leadrelay.core.mapping import Mapped
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.ports import Adapter, Progress, Signer, Started, Wire
from leadrelay.core.scope import Scope
from leadrelay.journal.memory import MemoryJournal as Journal
from values import MOMENT

# What a scripted buyer does with one request.
Act = Callable[[Request, Progress], Awaitable[Reply]]


class TrioClock:
    """A wall clock that follows trio's own, so that virtual time moves both."""

    def now(self) -> int:
        return MOMENT + round(trio.current_time() * 1e9)


def answers(status: int = 200, body: object = None, *, after: float = 0.0, **headers: str) -> Act:
    """Connects at once and answers after some seconds."""

    async def act(_request: Request, progress: Progress) -> Reply:
        progress.sending()
        await trio.sleep(after)
        named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        content = (("content-type", "application/json"),)
        return Reply(status=status, headers=content + named, body=orjson.dumps(body or {}))

    return act


async def refuses(_request: Request, _progress: Progress) -> Reply:
    """Nobody listens: certainly not arrived."""
    raise NotSent(ReasonCode.CONNECT, "connection refused")


async def breaks(_request: Request, progress: Progress) -> Reply:
    """Takes the request and closes without an answer: nobody knows."""
    progress.sending()
    raise NoAnswer(ReasonCode.RESET, "the connection was closed before an answer")


async def hangs(_request: Request, progress: Progress) -> Reply:
    """Takes the request and never answers."""
    progress.sending()
    await trio.sleep_forever()
    raise AssertionError


async def never_connects(_request: Request, _progress: Progress) -> Reply:
    await trio.sleep_forever()
    raise AssertionError


class Buyer:
    """A recipient that acts by script; its last act repeats."""

    def __init__(self, *acts: Act) -> None:
        self._acts = acts
        self.called_at: list[float] = []
        self.requests: list[Request] = []
        self.under_way = self.most_at_once = 0

    async def serve(self, request: Request, progress: Progress) -> Reply:
        act = self._acts[min(len(self.requests), len(self._acts) - 1)]
        self.called_at.append(trio.current_time())
        self.requests.append(request)
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        try:
            return await act(request, progress)
        finally:
            self.under_way -= 1

    @property
    def keys(self) -> list[str]:
        """The Idempotency-Key of each request."""
        return [dict(request.headers)["idempotency-key"] for request in self.requests]


@dataclass
class BuyerWire:
    buyer: Buyer
    is_closed: bool = False

    async def send(self, request: Request, progress: Progress) -> Reply:
        await trio.lowlevel.checkpoint()
        return await self.buyer.serve(request, progress)

    async def aclose(self) -> None:
        self.is_closed = True


@dataclass
class BuyerAdapter:
    buyer: Buyer
    wires: list[BuyerWire] = field(default_factory=list)

    async def run(self, task_status: Started) -> None:
        task_status.started()

    async def ready(self) -> None:
        """There is nothing to learn."""

    def compose(self, mapped: Mapped, _scope: Scope, envelope: Envelope) -> Request:
        headers = (("idempotency-key", envelope.idempotency_key), ("traceparent", envelope.traceparent))
        return Request(method="POST", url="http://buyer/", headers=headers, body=orjson.dumps(mapped.payload))

    def open(self) -> Wire:
        self.wires.append(BuyerWire(self.buyer))
        return self.wires[-1]


class Open:
    """A signer for recipients that ask for no proof."""

    async def run(self, task_status: Started) -> None:
        task_status.started()
        await trio.sleep_forever()

    async def sign(self, request: Request) -> Request:
        return request

    def show(self, request: Request) -> Request:
        return request

    def renew(self, signed: Request, reply: Reply) -> bool:
        return False


class Tokens(Open):
    """Signs with a numbered token; a 401 makes the next one."""

    def __init__(self) -> None:
        self.number = 1

    async def sign(self, request: Request) -> Request:
        header = ("authorization", f"Bearer {self.number}")
        kept = tuple(pair for pair in request.headers if pair[0] != "authorization")
        secrets = (f"Bearer {self.number}",)
        return replace(
            request, headers=(*kept, header), secret_headers=frozenset({"authorization"}), secrets=secrets
        )

    def renew(self, signed: Request, reply: Reply) -> bool:
        self.number += reply.status == 401
        return reply.status == 401


class Waits(Open):
    """Its token endpoint takes the request and never answers."""

    async def sign(self, request: Request) -> Request:
        await trio.sleep_forever()


class Broken(Open):
    """Cannot get a proof now."""

    async def sign(self, request: Request) -> Request:
        raise NotSent(ReasonCode.AUTH, "the token endpoint is down")


class Outfit:
    """Buyers and signers by destination."""

    def __init__(self, buyers: dict[str, Buyer], signers: dict[str, Signer] | None = None) -> None:
        self._buyers, self._signers = buyers, signers or {}
        self.adapters: dict[str, BuyerAdapter] = {}

    def adapter(self, destination: Destination) -> Adapter:
        name = destination.name
        if destination.ask is not None and destination.protocol is destination.ask.request:
            name += "?"  # who is asked what became of a lead
        if destination.batch is not None:
            return adapter_over(destination, lambda: BuyerWire(self._buyers[name]))
        self.adapters[name] = BuyerAdapter(self._buyers[name])
        return self.adapters[name]

    def signer(self, destination: Destination) -> Signer:
        return self._signers.get(destination.name) or Open()


class OneCatalog:
    """Catalogs with a single version, in whose place a test may put another."""

    def __init__(self, catalog: Catalog) -> None:
        self._current, self._changed = catalog, trio.Event()

    @property
    def current(self) -> Catalog:
        return self._current

    @current.setter
    def current(self, catalog: Catalog) -> None:
        self._current = catalog
        self._changed.set()
        self._changed = trio.Event()

    async def changed(self) -> None:
        await self._changed.wait()

    async def version(self, number: int) -> Catalog:
        if number != self.current.version:
            raise KeyError(number)
        return self.current


class MemoryJournal(Journal):
    """A journal in memory; `commit_takes` seconds for each append, `is_broken` fails them."""

    def __init__(self, commit_takes: float = 0.0) -> None:
        super().__init__()
        self.commits = 0
        self.commit_takes = commit_takes
        self.is_broken = False

    async def commit(self, within: float) -> None:
        with trio.CancelScope(shield=True):
            await trio.sleep(min(self.commit_takes, within))
        if self.commit_takes > within:
            raise JournalError("the disk takes too long")
        if self.is_broken:
            raise JournalError("disk full")
        self.commits += 1

    async def read(self, lead_id: str, after: int = 0) -> list[Entry]:
        if self.is_broken:
            raise JournalError("disk full")
        return await super().read(lead_id, after)
