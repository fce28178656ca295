"""Group commit: what many tasks append within a few ticks of the loop reaches the disk in one commit.

A caller is parked until its entries are durable. Once queued they are committed in the order of the
appends and whatever becomes of their caller, so that a cancelled append is recorded whole, or not at
all if it was still waiting for room.
"""

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import trio

from leadrelay.core.errors import JournalError
from leadrelay.core.facts import Entry
from leadrelay.journal.rows import entry, parcel
from leadrelay.journal.store import Committed, Store
from leadrelay.journal.tally import Change

T = TypeVar("T")

# What waits while a commit is under way. A last append may reach beyond.
MAX_ENTRIES = 4096
MAX_BYTES = 32 * 1024 * 1024

# When to commit. Tasks of one wave append within a few ticks of the loop, so two quiet ones end a
# wave; a few commits may follow each other at once, which is all that a quiet server needs; beyond
# that they keep a distance, because a commit costs as much as twenty facts in it.
QUIET_TICKS = 2
ENOUGH = 64  # entries that wait for nothing: more would hardly make each one cheaper
DISTANCE = 0.002  # seconds between commits under load
AT_ONCE = 8  # commits without a distance after a pause

# A loop that is always busy lets go of the interpreter at every tick, but for too short a time for
# another thread to wake up in, and each such miss restarts the 5 ms after which that thread may
# insist: commits were seen to stand still for seconds. A wait shorter than a tick ends that.
SWITCH_INTERVAL = 0.0001  # seconds

FAILED = "the journal's writer has failed; nothing of this append was recorded"


class Pending:
    """One append on its way."""

    __slots__ = ("changes", "entries", "error", "parcel", "size", "task")

    def __init__(self, entries: Sequence[Entry], changes: Sequence[Change]) -> None:
        self.entries, self.changes, self.parcel = entries, changes, parcel(entries, changes)
        self.size = sum(len(row.body) for row in self.parcel.rows)
        self.error: Exception | None = None
        self.task: trio.lowlevel.Task | None = None  # None: its caller does not wait, or no longer

    async def done(self) -> None:
        self.task = trio.lowlevel.current_task()
        await trio.lowlevel.wait_task_rescheduled(self._leave)
        if self.error is not None:
            raise self.error

    def end(self, error: Exception | None = None) -> None:
        self.error = error
        task, self.task = self.task, None
        if task is not None:
            trio.lowlevel.reschedule(task)

    def _leave(self, _: object) -> trio.lowlevel.Abort:
        self.task = None
        return trio.lowlevel.Abort.SUCCEEDED


class Writer:
    """The only one who writes to a store.

    `publish` is called with each batch that is durable, before any of its callers wakes.
    """

    def __init__(self, store: Store, publish: Callable[[Sequence[Pending], int], None]) -> None:
        self._store, self._publish = store, publish
        self._queue: list[Pending] = []
        self._entries = self._bytes = 0  # in the queue
        self._closed = False
        self._due = -math.inf  # the next commit, were all to keep their distance; a pause leaves it behind
        self._pen = trio.CapacityLimiter(1)
        self._work = trio.lowlevel.ParkingLot()  # the flusher, when the queue is empty
        self._enough = trio.lowlevel.ParkingLot()  # the flusher, while it keeps its distance
        self._room = trio.lowlevel.ParkingLot()  # the first in line, while the queue is full
        self._line = trio.Lock()  # first come, first served, or a lead's entries would change places

    async def append(self, entries: Sequence[Entry], changes: Sequence[Change] = ()) -> None:
        """As core.ports.Journal has it; `changes` are what the entries mean to the caps."""
        await trio.lowlevel.checkpoint_if_cancelled()
        if not (self._is_full or self._line.locked()):
            pending = self._enqueue(entries, changes)
        else:
            async with self._line:
                while self._is_full:
                    await self._room.park()
                pending = self._enqueue(entries, changes)
        await pending.done()

    async def write(self, call: Callable[[], T]) -> T:
        """Any other write, between two commits. Never half cancelled either."""
        return await trio.to_thread.run_sync(call, limiter=self._pen)

    def close(self) -> None:
        """Take nothing more. What is queued is still committed; then `run` ends."""
        self._closed = True
        for lot in (self._work, self._enough, self._room):
            lot.unpark_all()

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Commit until `close`.

        A cancellation does not end it: cancelled couriers still write their last words, and whoever
        opened the journal closes it after they are gone.
        """
        with trio.CancelScope(shield=True), _threads_get_their_turn():
            task_status.started()
            try:
                while await self._gather():
                    await self._flush()
            finally:
                self.close()
                self._refuse(self._take(), JournalError(FAILED))

    @property
    def _is_full(self) -> bool:
        return (self._entries >= MAX_ENTRIES or self._bytes >= MAX_BYTES) and not self._closed

    def _enqueue(self, entries: Sequence[Entry], changes: Sequence[Change]) -> Pending:
        if self._closed:
            raise JournalError("the journal is closed: the server is stopping")
        pending = Pending(entries, changes)
        self._queue.append(pending)
        self._entries += len(entries)
        self._bytes += pending.size
        self._work.unpark_all()
        if self._entries >= ENOUGH:
            self._enough.unpark_all()
        return pending

    async def _gather(self) -> bool:
        """Wait for something to commit, and then for what comes with it; False when all is done."""
        while not self._queue:
            if self._closed:
                return False
            await self._work.park()
        await self._see_the_wave_in()
        await self._keep_distance()
        return True

    async def _see_the_wave_in(self) -> None:
        quiet, seen = 0, len(self._queue)
        while quiet < QUIET_TICKS and self._entries < ENOUGH:
            await trio.lowlevel.checkpoint()
            quiet = quiet + 1 if len(self._queue) == seen else 0
            seen = len(self._queue)

    async def _keep_distance(self) -> None:
        now = trio.current_time()
        self._due = max(self._due, now - AT_ONCE * DISTANCE) + DISTANCE
        if now < self._due and self._entries < ENOUGH and not self._closed:
            with trio.move_on_at(self._due):
                await self._enough.park()

    def _take(self) -> list[Pending]:
        batch, self._queue = self._queue, []
        self._entries = self._bytes = 0
        self._room.unpark()
        return batch

    async def _flush(self) -> None:
        batch = self._take()
        try:
            committed = await self.write(lambda: self._store.commit([pending.parcel for pending in batch]))
        except JournalError as error:
            self._refuse(batch, error)
            return
        except BaseException as error:
            self._refuse(batch, JournalError(f"{FAILED}: {type(error).__name__}"))
            raise
        self._tell(batch, committed)

    def _tell(self, batch: Sequence[Pending], committed: Committed) -> None:
        refused = committed.refused
        for place, row in committed.drawn.items():
            batch[place].entries = [entry(row), *batch[place].entries[1:]]
        durable = (
            [pending for place, pending in enumerate(batch) if place not in refused] if refused else batch
        )
        try:
            self._publish(durable, committed.last)
        finally:
            for place, pending in enumerate(batch):
                pending.end(refused.get(place))

    def _refuse(self, batch: Sequence[Pending], cause: JournalError) -> None:
        for pending in batch:
            error = JournalError(str(cause))  # one each: an exception keeps its raiser's traceback
            error.__cause__ = cause
            pending.end(error)


@contextmanager
def _threads_get_their_turn() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(before, SWITCH_INTERVAL))
    try:
        yield
    finally:
        sys.setswitchinterval(before)
