"""The door to a destination that takes several leads in one request (behaviour 4.6).

A lead that comes takes a seat in a batch. The batch goes when it is full, or when its first lead has waited
for `linger` and there is a slot, and then it calls its leads: each is composed, writes down that it begins,
and hands its request over. Only when each has done so, or has left, does one request leave with all of them.
So one bad lead never spoils a batch, none is on its way before its start is durable, and whoever gives up
before the first byte leaves is not in it. After that it is part of it, and what nobody answered is unknown.

Caps count leads; the rate, the slots, the breaker and an adaptive concurrency count requests.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import trio

from leadrelay.core.batch import Batch, batch_key, in_requests, merged
from leadrelay.core.batch_reply import parts
from leadrelay.core.destination import Destination
from leadrelay.core.errors import DeliveryError, NoAnswer, NotSent
from leadrelay.core.exchange import Reply, Request
from leadrelay.core.masking import Texts, together
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.ports import Adapter, Caps, Clock, Progress, Signer, Started, Wire
from leadrelay.runtime.defects import report
from leadrelay.runtime.limits import CapsInForce, Visit
from leadrelay.runtime.outlet import Outlet


class GatheringOutlet(Outlet):
    """An actor as every outlet: batches live in a nursery of `run`."""

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
        super().__init__(
            destination, adapter, Shown(signer), clock, caps, enquirer=enquirer, caps_in_force=caps_in_force
        )
        if destination.batch is None:
            raise ValueError(f"{destination.name} takes one lead at a time")
        self._batch, self._proofs = destination.batch, signer
        self._open: _Gathering | None = None  # the batch in which there are seats
        self._seated = 0  # leads in batches that have not gone
        self._batches: trio.Nursery | None = None

    @property
    def proofs(self) -> Signer:
        """See Outlet."""
        return self._proofs

    @property
    def waiting(self) -> int:
        """How many leads wait for their batch to go."""
        return self._seated

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Serve until cancelled."""
        async with trio.open_nursery() as self._batches:
            await super().run(task_status)

    @asynccontextmanager
    async def slot(self, visit: Visit | None = None) -> AsyncIterator[Wire]:
        """A seat of a batch that goes now; sending over it is sending with the others.

        Raises NotSent when too many wait already, and NotNow where the gate is shut.
        """
        self._look(visit)
        try:
            if visit is not None:
                await visit.gate.admit(visit)
            seat = _Seat(self._gathering())
            try:
                await self._called(seat)
                yield seat
            finally:
                seat.leave()
                if visit is not None and not seat.tells_for_all and not visit.is_probe:
                    visit.heard = None  # the request was one, and counts once
        finally:
            if visit is not None:
                visit.gate.leave(visit)

    def _gathering(self) -> "_Gathering":
        """The batch in which the next lead takes a seat."""
        if self._batches is None:
            raise RuntimeError("an outlet must run before the first lead")
        if self._open is None or not self._open.takes_more:
            self._open = _Gathering(self._batch.most)
            self._batches.start_soon(self._serve, self._open)
        return self._open

    async def _called(self, seat: "_Seat") -> None:
        self._seated += 1
        try:
            await seat.gathering.called.wait()
        finally:
            self._seated -= 1

    async def _serve(self, gathering: "_Gathering") -> None:
        """Let one batch gather and go. It ends early when all its leads have left."""
        with gathering.scope:
            with trio.move_on_after(self._batch.linger):
                await gathering.filled.wait()
            await self._slots.take()
            try:
                await self._turn()
                gathering.called.set()  # nobody joins any more, and each gets ready
                await gathering.settled.wait()
                await self._go(gathering.seats)
            except Exception as error:  # a defect of ours costs this batch and nothing else
                report(f"a batch of {len(gathering.seats)} leads for {self.destination.name}", error)
                _fail(gathering.seats, None)
            finally:
                self._slots.give_back()

    async def _turn(self) -> None:
        if self.gate is not None:
            async with self.gate.turn(self._held_until):
                return
        if self._paused_until > trio.current_time():
            await trio.sleep_until(self._paused_until)

    async def _go(self, seats: "Sequence[_Seat]") -> None:
        """In as many requests as it takes, one after the other."""
        wire = self._idle.pop()[1] if self._idle else self.adapter.open()
        try:
            for count in in_requests([seat.request for seat in seats]):
                mine, seats = seats[:count], seats[count:]
                try:
                    await _Journey(self._batch, self._proofs, mine).make(wire)
                except DeliveryError as error:
                    _fail(mine, error)
        finally:
            self._idle.append((trio.current_time(), wire))


class Shown:
    """Stands for the signer where one lead is concerned: a batch is signed as a whole.

    A lead's own request is recorded with `***` for the proofs, and its bytes stay as they are.
    """

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    async def run(self, task_status: Started) -> None:
        """See core.ports.Signer."""
        await self._signer.run(task_status)

    async def sign(self, request: Request) -> Request:
        """See core.ports.Signer. What is recorded shows the proofs, what is sent has none yet."""
        await trio.lowlevel.checkpoint_if_cancelled()
        shown = self.show(request)
        recorded = shown.body if shown.recorded_body is None else shown.recorded_body
        return replace(shown, body=request.body, recorded_body=recorded)

    def show(self, request: Request) -> Request:
        """See core.ports.Signer."""
        return self._signer.show(request)

    def renew(self, signed: Request, reply: Reply) -> bool:  # noqa: ARG002 - the batch asks for it
        """See core.ports.Signer."""
        return False


