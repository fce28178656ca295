"""Group commit: what many tasks append within a few ticks of the loop reaches the disk in one commit.

A caller is parked until its entries are durable, in the order of the appends, and no cancellation ends
that: a commit under way cannot be taken back, and who has appended wants to know what came of it.
"""

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import trio

from leadrelay.core.errors import JournalError
from leadrelay.core.facts import Entry
from leadrelay.journal.pen import Pen
from leadrelay.journal.rows import entry, parcel
from leadrelay.journal.store import Committed, Store
from leadrelay.journal.tally import Change

T = TypeVar("T")

Changes = Callable[[Sequence[Entry]], Sequence[Change]]

MAX_ENTRIES = 4096  # that wait while a commit is under way; a last append may reach beyond
MAX_BYTES = 32 * 1024 * 1024  # of one commit, but for its last append

# When to commit. Tasks of one wave append within a few ticks of the loop, so a quiet one ends a
# wave; a few commits may follow each other at once, which is all that a quiet server needs; beyond
# that they keep a distance, because a commit costs as much as twenty facts in it. Most facts say
# what has happened, and can wait longer for company than those before which nothing may happen.
ENOUGH = 64  # entries that wait for nothing: more would hardly make each one cheaper
DISTANCE = 0.004  # seconds between commits under load, where something is held up
LONG_DISTANCE = 0.010  # where nothing is
AT_ONCE = 8  # commits without a distance after a pause

# A loop that is always busy lets go of the interpreter at every tick, but for too short a time for
# another thread to wake up in, and each such miss restarts the 5 ms after which that thread may
# insist: commits were seen to stand still for seconds. A wait shorter than a tick ends that.
SWITCH_INTERVAL = 0.0001  # seconds

LOOKS_EVERY = 1.0  # seconds between two looks at who has waited for too long

TOO_SLOW = "the disk takes too long"
FAILED = "the journal's writer has failed; nothing of this append was recorded"


class Pending:
    """One append on its way."""

    __slots__ = ("changes", "entries", "error", "gives_up_at", "parcel", "task")

    def __init__(self, entries: Sequence[Entry], gives_up_at: float) -> None:
        self.entries, self.gives_up_at = entries, gives_up_at
        self.changes: Sequence[Change] = ()
        self.error: Exception | None = None
        self.task: trio.lowlevel.Task | None = None  # None: its caller waits no longer

    def close(self) -> None:
        """What is added from here on does not go along."""
        self.entries = tuple(self.entries)

    def encode(self, changes: Changes) -> int:
        """Get ready to be committed; its size in bytes. Raises JournalError for what cannot be kept."""
        self.close()
        self.changes = changes(self.entries)
        self.parcel = parcel(self.entries, self.changes)
        return sum([len(row.body) for row in self.parcel.rows])

    async def done(self) -> int:
        self.task = trio.lowlevel.current_task()
        await trio.lowlevel.wait_task_rescheduled(_stay)
        if self.error is not None:
            raise self.error
        return len(self.entries)

    def end(self, error: Exception | None = None) -> None:
        self.error = error
        task, self.task = self.task, None
        if task is not None:
            trio.lowlevel.reschedule(task)


def _stay(_: object) -> trio.lowlevel.Abort:
    return trio.lowlevel.Abort.FAILED


