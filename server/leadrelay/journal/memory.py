"""A journal in memory: it keeps every promise of the port for as long as the process lives."""

import math
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import trio

from leadrelay.core.errors import AlreadyReceived, JournalError
from leadrelay.core.facts import DeliveryResolved, Entry, Fact, LeadParked, LeadReceived, LeadSettled
from leadrelay.core.limits.caps import Holder
from leadrelay.core.ports import FIRST, NEVER_DUE, Due
from leadrelay.journal.tally import Tally


class MemoryJournal:
    """All facts by lead, in order."""

    def __init__(self) -> None:
        self.entries: dict[str, list[Entry]] = {}
        self.caps = Tally()
        self._requests: dict[str, tuple[str, str]] = {}
        self._pools: Counter[str] = Counter()
        self._news: dict[str, trio.Event] = {}

    async def append(self, entries: Sequence[Entry], within: float = math.inf) -> int:
        await self.commit(within)
        entries = tuple(entries)
        changes = self.caps.changes(entries)
        for entry in entries:
            self._add(entry)
        self.caps.book(changes)
        for lead_id in {entry.lead_id for entry in entries}:
            self._news.pop(lead_id, trio.Event()).set()
        return len(entries)

    def hurry(self) -> None:
        """It never waits for company."""

    async def commit(self, within: float) -> None:  # noqa: ARG002 - for those that take longer
        """What recording takes: here one tick. Raises JournalError where nothing can be recorded in time."""
        await trio.lowlevel.cancel_shielded_checkpoint()

    async def read(self, lead_id: str, after: int = 0) -> list[Entry]:
        await trio.lowlevel.checkpoint()
        return self.entries.get(lead_id, [])[after:]

    async def find(self, request_id: str) -> str | None:
        return self._requests.get(request_id, (None, ""))[0]

    async def unsettled(self, after: str = "", limit: int = 1000) -> list[str]:
        open_leads = (
            lead_id
            for lead_id, rows in sorted(self.entries.items())
            if lead_id > after and _turn(rows) is None
        )
        return list(open_leads)[:limit]

    async def due(self, after: Due = NEVER_DUE, limit: int = 1000) -> list[Due]:
        await trio.lowlevel.checkpoint()
        turns = ((_turn(rows), lead_id) for lead_id, rows in self.entries.items())
        found = sorted((turn.due_at, lead_id) for turn, lead_id in turns if isinstance(turn, LeadParked))
        return [due for due in found if due > after][:limit]

    async def waiting(self, cap: str, after: Holder = FIRST, limit: int = 1000) -> list[Holder]:
        await trio.lowlevel.checkpoint()
        line = sorted(holder for holder, wanted in self._waits() if wanted == cap and holder > after)
        return line[:limit]

    async def waited_for(self) -> list[str]:
        await trio.lowlevel.checkpoint()
        return sorted({cap for _, cap in self._waits()})

    def _waits(self) -> Iterator[tuple[Holder, str]]:
        for lead_id, rows in self.entries.items():
            turn = _turn(rows)
            if isinstance(turn, LeadParked):
                for delivery, cap in turn.waits.items():
                    yield (lead_id, delivery), cap

    @asynccontextmanager
    async def follow(
        self,
        lead_id: str,
        after: int = 0,
        *,
        fresh: bool = False,  # noqa: ARG002 - the port has it
    ) -> AsyncIterator["MemorySubscription"]:
        yield MemorySubscription(self, lead_id, after)

    def facts(self, lead_id: str) -> list[Fact]:
        return [entry.fact for entry in self.entries.get(lead_id, [])]

    async def wait(self, lead_id: str) -> None:
        """Until something more of a lead is recorded."""
        await self._news.setdefault(lead_id, trio.Event()).wait()

    def _add(self, entry: Entry) -> None:
        if isinstance(entry.fact, LeadReceived) and entry.fact.lead.request_id:
            known = self._requests.get(entry.fact.lead.request_id)
            if known is not None:
                raise AlreadyReceived(*known)
            self._requests[entry.fact.lead.request_id] = (entry.lead_id, entry.fact.digest)
        rows = self.entries.setdefault(entry.lead_id, [])
        if entry.number != len(rows) + 1:
            raise JournalError(f"entry {entry.number} of lead {entry.lead_id} does not follow {len(rows)}")
        rows.append(self._drawn(entry))

    def _drawn(self, entry: Entry) -> Entry:
        """A first entry with the turns that it draws."""
        if not isinstance(entry.fact, LeadReceived) or not entry.fact.turns:
            return entry
        self._pools.update(entry.fact.turns.keys())
        turns = {pool: self._pools[pool] for pool in entry.fact.turns}
        return replace(entry, fact=replace(entry.fact, turns=turns))


def _turn(rows: Sequence[Entry]) -> LeadSettled | LeadParked | None:
    """How a lead stands: settled, parked or open."""
    turns = [row.fact for row in rows if isinstance(row.fact, LeadSettled | LeadParked | DeliveryResolved)]
    last = turns[-1] if turns else None
    return None if isinstance(last, DeliveryResolved) else last


class MemorySubscription:
    """A core.ports.Subscription."""

    def __init__(self, journal: MemoryJournal, lead_id: str, after: int) -> None:
        self._journal, self._lead_id, self._after = journal, lead_id, after

    async def next(self) -> Entry:
        while len(rows := self._journal.entries.get(self._lead_id, [])) <= self._after:
            await self._journal.wait(self._lead_id)
        self._after += 1
        return rows[self._after - 1]
