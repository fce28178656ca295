"""Small real classes that stand where a network or a disk would: they keep the ports' promises."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import orjson
import trio

from leadrelay.core.catalog import Catalog
from leadrelay.core.destination import Destination
from leadrelay.core.errors import AlreadyReceived, JournalError, NoAnswer, NotSent
from leadrelay.core.exchange import Envelope, Reply, Request
from leadrelay.core.facts import DeliveryResolved, Entry, Fact, LeadParked, LeadReceived, LeadSettled
from leadrelay.core.mapping import Mapped
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.ports import NEVER_DUE, Adapter, Due, Progress, Signer, Started, Wire
from leadrelay.core.scope import Scope
from leadrelay.journal.tally import Tally
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
        self.adapters[name] = BuyerAdapter(self._buyers[name])
        return self.adapters[name]

    def signer(self, destination: Destination) -> Signer:
        return self._signers.get(destination.name) or Open()


class OneCatalog:
    """Catalogs with a single version."""

    def __init__(self, catalog: Catalog) -> None:
        self.current = catalog

    async def version(self, number: int) -> Catalog:
        if number != self.current.version:
            raise KeyError(number)
        return self.current


class MemoryJournal:
    """A journal in memory; `commit_takes` seconds for each append, `is_broken` fails them."""

    def __init__(self, commit_takes: float = 0.0) -> None:
        self.entries: dict[str, list[Entry]] = {}
        self.commits = 0
        self.commit_takes = commit_takes
        self.is_broken = False
        self.caps = Tally()
        self._requests: dict[str, tuple[str, str]] = {}
        self._pools: Counter[str] = Counter()
        self._news: dict[str, trio.Event] = {}

    async def append(self, entries: Sequence[Entry]) -> None:
        changes = self.caps.changes(entries)
        with trio.CancelScope(shield=True):
            await trio.sleep(self.commit_takes)
        if self.is_broken:
            raise JournalError("disk full")
        self.commits += 1
        for entry in entries:
            self._add(entry)
        self.caps.book(changes)
        for lead_id in {entry.lead_id for entry in entries}:
            self._news.pop(lead_id, trio.Event()).set()

    def _add(self, entry: Entry) -> None:
        if isinstance(entry.fact, LeadReceived) and entry.fact.lead.request_id:
            known = self._requests.get(entry.fact.lead.request_id)
            if known is not None:
                raise AlreadyReceived(*known)
            self._requests[entry.fact.lead.request_id] = (entry.lead_id, entry.fact.digest)
        rows = self.entries.setdefault(entry.lead_id, [])
        assert entry.number == len(rows) + 1, "numbers have no gap and no repeat"
        rows.append(self._drawn(entry))

    def _drawn(self, entry: Entry) -> Entry:
        if not isinstance(entry.fact, LeadReceived) or not entry.fact.turns:
            return entry
        self._pools.update(entry.fact.turns.keys())
        turns = {pool: self._pools[pool] for pool in entry.fact.turns}
        return replace(entry, fact=replace(entry.fact, turns=turns))

    async def read(self, lead_id: str, after: int = 0) -> list[Entry]:
        await trio.lowlevel.checkpoint()
        if self.is_broken:
            raise JournalError("disk full")
        return self.entries.get(lead_id, [])[after:]

    async def find(self, request_id: str) -> str | None:
        return self._requests.get(request_id, (None, ""))[0]

    async def unsettled(self, after: str = "", limit: int = 1000) -> list[str]:
        open_leads = [
            lead_id
            for lead_id, rows in sorted(self.entries.items())
            if lead_id > after and _turn(rows) is None
        ]
        return open_leads[:limit]

    async def due(self, after: Due = NEVER_DUE, limit: int = 1000) -> list[Due]:
        await trio.lowlevel.checkpoint()
        turns = ((_turn(rows), lead_id) for lead_id, rows in self.entries.items())
        found = sorted((turn.due_at, lead_id) for turn, lead_id in turns if isinstance(turn, LeadParked))
        return [due for due in found if due > after][:limit]

    @asynccontextmanager
    async def follow(
        self, lead_id: str, after: int = 0, *, fresh: bool = False
    ) -> AsyncIterator["MemorySubscription"]:
        yield MemorySubscription(self, lead_id, after)

    def facts(self, lead_id: str) -> list[Fact]:
        return [entry.fact for entry in self.entries.get(lead_id, [])]

    async def wait(self, lead_id: str) -> None:
        await self._news.setdefault(lead_id, trio.Event()).wait()


def _turn(rows: Sequence[Entry]) -> LeadSettled | LeadParked | None:
    """How a lead stands: settled, parked or open."""
    turns = [row.fact for row in rows if isinstance(row.fact, LeadSettled | LeadParked | DeliveryResolved)]
    last = turns[-1] if turns else None
    return None if isinstance(last, DeliveryResolved) else last


class MemorySubscription:
    def __init__(self, journal: MemoryJournal, lead_id: str, after: int) -> None:
        self._journal, self._lead_id, self._after = journal, lead_id, after

    async def next(self) -> Entry:
        while len(rows := self._journal.entries.get(self._lead_id, [])) <= self._after:
            await self._journal.wait(self._lead_id)
        self._after += 1
        return rows[self._after - 1]
