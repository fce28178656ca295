"""A real store whose commits can be watched, held up and made to fail."""

import threading
from collections.abc import Sequence
from pathlib import Path

import trio

from leadrelay.journal.sqlite import SqliteStore
from leadrelay.journal.store import Committed, Parcel, Row


class HeldStore(SqliteStore):
    """SQLite behind a gate. Made by `held_store`."""

    def watch(self) -> None:
        self.batches: list[int] = []  # entries in each commit that was begun
        self.reads = 0
        self.failures: list[Exception] = []  # raised by the next commits, one each
        self._begun = trio.lowlevel.ParkingLot()
        self._may_commit = threading.Event()
        self._may_commit.set()
        self._trio = trio.lowlevel.current_trio_token()

    def hold(self) -> None:
        self._may_commit.clear()

    def let_go(self) -> None:
        self._may_commit.set()

    def commit(self, batch: Sequence[Parcel]) -> Committed:
        self.batches.append(sum(len(parcel.rows) for parcel in batch))
        self._trio.run_sync_soon(self._begun.unpark_all)
        if not self._may_commit.wait(timeout=60):
            raise TimeoutError("nobody let go of the store")
        if self.failures:
            raise self.failures.pop(0)
        return super().commit(batch)

    def read(self, lead: bytes, after: int, limit: int) -> list[Row]:
        self.reads += 1
        return super().read(lead, after, limit)

    async def until_committing(self, commits: int) -> None:
        """Wait until so many commits have begun."""
        while len(self.batches) < commits:
            await self._begun.park()


def held_store(folder: Path) -> HeldStore:
    store = HeldStore.open(folder)
    store.watch()
    return store
