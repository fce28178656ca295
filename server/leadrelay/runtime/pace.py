"""Lets leads out one after the other, in order of arrival, no faster than a rate (behaviour 7)."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import trio

from leadrelay.core.limits.rate import Bucket, Rate


class Pace:
    """The line before a token bucket. Only its head waits for the time; the others wait for the head."""

    def __init__(self, rate: Rate) -> None:
        self._bucket = Bucket(rate=rate)
        self._line = trio.Lock()

    @asynccontextmanager
    async def turn(self, held_until: Callable[[], float]) -> AsyncIterator[None]:
        """The turn of one lead, not before `held_until`, which may change meanwhile.

        Whoever gives up before the turn, or leaves the block by an exception, takes nothing of the rate.
        """
        await self._stand_in_line()
        try:
            await self._wait_until_due(held_until)
            yield
            self._bucket = self._bucket.after_one(trio.current_time())
        finally:
            self._line.release()

    async def _wait_until_due(self, held_until: Callable[[], float]) -> None:
        now = trio.current_time()
        while (due := max(self._bucket.ready_at(now), held_until())) > now:
            await trio.sleep_until(due)
            now = trio.current_time()

    async def _stand_in_line(self) -> None:
        try:
            self._line.acquire_nowait()
        except trio.WouldBlock:
            await self._line.acquire()