class _Gathering:
    """One batch, from its first lead until it is sent."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.seats: list[_Seat] = []
        self.scope = trio.CancelScope()
        self.filled, self.called, self.settled = trio.Event(), trio.Event(), trio.Event()

    @property
    def takes_more(self) -> bool:
        return len(self.seats) < self._most and not self.called.is_set() and not self.scope.cancel_called

    def joined(self, seat: "_Seat") -> None:
        self.seats.append(seat)
        if len(self.seats) == self._most:
            self.filled.set()

    def look(self) -> None:
        """Somebody got ready, or left."""
        if not any(seat.is_here for seat in self.seats):
            self.scope.cancel()
        elif self.called.is_set() and all(seat.is_ready for seat in self.seats if seat.is_here):
            self.settled.set()

    def left(self, seat: "_Seat") -> None:
        if not self.settled.is_set():
            self.seats.remove(seat)
        self.look()


class _Seat:
    """A core.ports.Wire for one lead: what it sends travels with the others."""

    request: Request
    progress: Progress

    def __init__(self, gathering: _Gathering) -> None:
        self.gathering = gathering
        self.is_here, self.is_ready = True, False
        self.tells_for_all = False  # to the breaker, of the whole request
        self._answered = trio.Event()
        self._answer: Reply | DeliveryError | None = None
        gathering.joined(self)

    async def send(self, request: Request, progress: Progress) -> Reply:
        """See core.ports.Wire."""
        self.request, self.progress, self.is_ready = request, progress, True
        progress.batched("", 0)
        self.gathering.look()
        try:
            await self._answered.wait()
        finally:
            self.leave()
        if isinstance(self._answer, Reply):
            return self._answer
        raise self._answer or RuntimeError("its batch came to grief, see the log")

    async def aclose(self) -> None:
        """See core.ports.Wire. The connection is the batch's."""
        await trio.lowlevel.checkpoint()

    def answer(self, answer: Reply | DeliveryError | None) -> None:
        """What came of it, which is said once; None: a defect of ours."""
        if not self._answered.is_set():
            self._answer = answer
            self._answered.set()

    def leave(self) -> None:
        """It is no longer part of the batch, if it was not sent, and no longer waits for it, if it was."""
        if self.is_here:
            self.is_here = False
            self.gathering.left(self)


class _SomebodyLeft(Exception):
    """A lead that is in the request left before the first byte did."""


class _Journey:
    """One request with several leads; also the `Progress` that its wire reports to."""

    def __init__(self, batch: Batch, signer: Signer, seats: Sequence[_Seat]) -> None:
        self._batch, self._signer = batch, signer
        self._aboard = list(seats)
        self._signed: Request | None = None

    async def make(self, wire: Wire) -> None:
        """Send and answer everybody. Raises DeliveryError, which is everybody's."""
        reply = await self._sent(wire)
        if reply is not None and self._signed is not None and self._signer.renew(self._signed, reply):
            for seat in self._here():
                seat.progress.batched("", 0)
            reply = await self._sent(wire)  # once more, with a new proof
        if reply is None or self._signed is None:
            return
        reply = replace(reply, secrets=self._hidden_of_all(self._signed.secrets))
        found = parts(self._batch, reply, [seat.request.item_key for seat in self._aboard])
        for seat, part in zip(self._aboard, found, strict=True):
            nothing = NoAnswer(ReasonCode.PROTOCOL, _nothing_said(len(self._aboard)))
            seat.answer(nothing if part is None else part)

    async def _sent(self, wire: Wire) -> Reply | None:
        """The reply to a request with all who are still here; None where nobody is."""
        while self._gather():
            members = [seat.request for seat in self._aboard]
            request = merged(members, self._batch.listing)
            self._signed = await self._signer.sign(request)
            if not all(seat.is_here for seat in self._aboard):
                continue
            for seat in self._aboard:
                seat.progress.batched(batch_key(members), len(members))
            try:
                return await wire.send(self._signed, self)
            except _SomebodyLeft:
                continue
        return None

    def _gather(self) -> bool:
        self._aboard = [seat for seat in self._aboard if seat.is_here]
        if self._aboard and not any(seat.tells_for_all for seat in self._aboard):
            self._aboard[0].tells_for_all = True
        return bool(self._aboard)

    def sending(self) -> None:
        """See core.ports.Progress."""
        if not all(seat.is_here for seat in self._aboard):
            raise _SomebodyLeft
        for seat in self._aboard:
            seat.progress.sending()

    def handed_back(self) -> None:
        """See core.ports.Progress."""
        for seat in self._here():
            seat.progress.handed_back()

    def trying(self, endpoint: str, passed_over: Sequence[str]) -> None:
        """See core.ports.Progress."""
        for seat in self._here():
            seat.progress.trying(endpoint, passed_over)

    def batched(self, key: str, size: int) -> None:
        """See core.ports.Progress. No batch is in a batch."""

    def _here(self) -> list[_Seat]:
        return [seat for seat in self._aboard if seat.is_here]

    def _hidden_of_all(self, hidden: Texts) -> Texts:
        """What nobody may record of the reply or of a part of it: what is sensitive of anybody."""
        for seat in self._aboard:
            hidden = together(seat.request.secrets, hidden)
        return hidden


def _fail(seats: Sequence[_Seat], error: DeliveryError | None) -> None:
    """Each gets an error of its own, since each raises it."""
    kind = NotSent if isinstance(error, NotSent) else NoAnswer
    for seat in seats:
        seat.answer(None if error is None else kind(error.code, error.words))


def _nothing_said(size: int) -> str:
    return f"the reply to a batch of {size} does not tell what became of this lead"
