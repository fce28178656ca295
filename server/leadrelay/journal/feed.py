"""Durable entries to those who follow a lead: in order, with no gap and no repeat.

A follower takes entries from memory as they are committed, and from the store whenever it lacks some:
at first, and after it fell so far behind that its buffer was dropped. Entries are numbered without a
gap, so the number alone says which of the two a follower needs.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from types import TracebackType
from typing import Self

import trio

from leadrelay.core.errors import JournalError
from leadrelay.core.facts import Entry

MAX_ENTRIES = 32  # that one follower holds in memory
MAX_BYTES = 256 * 1024  # and of what size, in their encoded form, unless it is a single one

Sized = tuple[Entry, int]  # an entry and the size of its encoded body
Recorded = Callable[[str, int, int], Awaitable[list[Sized]]]  # of a lead, above a number, at most so many


class Feed:
    """All followers of one journal."""

    def __init__(self, recorded: Recorded, last: int) -> None:
        self.recorded = recorded
        self._last = last  # the highest place among all facts
        self._closed = False
        self._followers: dict[str, list[Follower]] = {}
        self._curious = trio.lowlevel.ParkingLot()

    def follow(self, lead_id: str, after: int, *, fresh: bool) -> "Follower":
        """A follower, to be entered. `fresh`: nothing above `after` is recorded yet."""
        return Follower(self, lead_id, after, behind=not fresh)

    def publish(self, entries: Iterable[Sized], last: int) -> None:
        """Hand out what has just become durable, in the order of its recording."""
        self._last = last
        self._curious.unpark_all()
        for entry, size in entries:
            for follower in self._followers.get(entry.lead_id, ()):
                follower.offer(entry, size)

    async def changed(self, after: int) -> int:
        """Wait until a fact has a place above `after`; the highest place then."""
        await trio.lowlevel.checkpoint()
        while self._last <= after:
            self._must_be_open()
            await self._curious.park()
        return self._last

    def close(self) -> None:
        """Nothing more will come: whoever waits gets a JournalError."""
        self._closed = True
        self._curious.unpark_all()
        for followers in self._followers.values():
            for follower in followers:
                follower.stop()

    def add(self, follower: "Follower") -> None:
        self._must_be_open()
        self._followers.setdefault(follower.lead_id, []).append(follower)

    def remove(self, follower: "Follower") -> None:
        followers = self._followers[follower.lead_id]
        followers.remove(follower)
        if not followers:
            del self._followers[follower.lead_id]

    def _must_be_open(self) -> None:
        if self._closed:
            raise _closed()


class Follower:
    """A core.ports.Subscription. One task reads from it."""

    __slots__ = (
        "_behind",
        "_buffer",
        "_feed",
        "_handed",
        "_held",
        "_reached",
        "_stopped",
        "_task",
        "lead_id",
    )

    def __init__(self, feed: Feed, lead_id: str, after: int, *, behind: bool) -> None:
        self._feed, self.lead_id = feed, lead_id
        self._handed = after  # the number of the last entry that `next` returned
        self._reached = after  # the number of the last entry in the buffer; `_handed` when it is empty
        self._buffer: deque[Sized] = deque()
        self._held = 0  # bytes in the buffer
        self._behind = behind  # the store may have entries above `_reached`
        self._stopped = False
        self._task: trio.lowlevel.Task | None = None  # parked in `next`

    async def __aenter__(self) -> Self:
        self._feed.add(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._feed.remove(self)
        self._forget()
        self.stop()

    async def next(self) -> Entry:
        """The next durable entry; waits for it."""
        while not self._buffer:
            if self._stopped:
                raise _closed()
            await (self._catch_up() if self._behind else self._park())
        entry, size = self._buffer.popleft()
        self._held -= size
        self._handed = entry.number
        return entry

    def offer(self, entry: Entry, size: int) -> None:
        """An entry has become durable."""
        if entry.number <= self._reached:
            return  # it came from the store already
        if not self._add(entry, size):
            self._forget()
        self._wake()

    def stop(self) -> None:
        """No entry follows."""
        self._stopped = True
        self._wake()

    def _add(self, entry: Entry, size: int) -> bool:
        """Whether the entry is the next one and there is room for it."""
        full = len(self._buffer) >= MAX_ENTRIES or (self._buffer and self._held + size > MAX_BYTES)
        if full or entry.number != self._reached + 1:
            return False
        self._buffer.append((entry, size))
        self._held += size
        self._reached = entry.number
        return True

    def _forget(self) -> None:
        self._buffer.clear()
        self._held, self._reached, self._behind = 0, self._handed, True

    async def _catch_up(self) -> None:
        """Read a page from the store. What is offered meanwhile either fits on or is read later."""
        self._behind = False
        try:
            page = await self._feed.recorded(self.lead_id, self._reached, MAX_ENTRIES)
        except BaseException:
            self._behind = True
            raise
        for entry, size in page:
            if entry.number > self._reached and not self._add(entry, size):
                self._behind = True
                break
        if len(page) == MAX_ENTRIES:
            self._behind = True

    async def _park(self) -> None:
        if self._task is not None:
            raise trio.BusyResourceError("another task is reading from this subscription")
        self._task = trio.lowlevel.current_task()
        await trio.lowlevel.wait_task_rescheduled(self._leave)

    def _leave(self, _: object) -> trio.lowlevel.Abort:
        self._task = None
        return trio.lowlevel.Abort.SUCCEEDED

    def _wake(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            trio.lowlevel.reschedule(task)


def _closed() -> JournalError:
    return JournalError("the subscription is closed: nothing more can come from it")
