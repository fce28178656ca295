"""The only door to one destination: its slots, its queue, its gate, its connections, its token.

Nothing here is shared with another destination, so a slow or dead one costs the others nothing
(behaviour 7). A slot's connection is kept when its lead is done and the newest idle one is used
first, so that a quiet hour lets the surplus go.
"""

from contextlib import AbstractAsyncContextManager
from typing import Final

import trio

from leadrelay.core.destination import Destination
from leadrelay.core.errors import NotSent
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.ports import Adapter, Caps, Clock, Signer, Wire
from leadrelay.runtime.limits import CapsInForce, Gate, Visit
from leadrelay.runtime.slots import Slots

ENQUIRIES: Final = 4  # status requests under way at once
IDLE_AFTER: Final = 30.0  # seconds without work after which a connection is closed


class Outlet:
    """An actor: `run` owns the connections and the token for as long as the destination is served."""

    def __init__(
        self,
        destination: Destination,
        adapter: Adapter,
        signer: Signer,
        clock: Clock,
        caps: Caps,
        *,
        enquirer: Adapter | None = None,
        caps_in_force: CapsInForce | None = None,
    ) -> None:
        """`enquirer` composes status requests, where the destination has any.

        `caps_in_force` are its caps by the newest catalog; without it they are its own.
        """
        self.destination, self.adapter, self.signer = destination, adapter, signer
        self.enquirer = enquirer
        self.enquiries = trio.Semaphore(ENQUIRIES)
        self._slots = Slots(destination.concurrency)
        limits = destination.limits
        if limits is None:
            self.gate = None
        else:
            in_force = caps_in_force or (lambda: limits.caps)
            self.gate = Gate(destination, self._slots, clock, caps, in_force)
        self._idle: list[tuple[float, Wire]] = []  # the newest last
        self._paused_until = 0.0

    @property
    def waiting(self) -> int:
        """How many leads wait for a slot."""
        return self._slots.waiting

    @property
    def proofs(self) -> Signer:
        """Signs what goes out by itself; `signer` signs a lead's own request, which may go with others."""
        return self.signer

    @property
    def is_at_rest(self) -> bool:
        """It has learnt nothing that the next lead had better know."""
        return not self.paused_for and (self.gate is None or self.gate.is_at_rest)

    @property
    def paused_for(self) -> float:
        """Seconds in which nothing goes out, because the recipient asked for it."""
        return max(0.0, self._paused_until - trio.current_time())

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Serve until cancelled, then close every connection."""
        try:
            async with trio.open_nursery() as nursery:
                await nursery.start(self.signer.run)
                await nursery.start(self.adapter.run)
                task_status.started()
                while True:
                    await trio.sleep(IDLE_AFTER / 2)
                    await self._close_idle(trio.current_time() - IDLE_AFTER)
        finally:
            with trio.move_on_after(1, shield=True):
                await self._close_idle(float("inf"))

    def slot(self, visit: Visit | None = None) -> AbstractAsyncContextManager[Wire]:
        """A connection of this destination for one attempt; waits in order of arrival.

        `visit` is the gate's, where there is one. Raises NotSent when too many wait already, and NotNow
        where the gate is shut.
        """
        return _Slot(self, visit)

    async def take_slot(self, visit: Visit | None) -> Wire:
        """As `slot`; whoever has it gives it back by `give_back`."""
        self._look(visit)
        await self._slots.take()
        try:
            if visit is not None:
                await visit.gate.enter(visit, self._held_until)
            elif self._paused_until > trio.current_time():
                await trio.sleep_until(self._paused_until)
            return self._idle.pop()[1] if self._idle else self.adapter.open()
        except BaseException:
            self._leave(visit)
            raise

    def give_back(self, visit: Visit | None, wire: Wire) -> None:
        """The attempt is over, however it went."""
        self._idle.append((trio.current_time(), wire))
        self._leave(visit)

    def _leave(self, visit: Visit | None) -> None:
        if visit is not None:
            visit.gate.leave(visit)
        self._slots.give_back()

    def _look(self, visit: Visit | None) -> None:
        """Raises where it is known already that a lead would wait in vain."""
        if visit is not None:
            visit.gate.look(visit)
        if self.waiting >= self.destination.queue:
            words = f"{self.waiting} leads already wait for {self.destination.name}"
            raise NotSent(ReasonCode.QUEUE_FULL, words)

    def pause(self, seconds: float) -> None:
        """Let nothing out for a while, because the recipient asked for it (behaviour 4.4)."""
        self._paused_until = max(self._paused_until, trio.current_time() + seconds)

    def _held_until(self) -> float:
        return self._paused_until

    async def _close_idle(self, since: float) -> None:
        """Close the connections that nobody has used since a time."""
        old = [wire for used, wire in self._idle if used <= since]
        self._idle = [(used, wire) for used, wire in self._idle if used > since]
        for wire in old:
            await wire.aclose()


class _Slot:
    """A slot for the length of a block. A generator would cost each attempt several times as much."""

    __slots__ = ("_outlet", "_visit", "_wire")

    def __init__(self, outlet: Outlet, visit: Visit | None) -> None:
        self._outlet, self._visit = outlet, visit

    async def __aenter__(self) -> Wire:
        self._wire = await self._outlet.take_slot(self._visit)
        return self._wire

    async def __aexit__(self, *_: object) -> None:
        self._outlet.give_back(self._visit, self._wire)
