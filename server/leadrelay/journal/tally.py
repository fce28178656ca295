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
from leadrelay.core.limits.caps import Claim, Count, Holder, Wanted, for_the_line, the_longest
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
        self._lines: set[str] = set()  # the caps that parked deliveries wait for
        self._reserved: set[str] = set()  # those of which whatever there is belongs to them first
        self._moved: set[str] = set()  # those that nobody has looked at yet
        self._news = trio.Event()
        for claim, count in counts:
            self._book.sold_before(claim, count.sold, count.spent)
        places: dict[Holder, tuple[Claim, ...]] = {}
        for holder, claim in held:
            places[holder] = (*places.get(holder, ()), claim)
        for holder, claims in places.items():
            self._book.told(holder, claims)

    def full(self, holder: Holder, wanted: Sequence[Wanted]) -> Full | None:
        return self._book.full(holder, wanted) or self._for_the_line(holder, wanted)

    async def hold(self, holder: Holder, wanted: Sequence[Wanted]) -> tuple[Claim, ...] | Full:
        return self._for_the_line(holder, wanted) or self._book.hold(holder, wanted)

    def release(self, holder: Holder) -> None:
        caps = self._book.caps_of(holder)
        self._book.release(holder)
        if not self._book.caps_of(holder):  # else a fact has told of them, and another will free them
            self._wake(caps)

    async def freed(self, cap: str) -> None:
        lot = self._freed.setdefault(cap, trio.lowlevel.ParkingLot())
        await lot.park()
        lot.unpark()  # the next has his look a tick later; trio wakes several at once in any order

    def stand_in_line(self, caps: Iterable[str]) -> None:
        self._lines.update(caps)

    def look_at(self, caps: Iterable[str]) -> None:
        if found := self._lines.intersection(caps):
            self._reserved |= found
            self._moved |= found
            self._news.set()

    async def moved(self) -> set[str]:
        while not self._moved:
            self._news = trio.Event()
            await self._news.wait()
        moved, self._moved = self._moved, set()
        return moved

    def keep(self, holder: Holder, want: Wanted) -> bool:
        return self._book.keep(holder, want)

    def let_go(self, holder: Holder) -> None:
        if cap := self._book.let_go(holder):
            self._let_in([cap])

    def served(self, cap: str, *, is_over: bool) -> None:
        if cap in self._moved:  # another place has come free, or somebody was parked
            return
        self._reserved.discard(cap)
        if is_over:
            self._lines.discard(cap)
        self._let_in([cap])

    def changes(self, entries: Sequence[Entry]) -> list[Change]:
        """What these entries will change once they are durable; most often nothing."""
        found: list[Change] = []
        for entry in entries:
            fact = entry.fact
            if isinstance(fact, AttemptStarted):
                if fact.claims:
                    found.append(Told((entry.lead_id, fact.delivery), fact.claims))
            elif isinstance(fact, AttemptEnded) and fact.in_doubt:
                continue  # an earlier try may have sold it, so that this one's "not now" frees nothing
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

    def _for_the_line(self, holder: Holder, wanted: Sequence[Wanted]) -> Full | None:
        """Why a delivery may not have a place that there is; None where it may."""
        if not self._reserved or self._book.expects(holder):
            return None
        found = [for_the_line(cap, period) for cap, period, _ in wanted if cap.key in self._reserved]
        return the_longest(found) if found else None

    def _wake(self, caps: Sequence[str]) -> None:
        if self._lines:
            self.look_at(caps)
        self._let_in(caps)

    def _let_in(self, caps: Iterable[str]) -> None:
        """Those who wait with their lead under way have their look."""
        for cap in caps:
            if (lot := self._freed.pop(cap, None)) is not None:
                lot.unpark()
