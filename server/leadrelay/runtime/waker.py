"""Wakes parked leads when they are due, in that order, however many there are (behaviour 4.4).

The journal holds them by their moment. Here is one page of it and the place that was reached, so a
million parked leads cost what one does.
"""

import logging
import math
from collections.abc import Awaitable, Callable
from typing import Final

import trio

from leadrelay.core.errors import JournalError
from leadrelay.core.ports import NEVER_DUE, Clock, Due, Journal

PAGE: Final = 256  # leads that are known ahead
HORIZON: Final = 60.0  # seconds; the wall clock may be set, so it is asked this often whatever is due
BREATH: Final = 0.02  # seconds between two looks into the journal, however many leads are parked meanwhile
FAR_OFF: Final = 2**63 - 1  # ns since the epoch
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 300.0  # seconds before leads that could not be read are read again

log = logging.getLogger("leadrelay.runtime")


class Waker:
    """An actor: `run` calls `wake` for each lead that is due, one after the other.

    `wake` waits for room, and does nothing for a lead that is under way already.
    """

    def __init__(self, journal: Journal, clock: Clock, wake: Callable[[str], Awaitable[None]]) -> None:
        self._journal, self._clock, self._wake = journal, clock, wake
        self._after = NEVER_DUE  # all leads up to here were woken
        self._earlier = FAR_OFF  # a lead was parked until then, which may be before `_after`
        self._next = FAR_OFF  # what is waited for
        self._unread = FAR_OFF  # a lead that was due then could not be read
        self._again_at, self._pause = math.inf, FIRST_PAUSE  # when it is tried again, on trio's clock
        self._news = trio.Event()

    def parked(self, due_at: int) -> None:
        """A lead was parked, durably."""
        self._earlier = min(self._earlier, due_at)
        if due_at < self._next:
            self._news.set()

    async def run(self) -> None:
        """Work until cancelled. What cannot be read is read again, less and less often."""
        while True:
            self._news, self._next = trio.Event(), FAR_OFF
            if trio.current_time() >= self._again_at:
                self._earlier, self._unread = min(self._earlier, self._unread), FAR_OFF
                self._again_at = math.inf
            try:
                await self._wake_due()
            except JournalError as error:
                self._come_back(self._after[0], error)
            if self._unread == FAR_OFF:
                self._pause = FIRST_PAUSE
            await self._rest()

    async def _wake_due(self) -> None:
        """Wake what is due by now. One lead that cannot be read holds up no other."""
        while page := await self._page():
            for due in page:
                if due[0] > self._clock.now():
                    self._next = due[0]
                    return
                try:
                    await self._wake(due[1])
                except JournalError as error:
                    self._come_back(due[0], error)
                self._after = due

    def _come_back(self, due_at: int, error: JournalError) -> None:
        """Begin again there, after a pause."""
        self._unread = min(self._unread, due_at)
        if self._again_at == math.inf:
            log.error("a parked lead waits, because %s; trying again in %g s", error, self._pause)
            self._again_at = trio.current_time() + self._pause
            self._pause = min(2 * self._pause, LONGEST_PAUSE)

    async def _page(self) -> list[Due]:
        """The leads that are due next, those among them that were parked while others were woken."""
        self._after = min(self._after, (self._earlier, ""))
        self._earlier = FAR_OFF
        return await self._journal.due(self._after, PAGE)

    async def _rest(self) -> None:
        await trio.sleep(BREATH)
        left = min((self._next - self._clock.now()) / 1e9, self._again_at - trio.current_time(), HORIZON)
        with trio.move_on_after(max(left, 0.0)):
            await self._news.wait()
