"""The journal as the rest of the system knows it: a store, its writer and its feed (design 2.4)."""

import math
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self, TypeVar

import trio

from leadrelay.core.facts import Entry
from leadrelay.core.limits.caps import Holder
from leadrelay.core.ports import FIRST, NEVER_DUE, Due
from leadrelay.core.sealed import Sealed
from leadrelay.journal.feed import Feed, Follower, Sized
from leadrelay.journal.rows import entry, key, tally_of, text
from leadrelay.journal.sqlite import SqliteStore
from leadrelay.journal.store import CatalogNote, Counts, Row, Store
from leadrelay.journal.tally import Tally
from leadrelay.journal.writer import Pending, Writer

T = TypeVar("T")

READERS = 4  # threads at once, each with its own connection
PAGE = 1000  # rows that one read takes from the store at once


@asynccontextmanager
async def open_journal(folder: Path, *, read_only: bool = False) -> AsyncIterator["Journal"]:
    """The journal in a data folder, working until the block ends; what was appended is durable then.

    Read-only it may be the folder of a running server; nothing is created or changed then, and
    nothing new is followed.
    """
    opened = SqliteStore.open_to_read if read_only else SqliteStore.open
    store = await trio.to_thread.run_sync(opened, folder)
    try:
        async with trio.open_nursery() as nursery:
            journal = await Journal.over(store)
            await nursery.start(journal.run)
            try:
                yield journal
            finally:
                journal.close()
    finally:
        with trio.CancelScope(shield=True):
            await trio.to_thread.run_sync(store.close)


