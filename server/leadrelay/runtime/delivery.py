"""All tries of one lead at one destination (behaviour 4.3, 4.4).

`total` covers everything in line: the wait for a slot, every attempt and the pauses between them. A
long pause is no work in line: the delivery leaves memory by ParkUntil and comes back with a new `total`. A
delivery that a restart finds half done goes on here as if nothing had happened: what was tried is
handed in, and the same loop decides.
"""

from collections.abc import Callable
from dataclasses import replace

import trio

from leadrelay.core.destination import WhenUnknown
from leadrelay.core.errors import NotNow, NotSent, ParkUntil
from leadrelay.core.exchange import Reply
from leadrelay.core.facts import AttemptEnded, DeliveryAsked
from leadrelay.core.lead import Lead
from leadrelay.core.limits.full import Full, WhenFull
from leadrelay.core.mapping import Mapped
from leadrelay.core.masking import Texts, together
from leadrelay.core.outcome import Arrived, Kind, Outcome, ReasonCode, skipped
from leadrelay.core.ports import Clock
from leadrelay.core.pricing import priced
from leadrelay.core.retry import retry_after
from leadrelay.core.scope import Scope
from leadrelay.core.sending import envelope_for, not_sent, unmapped, without
from leadrelay.core.standing import Tried
from leadrelay.runtime.attempt import Attempt
from leadrelay.runtime.enquiry import Enquiry
from leadrelay.runtime.outlet import Outlet
from leadrelay.runtime.patience import Patience
from leadrelay.runtime.record import LeadRecord

ASKED_BY = (429, 503)  # a Retry-After with these pauses the whole outlet


