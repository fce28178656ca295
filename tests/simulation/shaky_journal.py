"""A journal in memory that is slow, fails for a while, and outlives the engine that writes to it."""

import math
from collections.abc import Sequence
from random import Random

import trio

from leadrelay.core.errors import JournalError
from leadrelay.core.facts import AttemptStarted, Entry
from leadrelay.journal.memory import MemoryJournal
from leadrelay.journal.tally import Tally
from simulation.market import delivery_of, lead_of


class ShakyJournal(MemoryJournal):
    """Kept through crashes. What a dead engine still writes reaches nobody."""

    def __init__(self, lots: Random, trouble: float) -> None:
        super().__init__()
        self._lots, self._trouble = lots, trouble
        self._fails_until = 0.0
        self.generation = 0

    async def commit(self, within: float) -> None:
        generation = self.generation
        with trio.CancelScope(shield=True):
            await trio.sleep(self._takes())
        if generation != self.generation:
            raise JournalError("the engine that wrote this is dead")
        if trio.current_time() < self._fails_until:
            raise JournalError("disk full")

    def _takes(self) -> float:
        """Most commits are quick, some are slow, and now and then the disk is full for a while."""
        lot = self._lots.random()
        if lot < self._trouble / 10:
            self._fails_until = trio.current_time() + self._lots.uniform(0.5, 5)
        return self._lots.uniform(0.5, 4) if lot < self._trouble / 2 else self._lots.uniform(0, 0.01)

    async def append(self, entries: Sequence[Entry], within: float = math.inf) -> int:
        """A write that fails may have reached the disk all the same, but for the first of a lead."""
        if entries[0].number > 1 and self._lots.random() < self._trouble / 20:
            await super().append(entries, within)
            raise JournalError("the answer of the disk was lost")
        return await super().append(entries, within)

    def reopen(self) -> None:
        """For another engine: the places under caps are those that the facts tell of."""
        self.caps = Tally()
        for entries in self.entries.values():
            for entry in entries:
                self.caps.book(self.caps.changes([entry]))

    def crash(self) -> None:
        """From here on nothing of the engine under way is written."""
        self.generation += 1

    def is_started(self, key: str, sent: int) -> bool:
        """Whether the journal knows of so many attempts of a delivery."""
        facts = self.facts(lead_of(key))
        started = [fact for fact in facts if isinstance(fact, AttemptStarted)]
        return sum(fact.delivery == delivery_of(key) for fact in started) >= sent