class Journal:
    """A core.ports.Journal, and what recovery, the trace drawer, analytics, catalog and secrets need of it.

    `caps` is a core.ports.Caps that follows what is appended.

    Whatever the database refuses is a JournalError, raised to the caller that it concerns.
    """

    def __init__(self, store: Store, last: int, caps: Tally) -> None:
        self._store, self.caps = store, caps
        self._readers = trio.CapacityLimiter(READERS)
        self._feed = Feed(self._recorded, last)
        self._writer = Writer(store, self._publish, caps.changes)

    @classmethod
    async def over(cls, store: Store) -> Self:
        """A journal over an open store. It works while `run` runs."""
        caps = await trio.to_thread.run_sync(lambda: tally_of(store.places(), store.sold()))
        return cls(store, await trio.to_thread.run_sync(store.last), caps)

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Work until `close`, and then until everything appended is durable."""
        try:
            await self._writer.run(task_status)
        finally:
            self._feed.close()

    def close(self) -> None:
        """Take no more entries. Close the journal last: until then every last word is welcome."""
        self._writer.close()

    async def append(self, entries: Sequence[Entry], within: float = math.inf) -> int:
        return await self._writer.append(entries, within)

    def hurry(self) -> None:
        self._writer.hurry()

    async def read(self, lead_id: str, after: int = 0) -> list[Entry]:
        entries: list[Entry] = []
        while True:
            page = await self._recorded(lead_id, entries[-1].number if entries else after, PAGE)
            entries += [entry for entry, _ in page]
            if len(page) < PAGE:
                return entries

    async def find(self, request_id: str) -> str | None:
        lead = await self._read(lambda: self._store.find(request_id))
        return None if lead is None else text(lead)

    async def unsettled(self, after: str = "", limit: int = PAGE) -> list[str]:
        start = key(after) if after else b""
        return [text(lead) for lead in await self._read(lambda: self._store.unsettled(start, limit))]

    async def due(self, after: Due = NEVER_DUE, limit: int = PAGE) -> list[Due]:
        due_at, lead_id = after
        start = (due_at, key(lead_id) if lead_id else b"")
        found = await self._read(lambda: self._store.due(start, limit))
        return [(moment, text(lead)) for moment, lead in found]

    async def waiting(self, cap: str, after: Holder = FIRST, limit: int = PAGE) -> list[Holder]:
        lead_id, delivery = after
        start = (key(lead_id) if lead_id else b"", delivery)
        found = await self._read(lambda: self._store.waiting(cap, start, limit))
        return [(text(lead), delivery) for lead, delivery in found]

    async def waited_for(self) -> list[str]:
        return await self._read(self._store.waited_for)

    def follow(self, lead_id: str, after: int = 0, *, fresh: bool = False) -> Follower:
        """A lead's entries above `after`: `async with journal.follow(...) as entries`.

        `fresh` spares the look into the store where nothing of the lead was appended yet.
        """
        return self._feed.follow(lead_id, after, fresh=fresh)

    async def rows_since(self, seq: int, limit: int = PAGE) -> list[tuple[int, Entry]]:
        """All leads' entries above a place among all facts, in order, with their places."""

        def found() -> list[tuple[int, Entry]]:
            return [(place, entry(row)) for place, row in self._store.since(seq, limit)]

        return await self._read(found)

    async def changed(self, after: int) -> int:
        """Wait until there is an entry at a place above `after`; the highest place then."""
        return await self._feed.changed(after)

    async def cursor(self, name: str) -> int:
        """How far a reader of all entries has come; 0 when it never said."""
        return await self._read(lambda: self._store.cursor(name))

    async def move_cursor(self, name: str, seq: int) -> None:
        """Remember how far a reader of all entries has come."""
        await self._writer.write(lambda: self._store.move_cursor(name, seq))

    async def save_catalog(self, body: bytes, at: int) -> int:
        """Keep a catalog; its version."""
        return await self._writer.write(lambda: self._store.save_catalog(body, at))

    async def catalog(self, version: int) -> bytes | None:
        return await self._read(lambda: self._store.catalog(version))

    async def latest_catalog(self) -> tuple[int, bytes] | None:
        return await self._read(self._store.latest_catalog)

    async def catalogs(self) -> list[CatalogNote]:
        return await self._read(self._store.catalogs)

    async def secrets(self) -> list[Sealed]:
        return await self._read(self._store.secrets)

    async def put_secret(self, secret: Sealed) -> None:
        await self._writer.write(lambda: self._store.put_secret(secret))

    async def delete_secrets(self, names: Sequence[str]) -> int:
        return await self._writer.write(lambda: self._store.delete_secrets(names))

    async def rewrap_secrets(self, secrets: Sequence[Sealed]) -> int:
        return await self._writer.write(lambda: self._store.rewrap_secrets(secrets))

    async def last(self) -> int:
        """The highest place among all facts."""
        return await self._read(self._store.last)

    async def flow_of(self, lead_id: str) -> str | None:
        """The flow that a lead takes; None for a lead it never saw."""
        return await self._read(lambda: self._store.flow_of(key(lead_id)))

    async def ask(self, call: Callable[[Store], T]) -> T:
        """Any other question to the store."""
        return await self._read(lambda: call(self._store))

    async def write(self, call: Callable[[Store], T]) -> T:
        """Any other write, between two commits."""
        return await self._writer.write(lambda: call(self._store))

    async def counts(self) -> Counts:
        return await self._read(self._store.counts)

    async def _recorded(self, lead_id: str, after: int, limit: int) -> list[Sized]:
        try:
            lead = key(lead_id)
        except ValueError:
            return []  # no lead has such an id

        def found() -> list[Sized]:
            return [_sized(row) for row in self._store.read(lead, after, limit)]

        return await self._read(found)

    async def _read(self, call: Callable[[], T]) -> T:
        return await trio.to_thread.run_sync(call, limiter=self._readers)

    def _publish(self, batch: Sequence[Pending], last: int) -> None:
        for pending in batch:
            if pending.changes:
                self.caps.book(pending.changes)
        self._feed.publish(
            (
                (entry, len(row.body))
                for pending in batch
                for entry, row in zip(pending.entries, pending.parcel.rows, strict=True)
            ),
            last,
        )


def _sized(row: Row) -> Sized:
    return entry(row), len(row.body)
