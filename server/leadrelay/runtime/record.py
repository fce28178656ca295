"""A lead's own pen: gives its facts their numbers and brings them to the journal in order.

A fact may be noted at once and made durable with the next one that has to be, so that the facts
of one wave share a commit. Nothing is acted on before `tell` or `keep` has returned.
"""

import logging
import math
from contextlib import suppress
from typing import Final

import trio

from leadrelay.core.errors import AlreadyReceived, JournalError
from leadrelay.core.facts import Entry, Fact, LeadReceived
from leadrelay.core.ports import Clock, Journal

LAST_WORDS: Final = 10.0  # seconds that one write of a lead that is ours may take
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds before a write that failed is tried again

log = logging.getLogger("leadrelay.runtime")


class LeadRecord:
    """Numbers one lead's facts. Used by the lead's courier and its deliveries.

    One write of a lead is under way at a time, so that a failed one leaves no gap in the numbers.
    A lead that is ours is never given up: while the journal cannot be written its facts are kept
    and its next step waits. Only the very first write may fail, for then the lead is not ours yet.
    """

    def __init__(self, journal: Journal, clock: Clock, lead_id: str, last_number: int = 0) -> None:
        self._journal, self._clock, self.lead_id = journal, clock, lead_id
        self._number = self._durable = last_number
        self._noted: list[Entry] = []
        self._written: trio.Event | None = None  # set when the write under way is over
        self._refusal: AlreadyReceived | JournalError | None = None

    def note(self, fact: Fact) -> None:
        """Number a fact now; it becomes durable with the next `tell` or `keep`."""
        self._number += 1
        entry = Entry(lead_id=self.lead_id, number=self._number, at=self._clock.now(), fact=fact)
        self._noted.append(entry)

    async def tell(self, *facts: Fact) -> None:
        """Make these facts and all that were noted before durable, for something is held up until they are.

        Raises AlreadyReceived or JournalError where the lead's first fact could not be written.
        """
        for fact in facts:
            self.note(fact)
        await self._write_down(is_urgent=True)

    async def keep(self) -> None:
        """Make all that was noted durable, in good time: nobody is waiting but those who listen.

        A lead's first facts are urgent all the same, for its source waits. Raises what `tell` raises.
        """
        await self._write_down(is_urgent=not self._durable)

    async def received(self) -> LeadReceived:
        """The lead's first fact as it was recorded, with the turns that were drawn for it."""
        pause = FIRST_PAUSE
        while True:
            with suppress(JournalError):
                first = (await self._journal.read(self.lead_id))[0].fact
                if isinstance(first, LeadReceived):
                    return first
            log.error("lead %s: its turns cannot be read, trying again in %g s", self.lead_id, pause)
            await trio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _write_down(self, *, is_urgent: bool) -> None:
        wanted = self._number
        while self._durable < wanted:
            if self._refusal is not None:
                raise self._refusal
            if is_urgent:
                self._journal.hurry()
            if self._written is not None:
                await self._written.wait()
            else:
                await self._write()

    async def _write(self) -> None:
        """Bring what was noted to the journal, however long that takes."""
        self._written = trio.Event()
        pause = FIRST_PAUSE
        try:
            while (failure := await self._try_to_write()) is not None:
                log.error("lead %s waits, because %s; trying again in %g s", self.lead_id, failure, pause)
                await trio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                await self._see_what_is_there()
        finally:
            self._written.set()
            self._written = None

    async def _try_to_write(self) -> JournalError | None:
        """One write, which no cancellation ends; what it failed for, where another is due.

        The first one is waited for to its end, which alone says whose the lead is. What is noted until the
        journal gets to it goes along: the deliveries that were just started note that they begin.
        """
        if not self._noted:  # all of it turned out to be there
            return None
        try:
            count = await self._journal.append(self._noted, within=LAST_WORDS if self._durable else math.inf)
        except AlreadyReceived as error:
            self._refusal = error
        except JournalError as error:
            if self._durable:
                return error
            self._refusal = error
        else:
            self._durable += count
            del self._noted[:count]
        return None

    async def _see_what_is_there(self) -> None:
        """A write that failed may have reached the disk all the same; that part is not written again."""
        with suppress(JournalError):
            there = await self._journal.read(self.lead_id, self._durable)
            self._durable += len(there)
            del self._noted[: len(there)]
