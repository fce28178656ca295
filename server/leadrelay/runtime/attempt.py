"""One try: sign, write down that it begins, send, and turn whatever comes of it into an outcome.

`AttemptStarted` is durable before the first byte leaves and `AttemptEnded` is noted on every way
out, also on a cancellation, so a start without an end can only mean that the process died
(behaviour 4.5).
"""

from collections.abc import Sequence
from typing import Protocol

from leadrelay.core.errors import DeliveryError, NotSent
from leadrelay.core.exchange import Reply, Request, record_reply, record_request
from leadrelay.core.facts import AttemptEnded, AttemptStarted
from leadrelay.core.limits.caps import Claim
from leadrelay.core.masking import Texts, together
from leadrelay.core.outcome import Arrived, Kind, Outcome, ReasonCode
from leadrelay.core.ports import Clock, Wire
from leadrelay.core.sending import without
from leadrelay.runtime.defects import report
from leadrelay.runtime.outlet import Outlet
from leadrelay.runtime.patience import Patience
from leadrelay.runtime.record import LeadRecord


class Whole(Protocol):
    """What an attempt asks of the delivery that it is a part of."""

    def why_cancelled(self) -> ReasonCode:
        """What a cancellation from outside means."""

    def overrun(self) -> str:
        """What it means that the time of the whole delivery is up, for people."""

    def conclude(self, outcome: Outcome, reply: Reply | None) -> Outcome:
        """The last word on the outcome, such as when the next attempt is due."""

    @property
    def is_in_doubt(self) -> bool:
        """Whether any of its tries so far may have arrived without the recipient having said so."""


