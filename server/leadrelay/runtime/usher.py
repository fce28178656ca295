"""Calls parked deliveries up when a place comes free under the cap that they wait for (behaviour 7).

A cap opens when its period ends, and the waker knows when that is. It opens sooner where a recipient says no
to a lead that held a place, where a lead that may have arrived is resolved, and where a new catalog takes
more. Then whoever has waited longest is called up, one delivery for each place, and the place is set aside
for it until it is there, so that no lead that comes later is quicker.

The line stands in the journal, where a restart finds it. Here are the caps that have one, and who is on the
way: a million that wait cost what one does.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import trio

from leadrelay.core.errors import JournalError
from leadrelay.core.limits.caps import Holder, Wanted
from leadrelay.core.ports import FIRST, Caps, Catalogs, Clock, Journal

PAGE: Final = 64  # of a line, read at once
BREATH: Final = 0.02  # seconds between two looks, however many places come free meanwhile
PAUSE: Final = 30.0  # seconds before lines that could not be found are looked for again

log = logging.getLogger("leadrelay.runtime")

CallUp = Callable[[str, str, str], Awaitable[bool]]


class Usher:
    """An actor: `run` looks after the lines, and calls `call_up` with a lead, a delivery and a cap.

    That waits for room, and says whether the delivery is on its way: one that waits no longer is not.
    """

    def __init__(
        self, journal: Journal, caps: Caps, catalogs: Catalogs, clock: Clock, call_up: CallUp
    ) -> None:
        self._journal, self._caps, self._catalogs, self._clock = journal, caps, catalogs, clock
        self._call_up = call_up
        self._called: dict[str, dict[str, str]] = {}  # by lead and delivery: the cap that they are called for

    async def run(self) -> None:
        """Work until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._see_catalogs_change)
            await self._find_lines()
            while True:
                for cap in await self._caps.moved():
                    await self._serve(cap)
                await trio.sleep(BREATH)

    def left(self, lead_id: str, waits: Mapping[str, str]) -> None:
        """A lead is not under way any more, and these deliveries of it wait for these caps, durably.

        A place may have come free before anybody knew that they wait. But who was called up and waits for the
        same cap again needs more than the place that there was, and another look would find no more.
        """
        called = self._called.pop(lead_id, {})
        self._caps.stand_in_line(waits.values())
        for delivery, cap in called.items():
            self._caps.let_go((lead_id, delivery))
            if waits.get(delivery) != cap:
                self._caps.look_at([cap])
        self._caps.look_at(cap for delivery, cap in waits.items() if called.get(delivery) != cap)

    async def _see_catalogs_change(self) -> None:
        while True:
            await self._catalogs.changed()
            await self._find_lines()

    async def _find_lines(self) -> None:
        """All lines, as after a restart: there may be places for them."""
        while True:
            try:
                lines = await self._journal.waited_for()
            except JournalError as error:
                log.error("parked leads wait for caps, and %s; trying again in %g s", error, PAUSE)
                await trio.sleep(PAUSE)
            else:
                self._caps.stand_in_line(lines)
                self._caps.look_at(lines)
                return

    async def _serve(self, cap: str) -> None:
        """Call up as many as there are places, from the head of the line."""
        after, is_over = FIRST, False
        try:
            while page := await self._journal.waiting(cap, after, PAGE):
                for holder in page:
                    if not self._is_called(holder):
                        if not self._keep_place(cap, holder):
                            return
                        await self._call(cap, holder)
                    after = holder
            is_over = after == FIRST
        except JournalError as error:
            log.error("parked leads wait for the cap %s, and %s", cap, error)
        finally:
            self._caps.served(cap, is_over=is_over)

    async def _call(self, cap: str, holder: Holder) -> None:
        lead_id, delivery = holder
        try:
            if await self._call_up(lead_id, delivery, cap):
                self._called.setdefault(lead_id, {})[delivery] = cap
                return
        except JournalError as error:
            log.error("lead %s waits until it is due, because %s", lead_id, error)
        self._caps.let_go(holder)

    def _is_called(self, holder: Holder) -> bool:
        """It is on its way, so this is no news for it."""
        return holder[1] in self._called.get(holder[0], {})

    def _keep_place(self, name: str, holder: Holder) -> bool:
        """Set a place aside; a cap that is no more has one for everybody."""
        destination = self._catalogs.current.destinations.get(name.partition("/")[0])
        if destination is None:  # it keeps the caps that it had, which nobody here knows
            return False
        caps = () if destination.limits is None else destination.limits.caps
        cap = next((each for each in caps if each.key == name), None)
        if cap is None:
            return True
        return self._caps.keep(holder, Wanted(cap, cap.period_at(self._clock.now())))