class Writer:
    """The only one who writes to a store.

    `changes` says what entries that are about to be committed mean to the caps; `publish` is called with
    each batch that is durable, before any of its callers wakes.
    """

    def __init__(
        self,
        store: Store,
        publish: Callable[[Sequence[Pending], int], None],
        changes: Changes = lambda _: (),
    ) -> None:
        self._store, self._publish, self._changes = store, publish, changes
        self._queue: list[Pending] = []
        self._in_hand: Sequence[Pending] = ()  # what is being committed
        self._entries = 0  # in the queue
        self._closed = False
        self._is_urgent = False  # something is held up by what waits
        self._due = -math.inf  # the next commit, were all to keep their distance; a pause leaves it behind
        self._pen = Pen()
        self._work = trio.lowlevel.ParkingLot()  # the flusher, when the queue is empty
        self._haste = trio.lowlevel.ParkingLot()  # the flusher, while it keeps its distance
        self._room = trio.lowlevel.ParkingLot()  # the first in line, while the queue is full
        self._line = trio.Lock()  # first come, first served, or a lead's entries would change places

    async def append(self, entries: Sequence[Entry], within: float = math.inf) -> int:
        """As core.ports.Journal has it."""
        pending = Pending(entries, trio.current_time() + within)
        if self._is_full or self._line.locked():
            await self._stand_in_line(pending)
        self._enqueue(pending)
        return await pending.done()

    def hurry(self) -> None:
        """As core.ports.Journal has it; it holds until the next commit."""
        if not self._is_urgent:
            self._is_urgent = True
            self._haste.unpark_all()

    async def write(self, call: Callable[[], T]) -> T:
        """Any other write, between two commits. Never half cancelled either."""
        return await self._pen.write(call)

    def close(self) -> None:
        """Take nothing more. What is queued is still committed; then `run` ends."""
        self._closed = True
        for lot in (self._work, self._haste, self._room):
            lot.unpark_all()

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Commit until `close`.

        A cancellation does not end it: cancelled couriers still write their last words, and whoever
        opened the journal closes it after they are gone.
        """
        with trio.CancelScope(shield=True), _threads_get_their_turn():
            async with trio.open_nursery() as nursery:
                await nursery.start(self._pen.run)
                nursery.start_soon(self._watch)
                task_status.started()
                try:
                    while await self._gather():
                        await self._flush()
                finally:
                    self.close()
                    self._refuse(self._queue, JournalError(FAILED))
                nursery.cancel_scope.cancel()

    @property
    def _is_full(self) -> bool:
        return self._entries >= MAX_ENTRIES and not self._closed

    async def _stand_in_line(self, pending: Pending) -> None:
        with trio.CancelScope(deadline=pending.gives_up_at, shield=True):
            async with self._line:
                while self._is_full:
                    await self._room.park()
                return
        raise JournalError(f"{TOO_SLOW}; nothing of this append was recorded")

    def _enqueue(self, pending: Pending) -> None:
        if self._closed:
            raise JournalError("the journal is closed: the server is stopping")
        self._queue.append(pending)
        self._entries += len(pending.entries)
        self._work.unpark_all()
        if self._entries >= ENOUGH:
            self._haste.unpark_all()

    async def _watch(self) -> None:
        """Send callers home whose time is up. A scope round each append would cost more."""
        while True:
            await trio.sleep(LOOKS_EVERY)
            now = trio.current_time()
            for pending in (*self._in_hand, *self._queue):
                if pending.gives_up_at <= now:
                    pending.close()
                    pending.end(JournalError(f"{TOO_SLOW}; what was appended may yet be recorded"))

    async def _gather(self) -> bool:
        """Wait for something to commit, and for what comes with it; False when all is done."""
        while not self._queue:
            if self._closed:
                return False
            await self._work.park()
        await self._keep_distance()
        await self._see_the_wave_in()
        return True

    async def _see_the_wave_in(self) -> None:
        """Until a tick brings nothing: a lead's deliveries note that they begin one tick after it is here."""
        seen = -1
        while len(self._queue) != seen and self._entries < ENOUGH:
            seen = len(self._queue)
            await trio.lowlevel.checkpoint()

    async def _keep_distance(self) -> None:
        before = max(self._due, trio.current_time() - AT_ONCE * DISTANCE)
        while True:
            self._due = before + (DISTANCE if self._is_urgent else LONG_DISTANCE)
            is_early = self._due - trio.current_time() > DISTANCE / 2  # less is not worth the wait
            if not is_early or self._entries >= ENOUGH or self._closed:
                return
            with trio.move_on_at(self._due):
                await self._haste.park()

    def _take(self) -> list[Pending]:
        """The head of the queue, encoded. What cannot be kept is refused and harms nobody else."""
        batch: list[Pending] = []
        size = taken = 0
        for pending in self._queue:
            taken += 1
            try:
                size += pending.encode(self._changes)
            except Exception as error:  # a defect of ours, too, costs nobody but this caller
                pending.end(error)
            else:
                batch.append(pending)
            if size >= MAX_BYTES:
                break
        self._queue = self._queue[taken:]
        self._entries = sum([len(pending.entries) for pending in self._queue])
        self._is_urgent = self._is_urgent and bool(self._queue)
        self._room.unpark()
        return batch

    async def _flush(self) -> None:
        batch = self._in_hand = self._take()
        if not batch:
            return
        try:
            committed = await self.write(lambda: self._store.commit([pending.parcel for pending in batch]))
        except JournalError as error:
            self._refuse(batch, error)
            return
        except BaseException as error:
            self._refuse(batch, JournalError(f"{FAILED}: {type(error).__name__}"))
            raise
        finally:
            self._in_hand = ()
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
