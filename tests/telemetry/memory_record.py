"""A journal in memory, as far as the drawer needs one. It survives the drawers that read it."""

from collections.abc import Iterable

import trio

from leadrelay.core.errors import JournalError
from leadrelay.core.facts import Entry


class MemoryRecord:
    """A telemetry.drawer.Source."""

    def __init__(self, *entries: Entry) -> None:
        self.cursors: dict[str, int] = {}
        self.moves: list[int] = []  # of any cursor
        self.read_leads: list[str] = []
        self.largest_page = 0
        self.fails = 0  # so many reads of rows to come
        self._rows: list[Entry] = []
        self._news, self._moved = trio.Event(), trio.Event()
        self.commit(entries)

    @property
    def last(self) -> int:
        return len(self._rows)

    def commit(self, entries: Iterable[Entry]) -> None:
        self._rows.extend(entries)
        self._news.set()
        self._news = trio.Event()

    async def rows_since(self, seq: int, limit: int, /) -> list[tuple[int, Entry]]:
        await trio.lowlevel.checkpoint()
        if self.fails:
            self.fails -= 1
            raise JournalError("the disk is away")
        rows = list(enumerate(self._rows, start=1))[seq : seq + limit]
        self.largest_page = max(self.largest_page, len(rows))
        return rows

    async def read(self, lead_id: str, /) -> list[Entry]:
        await trio.lowlevel.checkpoint()
        self.read_leads.append(lead_id)
        return [entry for entry in self._rows if entry.lead_id == lead_id]

    async def changed(self, after: int, /) -> None:
        while self.last <= after:
            await self._news.wait()

    async def cursor(self, name: str, /) -> int:
        await trio.lowlevel.checkpoint()
        return self.cursors.get(name, 0)

    async def move_cursor(self, name: str, seq: int, /) -> None:
        await trio.lowlevel.checkpoint()
        self.cursors[name] = seq
        self.moves.append(seq)
        self._moved.set()
        self._moved = trio.Event()

    async def until_read(self, name: str) -> None:
        """Wait until a reader has come to the end."""
        while self.cursors.get(name, 0) < self.last:
            await self._moved.wait()
