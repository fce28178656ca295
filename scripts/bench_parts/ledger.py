"""The books of a run: what callers, journal and recipients say must be the same, or nothing was measured."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trio

from leadrelay.core.facts import (
    AttemptEnded,
    DeliveryEnded,
    DeliveryParked,
    Entry,
    LeadReceived,
    LeadSettled,
)
from leadrelay.journal.journal import open_journal

PAGE = 2000


@dataclass(slots=True)
class Books:
    """What the journal says."""

    received: int = 0
    settled: int = 0
    parked: int = 0  # leads with a delivery that waits for its time
    replies: int = 0  # attempts that were answered
    facts: int = 0
    sold_twice: int = 0  # deliveries with more than one acceptance
    to_first_byte: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # s, by source
    example: list[Entry] = field(default_factory=list)  # one whole lead


@dataclass(frozen=True, slots=True)
class Audit:
    """The lines of the ledger, and what does not agree."""

    accepted: int
    settled: int
    parked: int
    pending: int
    deliveries: int
    facts: int
    problems: tuple[str, ...]


def read_books(data: Path, example_of: str = "") -> Books:
    """Everything in a journal; `example_of` names the phase of which to keep one lead's facts."""
    return trio.run(_read_books, data, example_of)


def audit(books: Books, accepted: int, settled: int, count: dict[str, int], ledger: dict[str, Any]) -> Audit:
    """Hold the journal against what the callers saw and the recipients took."""
    pending = books.received - books.settled - books.parked
    taken = sum(count.values())
    times = Counter({key: entry["times"] for key, entry in ledger["accepted"].items()})
    twice = sum(1 for number in times.values() if number > 1)
    lines = (
        ("leads accepted, as callers saw it", accepted, "leads received, by the journal", books.received),
        ("leads settled, as callers saw it", settled, "leads settled, by the journal", books.settled),
        ("requests that recipients took", taken, "attempts with a reply, by the journal", books.replies),
        ("leads sold twice, by the recipients", twice, "none", 0),
        ("deliveries accepted twice, by the journal", books.sold_twice, "none", 0),
        ("keys that the recipients forgot", ledger["forgotten"], "none", 0),
        ("requests without a key", ledger["without_key"], "none", 0),
    )
    problems = tuple(
        f"{what}: {value}; {other}: {wanted}" for what, value, other, wanted in lines if value != wanted
    )
    return Audit(books.received, books.settled, books.parked, pending, taken, books.facts, problems)


async def _read_books(data: Path, example_of: str) -> Books:
    clerk = _Clerk(example_of)
    async with open_journal(data, read_only=True) as journal:
        place = 0
        while rows := await journal.rows_since(place, PAGE):
            clerk.take(entry for _, entry in rows)
            place = rows[-1][0]
    return clerk.close()


class _Clerk:
    def __init__(self, example_of: str) -> None:
        self._books, self._example_of, self._example = Books(), example_of, ""
        self._open: dict[str, tuple[str, int]] = {}  # source and time of leads that are not settled
        self._parked: dict[str, set[str]] = defaultdict(set)
        self._sold: Counter[tuple[str, str]] = Counter()

    def take(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self._books.facts += 1
            self._note(entry)
            if entry.lead_id == self._example:
                self._books.example.append(entry)

    def close(self) -> Books:
        self._books.parked = sum(1 for lead in self._open if self._parked.get(lead))
        self._books.sold_twice = sum(1 for number in self._sold.values() if number > 1)
        return self._books

    def _note(self, entry: Entry) -> None:
        books = self._books
        match entry.fact:
            case LeadReceived(lead=lead):
                books.received += 1
                self._open[entry.lead_id] = (lead.source, entry.at)
                if not self._example and lead.source == self._example_of:
                    self._example = entry.lead_id
            case AttemptEnded() as fact:
                source, at = self._open[entry.lead_id]
                books.replies += fact.reply is not None
                if fact.sent_at is not None:
                    books.to_first_byte[source].append((fact.sent_at - at) / 1e9)
                self._parked[entry.lead_id].discard(fact.delivery)
            case DeliveryParked() as fact:
                self._parked[entry.lead_id].add(fact.delivery)
            case DeliveryEnded() as fact:
                self._sold[entry.lead_id, fact.delivery] += fact.outcome.accepted
                self._parked[entry.lead_id].discard(fact.delivery)
            case LeadSettled():
                books.settled += 1
                del self._open[entry.lead_id]
                self._parked.pop(entry.lead_id, None)
