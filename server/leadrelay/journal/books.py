"""What is asked of many leads: lists, families, sums and times, off the path of every lead.

The books follow the facts behind a cursor, a page at a time and between two commits. Whoever asks waits
until they have reached the newest fact of that moment, so that an answer lacks nothing that was told.
"""

import logging
from collections.abc import Callable
from typing import Final, Protocol, TypeVar

import trio

from leadrelay.core.errors import JournalError
from leadrelay.journal.rows import key, text
from leadrelay.journal.store import LeadFilter, Store, Sums, Times

T = TypeVar("T")

# Facts that are taken in at once, for as long as commits have to wait. One costs some 15 us of the database's
# own time: a million is caught up with in 15 s, and then summed up in a second or two.
PAGE: Final = 250
SHARE: Final = 0.05  # of the time, while nobody asks: under full load the books fall behind and leads do not
LINGER: Final = 2.0  # seconds in which facts gather
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 300.0  # seconds after a failure
NEVER_ENDS: Final = 2**63 - 1  # ns since the epoch

log = logging.getLogger("leadrelay.journal")


class Journal(Protocol):
    """What the books need of the journal that they are kept in."""

    async def changed(self, after: int) -> int: ...

    async def ask(self, call: Callable[[Store], T]) -> T: ...

    async def write(self, call: Callable[[Store], T]) -> T: ...


class Books:
    """An actor. `run` keeps the books while nobody asks; whoever asks brings them up to date."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._one_at_a_time = trio.Lock()

    async def run(self) -> None:
        """Follow the journal until cancelled, or until it closes."""
        pause = FIRST_PAUSE
        seen = 0
        while True:
            try:
                while await self._keep_a_page():
                    pass
                pause, seen = FIRST_PAUSE, await self._journal.changed(seen)
            except JournalError as error:
                log.warning("the books wait, because %s", error)
                await trio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            await trio.sleep(LINGER)

    async def _keep_a_page(self) -> bool:
        """Take in some facts without hurry; whether there are more."""
        began = trio.current_time()
        async with self._one_at_a_time:
            more = await self._journal.write(lambda store: store.advance(PAGE))
        await trio.sleep((trio.current_time() - began) * (1 / SHARE - 1))
        return more

    async def catch_up(self) -> None:
        """Take in all that is durable by now."""
        async with self._one_at_a_time:
            while await self._journal.write(lambda store: store.advance(PAGE)):
                await trio.lowlevel.checkpoint()

    async def matching(
        self, wanted: LeadFilter, after: str = "", limit: int = 100, *, newest_first: bool = True
    ) -> list[str]:
        """Ids of leads in order of receipt, beyond `after`."""
        await self.catch_up()
        start = key(after) if after else b""
        found = await self._journal.ask(
            lambda store: store.matching(wanted, start, limit, newest_first=newest_first)
        )
        return [text(lead) for lead in found]

    async def family(self, lead_id: str) -> dict[str, str | None]:
        """A lead with all that it repeats or that repeat it, and the result of each; None: open."""
        found = await self._journal.ask(lambda store: store.family(key(lead_id)))
        return {text(lead): result for lead, result in found}

    async def sums(self, by: str, since: int = 0, until: int = NEVER_ENDS) -> list[Sums]:
        return await self._asked(lambda store: store.sums(by, since, until))

    async def leads_by(self, by: str, since: int = 0, until: int = NEVER_ENDS) -> dict[str, int]:
        return await self._asked(lambda store: store.leads_by(by, since, until))

    async def times(self, by: str, since: int = 0, until: int = NEVER_ENDS) -> list[Times]:
        return await self._asked(lambda store: store.times(by, since, until))

    async def _asked(self, call: Callable[[Store], T]) -> T:
        await self.catch_up()
        return await self._journal.ask(call)