class Attempt:
    """One try of one delivery; also the `Progress` that its wire reports to."""

    def __init__(
        self,
        *,
        outlet: Outlet,
        record: LeadRecord,
        clock: Clock,
        patience: Patience,
        delivery: str,
        number: int,
    ) -> None:
        self._outlet, self._record, self._clock = outlet, record, clock
        self._patience, self._delivery, self._number = patience, delivery, number
        self._sent_at: int | None = None
        self._is_out = False
        self._hidden: Texts = ()  # what must not be recorded, this try's proofs among it
        self._endpoint = ""  # of several, the one that was tried last
        self._passed_over: tuple[str, ...] = ()
        self._batch, self._batch_size = "", 0
        self.lacks_proof = False  # a proof was asked for and is not there yet

    @property
    def is_sent(self) -> bool:
        """A byte of the request has left, to somebody who may still have it."""
        return self._is_out

    @property
    def seconds(self) -> float:
        """How long the recipient has had the request."""
        return 0.0 if self._sent_at is None else max(0.0, (self._clock.now() - self._sent_at) / 1e9)

    def sending(self) -> None:
        """The connection stands: from here on the recipient may have the lead."""
        if self._sent_at is None:
            self._sent_at = self._clock.now()
        self._is_out = True
        self._patience.answering()

    def handed_back(self) -> None:
        """It is to go to another address, which has to be reached like the first."""
        self._is_out = False
        self._patience.connecting()

    def trying(self, endpoint: str, passed_over: Sequence[str]) -> None:
        """Another endpoint: nobody has the request. How long it may take to connect is the wire's care."""
        self._endpoint, self._passed_over = endpoint, tuple(passed_over)
        self._is_out, self._sent_at = False, None
        self._patience.rest()

    def batched(self, key: str, size: int) -> None:
        """It travels with others: what they need before they go is no wait for the recipient."""
        self._batch, self._batch_size = key, size
        if key:
            self._patience.connecting()
        else:
            self._patience.rest()

    async def make(
        self,
        wire: Wire,
        request: Request,
        delivery: "Whole",
        *,
        warnings: tuple[str, ...],
        hidden: Texts,
        claims: tuple[Claim, ...] = (),
    ) -> None:
        """Send `request` and tell `delivery` the outcome, which also decides the `claims` that it holds.

        `hidden` are texts that must not be recorded, also where the recipient echoes them.
        """
        destination = self._outlet.destination.name
        failure: NotSent | None = None
        self.lacks_proof = True
        try:
            request = await self._outlet.signer.sign(request)
        except NotSent as error:
            failure = error
        self.lacks_proof = False  # not on a cancellation, which the delivery then can explain
        self._hidden = together(request.secrets, hidden)
        started = AttemptStarted(
            delivery=self._delivery,
            destination=destination,
            attempt=self._number,
            request=record_request(request, self._hidden),
            warnings=warnings,
            claims=claims,
        )
        self._patience.stop()
        try:
            await self._record.tell(started)
        finally:
            self._patience.go_on()
        outcome: Outcome | None = None
        reply: Reply | None = None
        late_by = 0.0  # seconds by which the timeout that ended it was exceeded
        try:
            if failure is not None:
                raise failure
            outcome, reply = await self._exchange(wire, request)
        except DeliveryError as error:
            arrived = Arrived.NO if isinstance(error, NotSent) else Arrived.UNKNOWN
            outcome = Outcome(kind=_kind(error.code), code=error.code, words=error.words, arrived=arrived)
        except Exception as error:  # a defect of ours costs this attempt and nothing else
            report(f"lead {self._record.lead_id}, attempt {self._number} at {destination}", error)
            outcome = self._internal_error()
        finally:
            if outcome is None:
                outcome = self._cut_short(delivery.why_cancelled(), delivery.overrun())
                late_by = self._patience.late_by
            outcome = delivery.conclude(without(self._hidden, outcome), reply)
            self._record.note(
                AttemptEnded(
                    delivery=self._delivery,
                    destination=destination,
                    attempt=self._number,
                    outcome=outcome,
                    reply=None if reply is None else record_reply(reply, self._hidden),
                    sent_at=self._sent_at,
                    # A wall clock may be set back meanwhile; no answer takes less than no time.
                    took=0 if self._sent_at is None else max(0, self._clock.now() - self._sent_at),
                    overrun=round(late_by * 1e9),
                    endpoint=self._endpoint,
                    passed_over=self._passed_over,
                    batch=self._batch,
                    batch_size=self._batch_size,
                    in_doubt=delivery.is_in_doubt,
                )
            )

    async def _exchange(self, wire: Wire, signed: Request) -> tuple[Outcome, Reply]:
        """Send and read; once more with a new proof where the old one had expired (behaviour 4.2)."""
        reply = await self._send(wire, signed)
        if self._outlet.signer.renew(signed, reply):
            self._patience.rest()
            signed = await self._outlet.signer.sign(signed)
            self._hidden = together(signed.secrets, self._hidden)
            reply = await self._send(wire, signed)
        return self._outlet.destination.reading.read(reply), reply

    async def _send(self, wire: Wire, request: Request) -> Reply:
        self._patience.connecting()
        reply = await wire.send(request, self)
        if reply.secrets:
            self._hidden = together(reply.secrets, self._hidden)
        return reply

    def _internal_error(self) -> Outcome:
        arrived = Arrived.UNKNOWN if self.is_sent else Arrived.NO
        words = "internal error, see the server's log"
        return Outcome(kind=Kind.SYSTEM_ERROR, code=ReasonCode.OTHER, words=words, arrived=arrived)

    def _cut_short(self, code: ReasonCode, overrun: str) -> Outcome:
        arrived = Arrived.UNKNOWN if self.is_sent else Arrived.NO
        timeouts = self._outlet.destination.timeouts
        match code:
            case ReasonCode.TIMEOUT_CONNECT:
                return _timeout(code, f"no connection within {timeouts.connect:g} s", arrived)
            case ReasonCode.TIMEOUT_RESPONSE:
                return _timeout(code, f"no answer within {timeouts.response:g} s", arrived)
            case ReasonCode.TIMEOUT_TOTAL:
                return _timeout(code, overrun, arrived)
        words = "our server stopped" if code is ReasonCode.INTERRUPTED else "cancelled"
        return Outcome(kind=Kind.SYSTEM_ERROR, code=code, words=words, arrived=arrived)


def _timeout(code: ReasonCode, words: str, arrived: Arrived) -> Outcome:
    return Outcome(kind=Kind.TIMEOUT, code=code, words=words, arrived=arrived)


def _kind(code: ReasonCode) -> Kind:
    timeouts = (ReasonCode.TIMEOUT_CONNECT, ReasonCode.TIMEOUT_RESPONSE, ReasonCode.TIMEOUT_TOTAL)
    return Kind.TIMEOUT if code in timeouts else Kind.SYSTEM_ERROR
