"""Carries one lead through its flow: one task, owning a nursery of deliveries (design 2.2).

The courier is a loop: start what the plan names, feed the answers back, until the lead has
settled, or until all that is open is parked: then it leaves, and another one comes when the first
delivery is due. It decides nothing itself, so a restart can go on wherever the facts end.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import trio

from leadrelay.core.bids import final
from leadrelay.core.catalog import Catalog
from leadrelay.core.errors import ParkUntil
from leadrelay.core.facts import (
    DeliveryEnded,
    DeliveryParked,
    LeadCancelled,
    LeadParked,
    LeadReceived,
    LeadSettled,
)
from leadrelay.core.flow import Deliver
from leadrelay.core.masking import hide, hide_cut
from leadrelay.core.outcome import Arrived, Kind, Outcome, ReasonCode, skipped
from leadrelay.core.plan import Plan, plan
from leadrelay.core.ports import Clock
from leadrelay.core.pricing import priced
from leadrelay.core.resolving import resolve
from leadrelay.core.scope import DeliveryContext, Known, Scope
from leadrelay.core.sending import hidden_texts, idempotency_key, without
from leadrelay.core.settlement import Settlement
from leadrelay.core.standing import Standing, Tried
from leadrelay.core.turns import turns_to_draw
from leadrelay.core.walk import Answers, Start, visible
from leadrelay.runtime.defects import report
from leadrelay.runtime.delivery import Delivery
from leadrelay.runtime.outlets import Outlets
from leadrelay.runtime.record import LeadRecord

_CANCELLED: Final = skipped(ReasonCode.CANCELLED, "cancelled before it was sent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """What every courier of a server shares."""

    outlets: Outlets
    clock: Clock
    chance: Callable[[], float]  # in [0, 1), for jitter


class Courier:
    """One lead in flight."""

    def __init__(
        self, *, standing: Standing, catalog: Catalog, record: LeadRecord, equipment: Equipment
    ) -> None:
        """`standing` says what was done already; `record` has its number."""
        self.lead_id = standing.lead.id
        self._lead, self._catalog, self._record = standing.lead, catalog, record
        self._flow = catalog.flows[standing.lead.flow]
        self._outlets, self._clock, self._chance = equipment.outlets, equipment.clock, equipment.chance
        self._state, self._answers, self._tried = standing, standing.answers, standing.deliveries
        self._turns = standing.turns
        self._known = Known()  # what was read of the lead, for all its scopes
        self._is_cancelled = standing.cancelled is not None
        self._under_way: dict[str, Delivery | None] = {}
        self._news = trio.Event()
        self._hidden = hidden_texts(self._lead, catalog.sensitive)
        self.is_durable = trio.Event()  # the lead's first facts are in the journal
        self.rests_until: int | None = None  # it leaves, or has left, with all that is open parked
        # Its last fact is noted, and nothing more is taken in, unless somebody resolves what is unresolved.
        self.is_leaving = standing.settled is not None

    def receive(self, digest: str) -> None:
        """Note that the lead is new; it is durable once `is_durable` is set."""
        self._turns = turns_to_draw(self._flow, self._lead, self._known)
        self._record.note(LeadReceived(lead=self._lead, digest=digest, turns=self._turns))

    def cancel(self, reason: str) -> None:
        """Send nothing more; what is out already is waited for."""
        if self._is_cancelled:
            return
        self._is_cancelled = True
        self._record.note(LeadCancelled(reason=hide(reason, self._hidden)))
        for delivery in self._under_way.values():
            if delivery is not None:
                delivery.cancel()
        self._news.set()

    @property
    def waits(self) -> dict[str, str]:
        """The parked deliveries that wait for a place under a cap, and which."""
        return {name: each.waits_for for name, each in self._tried.items() if each.due_at and each.waits_for}

    def call_up(self, delivery: str, cap: str) -> bool:
        """Let a parked delivery have another look; False where it does not wait for that cap."""
        if self.waits.get(delivery) != cap:
            return False
        self._tried[delivery].due_at = None
        self._news.set()
        return True

    def resolve(self, delivery: str, outcome: Outcome) -> None:
        """Say what became of an unresolved delivery. Raises UnknownDelivery and NotUnresolved."""
        outcome = self._priced(delivery, outcome)
        fact = resolve(self._state, delivery, without(self._hidden, outcome))
        if fact is not None:
            self._state.resolve(fact)
            self.is_leaving = False
            self._answers[delivery] = outcome
            self._record.note(fact)
            self._news.set()

    async def written(self) -> None:
        """Return once everything so far is durable. Raises what the journal raises."""
        await self._record.tell()

    async def run(self) -> None:
        """Carry the lead until it has settled, or `rests_until` a moment. Raises what the journal raises."""
        try:
            await self._learn_turns()
            async with trio.open_nursery() as nursery:
                while self._state.settled is None:
                    self._news = trio.Event()
                    settlement, parked = self._go_on(nursery)
                    if settlement is not None:
                        self._record.note(self._settled(settlement))
                        break
                    if parked and not self._under_way:
                        self.rests_until = min(parked)
                        self._record.note(LeadParked(due_at=self.rests_until, waits=self.waits))
                        break
                    await self._record.keep()
                    self.is_durable.set()
                    await self._wait(parked)
                self.is_leaving = True
        finally:
            await self._record.keep()  # also what a cancellation left noted
        self.is_durable.set()

    async def _learn_turns(self) -> None:
        """What the journal drew for a new lead; only a lead that draws waits to be durable first."""
        if not all(self._turns.values()):
            await self._record.tell()
            self.is_durable.set()
            self._turns = (await self._record.received()).turns

    def _go_on(self, nursery: trio.Nursery) -> tuple[Settlement | None, list[int]]:
        """Start what is due; the settlement once nothing is open, and until when deliveries are parked."""
        decided = self._plan(self._answers)
        for skip in decided.skip:
            self._end(skip.deliver, without(self._hidden, skip.outcome), attempts=0)
        parked: list[int] = []
        for start in decided.start:
            if start.deliver.delivery in self._under_way:
                continue
            if due_at := self._rests(start):
                parked.append(due_at)
            else:
                self._under_way[start.deliver.delivery] = None
                nursery.start_soon(self._deliver, start)
        return self._called_off(decided.settled), parked

    def _called_off(self, settlement: Settlement | None) -> Settlement | None:
        """What of a cancelled lead rests behind an unresolved delivery will never be sent."""
        if settlement is None or not self._is_cancelled:
            return settlement
        for deliver in self._flow.deliveries():
            if deliver.delivery in settlement.waiting:
                self._end(deliver, _CANCELLED, attempts=0)
        return replace(settlement, waiting=())

    def _plan(self, answers: Answers) -> Plan:
        return plan(
            self._flow,
            self._lead,
            answers,
            self._catalog.sensitive,
            turns=self._turns,
            known=self._known,
            late=self._state.late,
        )

    def _priced(self, delivery: str, outcome: Outcome) -> Outcome:
        """What somebody says of a delivery, priced as the recipient's own answer would have been."""
        unsaid = {name: answer for name, answer in self._answers.items() if name != delivery}
        for start in self._plan(unsaid).start:
            if start.deliver.delivery == delivery:
                destination = self._catalog.destinations[start.deliver.destination]
                return priced(outcome, destination.prices, self._scope(start))
        return outcome

    def _rests(self, start: Start) -> int | None:
        """Until when a delivery is parked; None where it is not, or no longer."""
        tried = self._tried.get(start.deliver.delivery)
        if tried is None or tried.due_at is None:
            return None
        if self._is_cancelled or tried.due_at <= self._clock.now():
            tried.due_at = None
        return tried.due_at

    async def _wait(self, parked: Sequence[int]) -> None:
        """For news, or for the first of these moments."""
        if not parked:
            await self._news.wait()
            return
        with trio.move_on_after(max(0.0, (min(parked) - self._clock.now()) / 1e9)):
            await self._news.wait()

    async def _deliver(self, start: Start) -> None:
        """One delivery from its start to its answer."""
        name = start.deliver.delivery
        tried = self._tried.setdefault(name, Tried(destination=start.deliver.destination))
        try:
            outcome = await self._carry(start, tried)
        except ParkUntil as far:
            self._park(start.deliver, tried, far)
        else:
            outcome = final(start.deliver, tried.in_the_end(outcome))
            self._end(start.deliver, outcome, attempts=tried.made)
        self._news.set()

    async def _carry(self, start: Start, tried: Tried) -> Outcome:
        if self._is_cancelled and not tried.made:
            return _CANCELLED
        name, destination = start.deliver.delivery, self._catalog.destinations[start.deliver.destination]
        try:
            async with self._outlets.door(destination) as outlet:
                delivery = Delivery(
                    lead=self._lead,
                    name=name,
                    scope=self._scope(start),
                    outlet=outlet,
                    record=self._record,
                    clock=self._clock,
                    chance=self._chance,
                    tried=tried,
                    hidden=self._hidden,
                    bid_within=start.deliver.bid_within,
                )
                self._under_way[name] = delivery
                if self._is_cancelled:
                    delivery.cancel()
                return await delivery.carry()
        except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError) as error:
            # A defect of ours costs this delivery and nothing else.
            report(f"lead {self._lead.id}, delivery {name}", error)
            words = "internal error, see the server's log"
            return Outcome(kind=Kind.SYSTEM_ERROR, code=ReasonCode.OTHER, words=words, arrived=Arrived.NO)

    def _park(self, deliver: Deliver, tried: Tried, far: ParkUntil) -> None:
        del self._under_way[deliver.delivery]
        tried.due_at, tried.waits_for = far.due_at, far.cap
        self._record.note(
            DeliveryParked(
                delivery=deliver.delivery,
                destination=deliver.destination,
                due_at=far.due_at,
                reason=far.reason,
                cap=far.cap,
            )
        )

    def _end(self, deliver: Deliver, outcome: Outcome, attempts: int) -> None:
        self._answers[deliver.delivery] = outcome
        self._tried.setdefault(deliver.delivery, Tried(destination=deliver.destination)).final = outcome
        self._under_way.pop(deliver.delivery, None)
        self._record.note(
            DeliveryEnded(
                delivery=deliver.delivery,
                destination=deliver.destination,
                outcome=outcome,
                attempts=attempts,
                is_ping=deliver.is_ping,
            )
        )

    def _scope(self, start: Start) -> Scope:
        """What the delivery's mapping may read: the lead, and the answers of steps before it."""
        return Scope.of(
            self._lead,
            **visible(self._answers, start.sees),
            destination=start.deliver.destination,
            delivery=DeliveryContext(
                id=start.deliver.delivery, idempotency_key=idempotency_key(self._lead, start.deliver.delivery)
            ),
            price=None if start.bid is None else start.bid.price,
            bid=start.bid,
            now=self._clock.now(),
            known=self._known,
        )

    def _settled(self, settlement: Settlement) -> LeadSettled:
        return LeadSettled(
            result=settlement.result,
            reason=hide_cut(settlement.reason, self._hidden),
            revenue=settlement.revenue,
            accepted=settlement.accepted,
            waiting=settlement.waiting,
        )
