"""One lead as far as the drawer has followed it: what the spans to come need of facts gone by.

It knows the lead's place in the trace, the attempts still open and when each delivery began, and
forgets every request as soon as its span is drawn. It can be made again from the journal at any
time, so it may be dropped at any time.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from leadrelay.core.exchange import RequestRecord
from leadrelay.core.facts import (
    AttemptEnded,
    AttemptStarted,
    DeliveryAsked,
    DeliveryEnded,
    DeliveryParked,
    DeliveryResolved,
    Entry,
    LeadCancelled,
    LeadParked,
    LeadReceived,
    LeadSettled,
)
from leadrelay.telemetry import attributes as a
from leadrelay.telemetry import spans

_WEIGHT = 2048  # bytes, roughly, of a picture and of each open attempt, without its body


@dataclass(frozen=True, slots=True)
class Open:
    """An attempt whose end has not been seen."""

    at: int
    started: AttemptStarted


class Picture:
    """Follows one lead, fact by fact and in order."""

    def __init__(self, received: Entry) -> None:
        """Begin with the lead's first fact. Raises ValueError for any other."""
        if not isinstance(received.fact, LeadReceived):
            raise ValueError(f"a lead begins with LeadReceived and not {type(received.fact).__name__}")
        lead = received.fact.lead
        self.number = received.number  # of the last fact that was taken in
        self.weight = _WEIGHT  # bytes, roughly
        self._is_sampled = lead.trace.sampled
        self._shared = spans.shared(lead)
        self._open: dict[tuple[str, int], Open] = {}
        self._began: dict[str, int] = {}
        self._ended: dict[str, int] = {}
        self._asked: dict[str, list[tuple[DeliveryAsked, int]]] = {}
        self._parked: dict[str, list[tuple[DeliveryParked, int]]] = {}
        self._cancelled: tuple[str, int] | None = None

    def add(self, entry: Entry) -> list[Span]:
        """Take in the next fact; the spans that end with it."""
        drawn = self._draw(entry) if self._is_sampled else []
        self.learn(entry)
        return drawn

    def learn(self, entry: Entry) -> None:
        """Take in a fact whose spans were drawn before."""
        self.number = entry.number
        match entry.fact:
            case AttemptStarted() as fact:
                self._began.setdefault(fact.delivery, entry.at)
                self._close(fact.delivery, fact.attempt)
                self._open[fact.delivery, fact.attempt] = Open(entry.at, fact)
                self.weight += _weight(fact.request)
            case AttemptEnded() as fact:
                self._began.setdefault(fact.delivery, _began(fact, entry.at))
                self._close(fact.delivery, fact.attempt)
            case DeliveryAsked() as fact:
                self._asked.setdefault(fact.delivery, []).append((fact, entry.at))
            case DeliveryParked() as fact:
                self._parked.setdefault(fact.delivery, []).append((fact, entry.at))
            case DeliveryEnded() as fact:
                self._ended[fact.delivery] = entry.at
                for attempt in self._lost(fact.delivery):
                    self._close(fact.delivery, attempt.started.attempt)
            case LeadCancelled() as fact:
                self._cancelled = (fact.reason, entry.at)
            case LeadReceived() | LeadParked() | DeliveryResolved() | LeadSettled():
                pass

    def _draw(self, entry: Entry) -> list[Span]:
        match entry.fact:
            case AttemptEnded() as fact:
                return [self._attempt(fact, entry.at, self._open.get((fact.delivery, fact.attempt)))]
            case DeliveryEnded() as fact:
                lost = [self._attempt(_lost_end(each), entry.at, each) for each in self._lost(fact.delivery)]
                return [*lost, self._delivery(fact, entry.at)]
            case DeliveryResolved() as fact:
                return [self._delivery_resolved(fact, entry.at)]
            case LeadSettled() as fact:
                return [self._lead(fact, entry.at)]
            case _:
                return []

    def _attempt(self, fact: AttemptEnded, at: int, opened: Open | None) -> Span:
        began_at = opened.at if opened else _began(fact, at)
        started = opened.started if opened else None
        return spans.attempt_span(self._shared, fact, at, began_at=began_at, started=started)

    def _delivery(self, fact: DeliveryEnded, at: int) -> Span:
        span = spans.delivery_span(self._shared, fact, at, self._began.get(fact.delivery, at))
        for parked, parked_at in self._parked.get(fact.delivery, ()):
            event = span.events.add(name="delivery.parked", time_unix_nano=parked_at)
            a.number(event.attributes, a.DELIVERY_DUE_AT, parked.due_at)
            a.text(event.attributes, a.DELIVERY_REASON, parked.reason)
        for asked, asked_at in self._asked.get(fact.delivery, ()):
            event = span.events.add(name="delivery.asked", time_unix_nano=asked_at)
            a.text(event.attributes, a.OUTCOME_KIND, asked.outcome.kind)
            a.text(event.attributes, a.OUTCOME_ARRIVED, asked.outcome.arrived)
            a.text(event.attributes, a.OUTCOME_WORDS, asked.outcome.words)
        return span

    def _delivery_resolved(self, fact: DeliveryResolved, at: int) -> Span:
        """The delivery's span once more, under its own id and with what is known now."""
        ended = DeliveryEnded(
            delivery=fact.delivery,
            destination=fact.destination,
            outcome=fact.outcome,
            attempts=fact.attempts,
        )
        span = self._delivery(ended, self._ended.get(fact.delivery, at))
        event = span.events.add(name="delivery.resolved", time_unix_nano=at)
        a.text(event.attributes, a.DELIVERY_REASON, fact.outcome.words)
        return span

    def _lead(self, fact: LeadSettled, at: int) -> Span:
        span = spans.lead_span(self._shared, fact, at)
        if self._cancelled:
            reason, cancelled_at = self._cancelled
            event = span.events.add(name="lead.cancelled", time_unix_nano=cancelled_at)
            a.text(event.attributes, a.LEAD_REASON, reason)
        return span

    def _lost(self, delivery: str) -> list[Open]:
        return [opened for (name, _), opened in self._open.items() if name == delivery]

    def _close(self, delivery: str, attempt: int) -> None:
        opened = self._open.pop((delivery, attempt), None)
        if opened:
            self.weight -= _weight(opened.started.request)


def restored(entries: Iterable[Entry], before: int) -> Picture | None:
    """The picture as it was before a fact, from the lead's journal; None where its beginning is missing."""
    known = iter(entries)
    first = next(known, None)
    if first is None or first.number >= before:
        return None
    picture = Picture(first)
    for entry in known:
        if entry.number < before:
            picture.learn(entry)
    return picture


def _lost_end(opened: Open) -> AttemptEnded:
    """What the journal would say had the process lived to write it."""
    started = opened.started
    return AttemptEnded(
        delivery=started.delivery,
        destination=started.destination,
        attempt=started.attempt,
        outcome=spans.LOST,
    )


def _began(ended: AttemptEnded, at: int) -> int:
    """When an attempt began whose start was not written down."""
    return ended.sent_at or at - ended.took


def _weight(request: RequestRecord | None) -> int:
    return _WEIGHT + len(request.body) + len(request.url) if request else _WEIGHT
