"""All outlets by destination: opened when first needed, one for each state of a destination's settings.

A lead keeps the catalog it was accepted under, so two versions of a destination may be served side
by side. A destination that a new catalog leaves as it was keeps its outlet, with its connections,
its queue, its token and what its breaker has seen. An outlet that no lead has needed for a while, and
that holds nothing back, is closed, so catalogs that were replaced leave nothing behind however often one
is applied.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Final

import trio

from leadrelay.core.destination import Destination
from leadrelay.core.enquiring import enquired_at
from leadrelay.core.limits.caps import Cap
from leadrelay.core.ports import Caps, Catalogs, Clock, Outfitter
from leadrelay.runtime.gathering import GatheringOutlet
from leadrelay.runtime.outlet import Outlet

UNUSED_AFTER: Final = 300.0  # seconds without a lead after which an outlet is closed

Key = tuple[str, str]  # a destination's name and fingerprint


class _Room:
    """An outlet with those who are inside."""

    def __init__(self, outlet: Outlet) -> None:
        self.outlet = outlet
        self.guests = 0
        self.left_at = trio.current_time()  # when the last one went
        self.lifetime = trio.CancelScope()

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        with self.lifetime:
            await self.outlet.run(task_status)

    def is_unused_since(self, moment: float) -> bool:
        return not self.guests and self.left_at <= moment and self.outlet.is_at_rest


class _Stay:
    """One guest's time in a room. A generator would say it in fewer lines and cost each lead a lot more."""

    __slots__ = ("_destination", "_outlets", "_room")

    def __init__(self, outlets: "Outlets", destination: Destination) -> None:
        self._outlets, self._destination = outlets, destination

    async def __aenter__(self) -> Outlet:
        self._room = await self._outlets.room(self._destination)
        self._room.guests += 1
        return self._room.outlet

    async def __aexit__(self, *_: object) -> None:
        self._room.guests -= 1
        self._room.left_at = trio.current_time()


class Outlets:
    """An actor: `run` owns the nursery in which every outlet lives."""

    def __init__(
        self, outfitter: Outfitter, clock: Clock, caps: Caps, catalogs: Catalogs | None = None
    ) -> None:
        """`catalogs` say which caps are in force; without them each destination's own are."""
        self._outfitter, self._clock, self._caps, self._catalogs = outfitter, clock, caps, catalogs
        self._open: dict[Key, _Room] = {}
        self._starting: dict[Key, trio.Event] = {}
        self._nursery: trio.Nursery | None = None

    @property
    def caps(self) -> Caps:
        """How full the caps of all destinations are."""
        return self._caps

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Serve until cancelled."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            task_status.started()
            while True:
                await trio.sleep(UNUSED_AFTER / 2)
                self._close_unused(trio.current_time() - UNUSED_AFTER)

    def door(self, destination: Destination) -> AbstractAsyncContextManager[Outlet]:
        """The outlet of a destination, which is open for as long as somebody is inside the block."""
        return _Stay(self, destination)

    async def room(self, destination: Destination) -> _Room:
        """The room of a destination, opened where nobody was in yet."""
        key = (destination.name, destination.fingerprint)
        while key not in self._open:
            if key in self._starting:  # someone else is at it
                await self._starting[key].wait()
            else:
                await self._start(key, destination)
        return self._open[key]

    async def _start(self, key: Key, destination: Destination) -> None:
        if self._nursery is None:
            raise RuntimeError("Outlets.run must be started before the first lead")
        self._starting[key] = trio.Event()
        try:
            adapter, signer = self._outfitter.adapter(destination), self._outfitter.signer(destination)
            enquired = enquired_at(destination)
            enquirer = None if enquired is None else self._outfitter.adapter(enquired)
            kind = Outlet if destination.batch is None else GatheringOutlet
            outlet = kind(
                destination,
                adapter,
                signer,
                self._clock,
                self._caps,
                enquirer=enquirer,
                caps_in_force=lambda: self._caps_in_force(destination),
            )
            room = _Room(outlet)
            await self._nursery.start(room.run)
            self._open[key] = room
        finally:
            self._starting.pop(key).set()

    def _caps_in_force(self, destination: Destination) -> Sequence[Cap]:
        """The caps of a destination by the newest catalog; one that is not in it any more keeps its own."""
        if self._catalogs is not None:
            destination = self._catalogs.current.destinations.get(destination.name, destination)
        return () if destination.limits is None else destination.limits.caps

    def _close_unused(self, since: float) -> None:
        for key, room in list(self._open.items()):
            if room.is_unused_since(since):
                del self._open[key]  # first, so that the next lead opens another one
                room.lifetime.cancel()
