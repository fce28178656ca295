"""All outlets by destination: opened when first needed, one for each state of a destination's settings.

A lead keeps the catalog it was accepted under, so two versions of a destination may be served side
by side. A destination that a new catalog leaves as it was keeps its outlet, with its connections,
its queue and its token.
"""

import trio

from leadrelay.core.destination import Destination
from leadrelay.core.ports import Outfitter
from leadrelay.runtime.outlet import Outlet


class Outlets:
    """An actor: `run` owns the nursery in which every outlet lives."""

    def __init__(self, outfitter: Outfitter) -> None:
        self._outfitter = outfitter
        self._open: dict[tuple[str, str], Outlet] = {}
        self._starting: dict[tuple[str, str], trio.Event] = {}
        self._nursery: trio.Nursery | None = None

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Serve until cancelled."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            task_status.started()
            await trio.sleep_forever()

    async def door(self, destination: Destination) -> Outlet:
        """The outlet of a destination, running."""
        key = (destination.name, destination.fingerprint)
        outlet = self._open.get(key)
        if outlet is None:
            outlet = await self._start(key, destination)
        return outlet

    async def _start(self, key: tuple[str, str], destination: Destination) -> Outlet:
        if key in self._starting:  # someone else is at it
            await self._starting[key].wait()
            return await self.door(destination)
        if self._nursery is None:
            raise RuntimeError("Outlets.run must be started before the first lead")
        self._starting[key] = trio.Event()
        try:
            adapter, signer = self._outfitter.adapter(destination), self._outfitter.signer(destination)
            outlet = Outlet(destination, adapter, signer)
            await self._nursery.start(outlet.run)
            self._open[key] = outlet
        finally:
            self._starting.pop(key).set()
        return outlet
