"""What became of a lead, gathered from its events."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from leadrelay_client.v1.delivery_service_pb2 import DeliveryStatus
from leadrelay_client.v1.event_pb2 import Event
from leadrelay_client.v1.outcome_pb2 import Money, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """A lead at the end of its stream; `result` is unspecified if the flow answers before it has settled."""

    lead_id: str = ""
    trace_id: str = ""
    result: Result.ValueType = Result.RESULT_UNSPECIFIED
    reason: str = ""  # for people: who accepted, or why nobody did
    revenue: tuple[Money, ...] = ()  # by currency
    waiting: tuple[str, ...] = ()  # deliveries that rest until an unresolved one is resolved
    # By the step of the flow: the destination's name, with `#2`, `#3` where a flow names it again.
    deliveries: Mapping[str, DeliveryStatus] = field(default_factory=dict)
    events: tuple[Event, ...] = ()

    @property
    def is_settled(self) -> bool:
        return self.result != Result.RESULT_UNSPECIFIED

    @property
    def is_accepted(self) -> bool:
        """By at least one destination, or by all that are required."""
        return self.result == Result.RESULT_SUCCESS


def settlement_of(events: Iterable[Event]) -> Settlement:
    """The sum of one lead's events, from its first on."""
    seen = tuple(events)
    lead_id = trace_id = ""
    end = Event().lead_settled
    deliveries: dict[str, DeliveryStatus] = {}
    for event in seen:
        lead_id = event.lead_id
        kind = event.WhichOneof("kind")
        if kind == "accepted":
            trace_id = event.accepted.trace_id
        elif kind == "lead_settled":
            end = event.lead_settled
        else:
            _count(event, deliveries)
    return Settlement(
        lead_id=lead_id,
        trace_id=trace_id,
        result=end.result,
        reason=end.reason,
        revenue=tuple(end.revenue),
        waiting=tuple(end.waiting),
        deliveries=deliveries,
        events=seen,
    )


def _count(event: Event, deliveries: dict[str, DeliveryStatus]) -> None:
    """Where this event leaves its delivery."""
    kind = event.WhichOneof("kind")
    if kind == "attempt_started":
        started = event.attempt_started
        status = _status(deliveries, started.delivery, started.destination)
        status.attempts = started.attempt
    elif kind == "attempt_ended":
        ended = event.attempt_ended
        status = _status(deliveries, ended.delivery, ended.destination)
        status.outcome.CopyFrom(ended.outcome)
    elif kind == "delivery_ended":
        last = event.delivery_ended
        status = _status(deliveries, last.delivery, last.destination)
        status.attempts, status.ended = last.attempts, True
        status.outcome.CopyFrom(last.outcome)
    elif kind == "delivery_resolved":
        later = event.delivery_resolved
        status = _status(deliveries, later.delivery, later.destination)
        status.ended = status.resolved = True
        status.outcome.CopyFrom(later.outcome)


def _status(deliveries: dict[str, DeliveryStatus], delivery: str, destination: str) -> DeliveryStatus:
    return deliveries.setdefault(delivery, DeliveryStatus(delivery=delivery, destination=destination))
