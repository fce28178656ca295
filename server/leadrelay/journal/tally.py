"""The caps as the journal keeps them: counts that follow the facts, in the same commit (behaviour 7).

A place is held in memory at once, durable with the AttemptStarted that names it, and so before a byte
of the lead has left. It becomes sold or free with the commit of the fact that says so. A process that
dies leaves exactly the places of leads that may have arrived, and they wait for those leads' next fact.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import trio

from leadrelay.core.facts import (
    AttemptEnded,
    AttemptStarted,
    DeliveryAsked,
    DeliveryEnded,
    DeliveryResolved,
    Entry,
)
from leadrelay.core.limits.book import Book, Verdict
from leadrelay.core.limits.caps import Claim, Count, Holder, Wanted
from leadrelay.core.limits.full import Full

DECIDING = (AttemptEnded, DeliveryAsked, DeliveryEnded, DeliveryResolved)  # what an outcome comes with


class Told(NamedTuple):
    """A fact says that a delivery holds these places."""

    holder: Holder
    claims: tuple[Claim, ...]


Change = Told | Verdict


class Tally:
    """A core.ports.Caps over one book that nobody else writes in."""

    def __init__(
        self, held: Iterable[tuple[Holder, Claim]] = (), counts: Iterable[tuple[Claim, Count]] = ()
    ) -> None:
        """`held` and `counts` are those of an earlier run."""
        self._book = Book()
        self._freed: dict[str, trio.lowlevel.ParkingLot] = {}  # by cap, where somebody waits
        for claim, count in counts:
            self._book.sold_before(claim, count.sold, count.spent)
        places: dict[Holder, tuple[Claim, ...]] = {}
        for holder, claim in held:
            places[holder] = (*places.get(holder, ()), claim)
        for holder, claims in places.items():
            self._book.told(holder, claims)

    def full(self, holder: Holder, wanted: Sequence[Wanted]) -> Full | None:
        return self._book.full(holder, wanted)

    async def hold(self, holder: Holder, wanted: Sequence[Wanted]) -> tuple[Claim, ...] | Full:
        return self._book.hold(holder, wanted)

    def release(self, holder: Holder) -> None:
        caps = self._book.caps_of(holder)
        self._book.release(holder)
        if not self._book.caps_of(holder):  # else a fact has told of them, and another will free them
            self._wake(caps)

    async def freed(self, cap: str) -> None:
        lot = self._freed.setdefault(cap, trio.lowlevel.ParkingLot())
        await lot.park()
        lot.unpark()  # the next has his look a tick later; trio wakes several at once in any order

    def changes(self, entries: Sequence[Entry]) -> list[Change]:
        """What these entries will change once they are durable; most often nothing."""
        found: list[Change] = []
        for entry in entries:
            fact = entry.fact
            if isinstance(fact, AttemptStarted):
                if fact.claims:
                    found.append(Told((entry.lead_id, fact.delivery), fact.claims))
            elif isinstance(fact, DECIDING):
                verdict = self._book.verdict((entry.lead_id, fact.delivery), fact.outcome)
                if verdict is not None:
                    found.append(verdict)
        return found

    def book(self, changes: Iterable[Change]) -> None:
        """They are durable now."""
        for change in changes:
            if isinstance(change, Told):
                self._book.told(change.holder, change.claims)
            else:
                caps = self._book.caps_of(change.holder)
                self._book.settle(change)
                self._wake(caps)

    def _wake(self, caps: Iterable[str]) -> None:
        for cap in caps:
            if (lot := self._freed.pop(cap, None)) is not None:
                lot.unpark()
