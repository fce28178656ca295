"""Follows the journal behind a durable cursor, draws what ended and hands it to the collector.

The cursor moves only when the collector has taken a batch, or refused it for good. So nothing is
lost while a collector is away or when the process dies, and what is sent twice has the same ids.
Leads never wait for it, and its memory is bounded: the journal keeps what is yet to be drawn.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import random
from typing import Protocol

import trio
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from leadrelay.core.errors import JournalError
from leadrelay.core.facts import Entry
from leadrelay.core.retry import Backoff
from leadrelay.telemetry.answers import NotNow, Refused, Taken
from leadrelay.telemetry.exporter import Exporter
from leadrelay.telemetry.gallery import Gallery
from leadrelay.telemetry.sheet import Sheet

log = logging.getLogger(__name__)

CURSOR = "traces"
PAGE = 512  # entries read at once
BREATH = 32  # entries drawn before others have their turn: about 0.5 ms
LINGER = 1.0  # seconds in which facts gather into one batch
BACKOFF = Backoff(first_delay=1.0, max_delay=30.0, jitter=True)
MAX_ASKED = 300.0  # seconds; a collector that asks for more is asked again sooner
LAST_WORDS = 1.0  # seconds to let go of the connection


class Source(Protocol):
    """What the drawer needs of the journal. All of it may raise JournalError."""

    async def rows_since(self, seq: int, limit: int, /) -> Sequence[tuple[int, Entry]]:
        """Entries of all leads above a place, in order, with their places."""

    async def read(self, lead_id: str, /) -> Sequence[Entry]:
        """All entries of a lead, in order."""

    async def changed(self, after: int, /) -> object:
        """Wait until there is an entry above a place."""

    async def cursor(self, name: str, /) -> int:
        """How far a reader has come; 0 if it never said."""

    async def move_cursor(self, name: str, seq: int, /) -> None:
        """Remember it, durably."""


@dataclass(slots=True)
class Tally:
    """Spans so far, for metrics."""

    taken: int = 0
    rejected: int = 0  # by a collector that took the rest of their batch
    refused: int = 0  # for good, with their whole batch


class Drawer:
    """An actor. `close` it once no more leads are under way and before the journal closes."""

    def __init__(
        self,
        source: Source,
        exporter: Exporter,
        resource: Resource,
        *,
        linger: float = LINGER,
        backoff: Backoff = BACKOFF,
        chance: Callable[[], float] = random,
    ) -> None:
        """`chance` in [0, 1) is for the jitter. The exporter is the drawer's own, to its end."""
        self._source, self._exporter, self._resource = source, exporter, resource
        self._linger, self._backoff, self._chance = linger, backoff, chance
        self._gallery = Gallery(source.read)
        self._is_closing = False
        self._lifetime, self._pause = trio.CancelScope(), trio.CancelScope()
        self._seq = 0  # the last place of which the collector has everything
        self.tally = Tally()

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Draw until `close`, and then what is left within the time that it grants."""
        try:
            with self._lifetime:
                task_status.started()
                await self._follow()
        finally:
            with trio.move_on_after(LAST_WORDS, shield=True):
                await self._exporter.aclose()

    def close(self, grace: float) -> None:
        """Draw what is recorded by now, for `grace` seconds at most; a later start draws the rest."""
        self._is_closing = True
        self._lifetime.deadline = trio.current_time() + grace
        self._pause.cancel()

    async def _follow(self) -> None:
        failures, knows_place, is_last = 0, False, False
        while not is_last:
            try:
                if not knows_place:
                    self._seq, knows_place = await self._source.cursor(CURSOR), True
                if not self._is_closing:
                    await self._news()
                is_last = self._is_closing
                await self._catch_up()
                failures = 0
            except JournalError as error:
                failures += 1
                log.warning("spans wait, because the journal cannot be read: %s", error)
                await self._rest(failures)

    async def _news(self) -> None:
        """Wait for something to draw, and a little longer for company."""
        with trio.CancelScope() as self._pause:
            await self._source.changed(self._seq)
            await trio.sleep(self._linger)

    async def _catch_up(self) -> None:
        while rows := await self._source.rows_since(self._seq, PAGE):
            sheet = Sheet(self._resource)
            for count, (place, entry) in enumerate(rows, start=1):
                for span in await self._gallery.draw(entry):
                    sheet.add(span)
                if sheet.is_full or count == len(rows):
                    await self._hand_over(sheet, place)
                elif count % BREATH == 0:
                    await trio.lowlevel.checkpoint()

    async def _hand_over(self, sheet: Sheet, place: int) -> None:
        """The batch with everything up to a place."""
        spans = len(sheet)
        if spans:
            await self._export(sheet.take(), spans)
        await self._source.move_cursor(CURSOR, place)
        self._seq = place

    async def _export(self, batch: bytes, spans: int) -> None:
        failures = 0
        while isinstance(answer := await self._exporter.export(batch), NotNow):
            failures += 1
            if failures == 1:
                log.warning("spans wait in the journal until the collector takes them: %s", answer.words)
            await self._rest(failures, min(answer.after, MAX_ASKED))
        if failures:
            log.info("the collector answers again")
        self._count(answer, spans)

    def _count(self, answer: Taken | Refused, spans: int) -> None:
        match answer:
            case Refused(words):
                self.tally.refused += spans
                log.error("the collector refused %d spans for good: %s; the journal has them", spans, words)
            case Taken(rejected, words):
                self.tally.taken += spans - rejected
                self.tally.rejected += rejected
                if rejected or words:
                    log.warning("the collector rejected %d of %d spans: %s", rejected, spans, words)

    async def _rest(self, failures: int, asked: float = 0.0) -> None:
        with trio.CancelScope() as self._pause:
            await trio.sleep(self._backoff.delay(failures, self._chance(), asked))
