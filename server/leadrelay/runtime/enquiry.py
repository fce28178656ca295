"""One question to a recipient: what became of this lead? (behaviour 4.5)

It is no attempt: it takes no slot, sends no lead, and needs no fact before it leaves. Its answer is
written down before anything follows from it.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import trio

from leadrelay.core.destination import StatusRequest
from leadrelay.core.enquiring import enlightened, still_unknown
from leadrelay.core.errors import DeliveryError
from leadrelay.core.exchange import Envelope, Reply, Request, record_reply, record_request
from leadrelay.core.facts import DeliveryAsked
from leadrelay.core.mapping import compile_mapping
from leadrelay.core.masking import Texts, together
from leadrelay.core.outcome import Outcome
from leadrelay.core.ports import Adapter, Clock
from leadrelay.core.retry import retry_after
from leadrelay.core.scope import Scope
from leadrelay.core.sending import without
from leadrelay.runtime.outlet import Outlet

NOTHING_MAPPED: Final = compile_mapping(())


class Enquiry:
    """Also the `Progress` that its wire reports to."""

    def __init__(self, outlet: Outlet, enquirer: Adapter, ask: StatusRequest, clock: Clock) -> None:
        self._outlet, self._enquirer, self._ask, self._clock = outlet, enquirer, ask, clock
        self._scope = trio.CancelScope()
        self._sent_at: int | None = None
        self._took = 0
        self.later = 0.0  # seconds in which the recipient wants no further question

    def sending(self) -> None:
        """The connection stands."""
        self._sent_at = self._sent_at or self._clock.now()
        self._scope.deadline = trio.current_time() + self._outlet.destination.timeouts.response

    def handed_back(self) -> None:
        """It is to go to another address, which has to be reached like the first."""
        self._scope.deadline = trio.current_time() + self._outlet.destination.timeouts.connect

    def trying(self, endpoint: str, passed_over: Sequence[str]) -> None:
        """See core.ports.Progress. A status request has one address."""

    def batched(self, key: str, size: int) -> None:
        """See core.ports.Progress. A status request is about one lead."""

    async def make(
        self, scope: Scope, envelope: Envelope, asked: DeliveryAsked, hidden: Texts
    ) -> DeliveryAsked:
        """Ask; `asked` with what came of it, in which `hidden` texts are masked."""
        before, signed, reply = asked.outcome, None, None
        try:
            signed = await self._signed(scope, envelope)
            hidden = together(signed.secrets, hidden)
            reply = await self._send(signed)
            if reply is not None and self._outlet.proofs.renew(signed, reply):
                signed = await self._outlet.proofs.sign(signed)
                hidden = together(signed.secrets, hidden)
                reply = await self._send(signed)
        except DeliveryError as error:
            outcome = still_unknown(before, error.words)
        else:
            outcome = self._read(before, reply)
            self.later = 0.0 if reply is None else retry_after(reply, self._clock.now())
        return replace(
            asked,
            outcome=without(hidden, outcome),
            request=None if signed is None else record_request(signed, hidden),
            reply=None if reply is None else record_reply(reply, hidden),
            sent_at=self._sent_at,
            took=self._took,
        )

    async def _signed(self, scope: Scope, envelope: Envelope) -> Request:
        envelope = replace(envelope, idempotency_key="")  # that is the lead's, which this request is not
        request = self._enquirer.compose(NOTHING_MAPPED.apply(scope), scope, envelope)
        return await self._outlet.proofs.sign(request)

    async def _send(self, signed: Request) -> Reply | None:
        """The reply, or None where connect or response time ran out; on a connection of its own."""
        reply: Reply | None = None
        wire = self._enquirer.open()
        connect = self._outlet.destination.timeouts.connect
        try:
            with trio.CancelScope(deadline=trio.current_time() + connect) as self._scope:
                reply = await wire.send(signed, self)
        finally:
            self._took = 0 if self._sent_at is None else max(0, self._clock.now() - self._sent_at)
            with trio.move_on_after(1, shield=True):
                await wire.aclose()
        return reply

    def _read(self, before: Outcome, reply: Reply | None) -> Outcome:
        if reply is None:
            return still_unknown(before, "no answer in time")
        return enlightened(self._ask, before, reply)
