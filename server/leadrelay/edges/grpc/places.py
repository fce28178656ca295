"""How many leads of one stream there are at once.

A lead that is parked rests in the journal, for days perhaps, and must not keep the others from being read
(behaviour 4.4, 7). So it changes to a place of another kind, of which there are many and not endlessly many:
each costs a task that listens.
"""

from typing import Final

import trio

UNDER_WAY: Final = 256  # the next lead is read when one of them is done, or parked
RESTING: Final = 10_000


class Places:
    """Those of one stream."""

    def __init__(self, under_way: int = UNDER_WAY, resting: int = RESTING) -> None:
        self._under_way, self._resting = trio.Semaphore(under_way), trio.Semaphore(resting)

    async def take(self) -> "Place":
        """Wait until there is one."""
        await self._under_way.acquire()
        return Place(self._under_way, self._resting)


class Place:
    """That of one lead, from before it is read to its end."""

    __slots__ = ("_held", "_resting")

    def __init__(self, held: trio.Semaphore, resting: trio.Semaphore) -> None:
        self._held, self._resting = held, resting

    def rest(self) -> None:
        """The lead is parked. When it goes on, others have its place, and it does without another."""
        if self._held is self._resting:
            return
        try:
            self._resting.acquire_nowait()
        except trio.WouldBlock:
            return
        self._held.release()
        self._held = self._resting

    def leave(self) -> None:
        self._held.release()