class Delivery:
    """One lead on its way to one destination."""

    def __init__(
        self,
        *,
        lead: Lead,
        name: str,
        scope: Scope,
        outlet: Outlet,
        record: LeadRecord,
        clock: Clock,
        chance: Callable[[], float],
        tried: Tried,
        hidden: Texts = (),
        bid_within: float | None = None,
    ) -> None:
        """`hidden` are texts that must not be recorded; `tried` is what was done before.

        `bid_within` seconds a ping has, in the place of a longer `total`.
        """
        self._lead, self._name, self._outlet = lead, name, outlet
        self._template_scope = scope
        self._record, self._clock, self._chance = record, clock, chance
        self._tried, self._hidden = tried, hidden
        total = outlet.destination.timeouts.total
        self._bid_within = bid_within
        self.total = total if bid_within is None else min(total, bid_within)
        self._patience = Patience(outlet.destination.timeouts, self.total)
        self._attempt: Attempt | None = None
        self._is_cancelled = False
        self._lacked_proof = False  # the newest try ended while it waited for a credential
        gate = outlet.gate
        holder, sells = (lead.id, name), bid_within is None
        self._visit = None if gate is None else gate.visit(holder, scope, sells=sells)
        self._shut: Full | None = None  # what it waits for to open
        self._ask_later = 0.0  # seconds that the recipient wants between two questions

    @property
    def attempts(self) -> int:
        return self._tried.made

    def cancel(self) -> None:
        """Stop, unless a request is already out: then its answer is waited for (behaviour 8)."""
        self._is_cancelled = True
        if self._attempt is None or not self._attempt.is_sent:
            self._patience.cancel()

    async def carry(self) -> Outcome:
        """Try until there is a final outcome. Raises ParkUntil where the next try is far off."""
        mapped = self._outlet.destination.mapping.apply(self._template_scope)
        self._hidden = together(mapped.derived, self._hidden)
        why = unmapped(mapped)
        if why is not None:
            return without(self._hidden, why)
        if self._tried.is_open:
            self._close_interrupted()
        while True:
            with self._patience.scope() as scope:
                if self._is_cancelled:
                    scope.cancel()
                return await self._try_on(mapped)
            if self._is_cancelled or self._patience.left <= 0:
                return self._cut_short()
            # Else an attempt had no connection or no answer in time: another may follow it.

    def _close_interrupted(self) -> None:
        """The process died between the start and the end of an attempt: nobody knows what arrived."""
        outcome = Outcome(
            kind=Kind.SYSTEM_ERROR,
            code=ReasonCode.INTERRUPTED,
            words="our server stopped before the answer came",
            arrived=Arrived.UNKNOWN,
        )
        self._record.note(
            AttemptEnded(
                delivery=self._name,
                destination=self._outlet.destination.name,
                attempt=self._tried.made,
                outcome=self.conclude(outcome, None),
            )
        )
        self._tried.is_open = False

    async def _try_on(self, mapped: Mapped) -> Outcome:
        while True:
            self._patience.rest()
            last = await self._what_is_known()
            if last is not None:
                if last.next_attempt_at is None and not self._is_ours_to_repeat(last):
                    return last
                await self._wait_until(last.next_attempt_at or 0, _why_again(last))
            try:
                await self._try(mapped)
            except ParkUntil as far:
                await self._wait_until(far.due_at, far.reason)
            except NotNow as shut:
                if not await self._opens(shut.full):
                    return self._turned_away(shut.full)

    async def _opens(self, full: Full) -> bool:
        """Wait, in line or parked, until it may be worth another try; False where the lead moves on."""
        if self._visit is None:
            return False
        gate = self._visit.gate
        policy = gate.policy(self._visit, full, left=self._patience.left)
        if policy is WhenFull.SKIP:
            return False
        await trio.lowlevel.checkpoint_if_cancelled()
        if policy is WhenFull.PARK and self._parks(gate.opens_in(full)):
            raise ParkUntil(full.opens_at or 0, full.words, full.cap)
        await self._record.keep()
        self._shut = full
        await gate.opening(full)
        self._shut = None
        return True

    def _turned_away(self, full: Full) -> Outcome:
        """Not tried, or not tried again, because the outlet is full."""
        last = self._tried.last
        if last is None:
            return skipped(full.code, full.words)
        words = f"{last.words or last.code or last.kind}; not tried again: {full.words}"
        return replace(last, words=words, next_attempt_at=None)

    async def _what_is_known(self) -> Outcome | None:
        """How the newest attempt went, for which the recipient may have to be asked (behaviour 4.5).

        A ping sells nothing, and nobody is asked about it.
        """
        ask, enquirer, tried = self._outlet.destination.ask, self._outlet.enquirer, self._tried
        if ask is None or enquirer is None or self._bid_within is not None:
            return tried.last
        while tried.last is not None and tried.last.is_unresolved:
            if tried.asked >= ask.retry.attempts:
                break
            pause = ask.retry.delay(
                tried.asked + 1, chance=1.0, asked=self._ask_later if tried.asked else 0.0
            )
            await self._wait_until(tried.heard_at + round(pause * 1e9), "what became of it is asked later")
            async with self._outlet.enquiries:
                enquiry = Enquiry(self._outlet, enquirer, ask, self._clock)
                await self._enquire(enquiry, tried.last)
            self._ask_later = enquiry.later
        return tried.last

    async def _enquire(self, enquiry: Enquiry, last: Outcome) -> None:
        """Ask once, and write down what is known then."""
        envelope = envelope_for(self._lead, self._name, self._tried.made)
        scope = self._template_scope.after_attempt(envelope.idempotency_key, last.reference)
        asked = DeliveryAsked(
            delivery=self._name,
            destination=self._outlet.destination.name,
            number=self._tried.asked + 1,
            outcome=last,
        )
        asked = await enquiry.make(scope, envelope, asked, self._hidden)
        outcome = self._with_next_attempt(self._priced(asked.outcome), None)
        self._tried.told(outcome)
        self._tried.asked, self._tried.heard_at = asked.number, self._clock.now()
        self._record.note(replace(asked, outcome=outcome))

    async def _wait_until(self, due_at: int, reason: str) -> None:
        """Wait in line; the facts so far are told first. Raises ParkUntil where that would take too long."""
        await trio.lowlevel.checkpoint_if_cancelled()
        pause = max(0.0, (due_at - self._clock.now()) / 1e9)
        if self._parks(pause):
            raise ParkUntil(due_at, reason)
        await self._record.keep()
        await trio.sleep(pause)

    def _parks(self, pause: float) -> bool:
        """Whether a pause is not waited for in line. A bid that comes after it would be no bid."""
        return self._bid_within is None and self._outlet.destination.retry.parks(pause, self._patience.left)

    async def _try(self, mapped: Mapped) -> None:
        refusal = self._asked_to_wait()
        if refusal is not None:
            self._tried.last = refusal
            return
        number = self._tried.made + 1
        envelope = envelope_for(self._lead, self._name, number)
        attempt = Attempt(
            outlet=self._outlet,
            record=self._record,
            clock=self._clock,
            patience=self._patience,
            delivery=self._name,
            number=number,
        )
        try:
            async with self._outlet.slot(self._visit) as wire:
                await self._outlet.adapter.ready()
                request = self._outlet.adapter.compose(mapped, self._template_scope, envelope)
                self._tried.made = number
                self._attempt = attempt
                await attempt.make(
                    wire,
                    request,
                    self,
                    warnings=mapped.warnings,
                    hidden=self._hidden,
                    claims=() if self._visit is None else self._visit.claims,
                )
        except NotSent as error:  # no slot, or no valid request: nothing began
            self._tried.last = without(self._hidden, not_sent(error))
        finally:
            self._lacked_proof = attempt.lacks_proof
            self._attempt = None

    def _asked_to_wait(self) -> Outcome | None:
        """The outlet pauses for longer than we wait in line: the recipient's "later" is for us, too.

        So we fare as the lead to which it was said. Raises ParkUntil where another attempt may follow one
        that hears it, and gives that attempt's outcome where none may; None where the wait is short.
        """
        pause, retry = self._outlet.paused_for, self._outlet.destination.retry
        if not pause or not self._parks(pause):
            return None
        words = f"asked to be left alone for another {pause:.0f} s"
        heard = Outcome(kind=Kind.SOFT_REJECT, code=ReasonCode.UNAVAILABLE, words=words, arrived=Arrived.NO)
        if pause > retry.park_after and retry.is_worth_another(heard, self._tried.made + 1):
            raise ParkUntil(self._clock.now() + round(pause * 1e9), words)
        return heard

    def conclude(self, outcome: Outcome, reply: Reply | None) -> Outcome:
        """The outcome with the time of the next attempt, where there will be one; kept as the last."""
        outcome = self._with_next_attempt(self._priced(self._tried.heard(outcome)), reply)
        self._tried.last = outcome
        self._tried.asked, self._tried.heard_at = 0, self._clock.now()
        if self._visit is not None and self._attempt is not None:
            self._visit.heard = (outcome, self._attempt.seconds)
        return outcome

    @property
    def is_in_doubt(self) -> bool:
        return self._tried.doubt is not None

    def _priced(self, outcome: Outcome) -> Outcome:
        is_ping = self._bid_within is not None
        return outcome if is_ping else priced(outcome, self._outlet.destination.prices, self._template_scope)

    def _with_next_attempt(self, outcome: Outcome, reply: Reply | None) -> Outcome:
        asked = 0.0 if reply is None else retry_after(reply, self._clock.now())
        if reply is not None and asked and reply.status in ASKED_BY:
            self._outlet.pause(asked)
        destination = self._outlet.destination
        resends = destination.when_unknown is WhenUnknown.RESEND or self._bid_within is not None
        retry, made = destination.retry, self._tried.made
        if self._is_cancelled or not retry.is_worth_another(outcome, made, may_resend_unknown=resends):
            return outcome
        pause = retry.delay(made, self._chance(), asked)
        may_park = self._bid_within is None and pause > retry.park_after
        if not may_park and pause >= self._patience.left:
            return outcome
        return replace(outcome, next_attempt_at=self._clock.now() + round(pause * 1e9))

    def overrun(self) -> str:
        """What it means that the time of the whole is up."""
        if self.total == self._bid_within:
            return f"no bid within {self.total:g} s"
        return f"not done within {self.total:g} s in all"

    def why_cancelled(self) -> ReasonCode:
        """What the cancellation of an attempt from outside means."""
        if self._is_cancelled:
            return ReasonCode.CANCELLED
        return self._patience.ran_out() or ReasonCode.INTERRUPTED

    def _is_ours_to_repeat(self, last: Outcome) -> bool:
        """A stop of our own was no try of the recipient's, if sending again can sell nothing twice."""
        resends = self._outlet.destination.when_unknown is WhenUnknown.RESEND
        return last.code is ReasonCode.INTERRUPTED and (last.may_resend or resends)

    def _cut_short(self) -> Outcome:
        """What to make of a delivery that `total` or a cancellation ended from outside."""
        if self._shut is not None and not self._is_cancelled:
            return self._turned_away(self._shut)
        if self._tried.last is not None:
            return replace(self._tried.last, next_attempt_at=None)
        if self._is_cancelled:
            return skipped(ReasonCode.CANCELLED, "cancelled before it was sent")
        if self._lacked_proof:  # behaviour 4.2: a token endpoint that does not answer
            words = f"no credential within {self.total:g} s in all: the token endpoint does not answer"
            return Outcome(kind=Kind.SYSTEM_ERROR, code=ReasonCode.AUTH, words=words, arrived=Arrived.NO)
        words = f"no free slot within {self.total:g} s in all"
        return Outcome(kind=Kind.TIMEOUT, code=ReasonCode.TIMEOUT_TOTAL, words=words, arrived=Arrived.NO)


def _why_again(last: Outcome) -> str:
    """Why a delivery waits for another attempt, for people."""
    said = f": {last.words}" if last.words else ""
    return f"attempt after {last.code or last.kind}{said}"
