"""A lead's facts, told by hand: second by second from MOMENT."""

from dataclasses import replace
from decimal import Decimal

from leadrelay.core.exchange import ReplyRecord, RequestRecord
from leadrelay.core.facts import (
    AttemptEnded,
    AttemptStarted,
    DeliveryEnded,
    DeliveryParked,
    DeliveryResolved,
    Entry,
    Fact,
    LeadCancelled,
    LeadReceived,
    LeadSettled,
)
from leadrelay.core.lead import TraceContext
from leadrelay.core.outcome import Arrived, Kind, Money, Outcome, ReasonCode, Result
from values import LEAD_ID, MOMENT, a_lead

ACCEPTED = Outcome(kind=Kind.SUCCESS, price=Decimal("12.50"), currency="USD", reference="B-1")
REJECTED = Outcome(kind=Kind.HARD_REJECT, code=ReasonCode.OUT_OF_AREA, words="We do not buy in TX")
UNANSWERED = Outcome(kind=Kind.TIMEOUT, code=ReasonCode.TIMEOUT_RESPONSE, arrived=Arrived.UNKNOWN)

REQUEST = RequestRecord(
    method="POST",
    url="https://buyer.example.com:8443/leads?key=***",
    headers=(("content-type", "application/json"), ("authorization", "***")),
    body='{"state":"TX"}',
)
YES = ReplyRecord(status=200, headers=(("content-type", "application/json"),), body='{"result":"accepted"}')
NO = ReplyRecord(status=200, headers=(("content-type", "application/json"),), body='{"result":"rejected"}')


class Story:
    """Collects entries; `after` is in seconds since the lead was received."""

    def __init__(
        self, lead_id: str = LEAD_ID, *, trace: TraceContext | None = None, source: str = ""
    ) -> None:
        lead = replace(a_lead(lead_id=lead_id, request_id=f"order-{lead_id[-4:]}"), source=source)
        self.lead = replace(lead, trace=trace) if trace else lead
        self.entries: list[Entry] = []
        self.tell(LeadReceived(lead=self.lead), 0)

    def tell(self, fact: Fact, after: float) -> Entry:
        entry = Entry(self.lead.id, len(self.entries) + 1, at(after), fact)
        self.entries.append(entry)
        return entry

    def starts(
        self, delivery: str, after: float, attempt: int = 1, request: RequestRecord = REQUEST
    ) -> Entry:
        destination = delivery.partition("#")[0]
        fact = AttemptStarted(delivery=delivery, destination=destination, attempt=attempt, request=request)
        return self.tell(fact, after)

    def ends(
        self,
        delivery: str,
        after: float,
        outcome: Outcome,
        *,
        attempt: int = 1,
        reply: ReplyRecord | None = None,
        sent: float | None = None,
    ) -> Entry:
        """`sent`: when the first byte left; the last one came in at `after`."""
        fact = AttemptEnded(
            delivery=delivery,
            destination=delivery.partition("#")[0],
            attempt=attempt,
            outcome=outcome,
            reply=reply,
            sent_at=None if sent is None else at(sent),
            took=0 if sent is None else at(after) - at(sent),
        )
        return self.tell(fact, after)

    def parks(self, delivery: str, after: float, until: float, reason: str) -> Entry:
        destination = delivery.partition("#")[0]
        fact = DeliveryParked(delivery=delivery, destination=destination, due_at=at(until), reason=reason)
        return self.tell(fact, after)

    def concludes(self, delivery: str, after: float, outcome: Outcome, attempts: int = 1) -> Entry:
        destination = delivery.partition("#")[0]
        fact = DeliveryEnded(delivery=delivery, destination=destination, outcome=outcome, attempts=attempts)
        return self.tell(fact, after)

    def resolves(self, delivery: str, after: float, outcome: Outcome, attempts: int = 1) -> Entry:
        destination = delivery.partition("#")[0]
        fact = DeliveryResolved(
            delivery=delivery, destination=destination, outcome=outcome, attempts=attempts
        )
        return self.tell(fact, after)

    def cancelled(self, after: float, reason: str) -> Entry:
        return self.tell(LeadCancelled(reason=reason), after)

    def settles(
        self,
        after: float,
        result: Result,
        reason: str = "",
        *,
        revenue: tuple[Money, ...] = (),
        accepted: int = 0,
        waiting: tuple[str, ...] = (),
    ) -> Entry:
        fact = LeadSettled(result=result, reason=reason, revenue=revenue, accepted=accepted, waiting=waiting)
        return self.tell(fact, after)


def at(seconds: float) -> int:
    return MOMENT + round(seconds * 1e9)


def sold(lead_id: str = LEAD_ID, *, trace: TraceContext | None = None) -> Story:
    """The crm says no, the buyer accepts: five spans."""
    story = Story(lead_id, trace=trace)
    story.starts("crm", 0.1)
    story.ends("crm", 0.4, REJECTED, reply=NO, sent=0.15)
    story.concludes("crm", 0.4, REJECTED)
    story.starts("buyer", 0.5)
    story.ends("buyer", 0.9, ACCEPTED, reply=YES, sent=0.6)
    story.concludes("buyer", 0.9, ACCEPTED)
    revenue = (Money(amount=Decimal("12.50"), currency="USD"),)
    story.settles(1.0, Result.SUCCESS, "accepted by buyer", revenue=revenue, accepted=1)
    return story
