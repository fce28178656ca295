"""A lead's facts from its events: what a server tells, read back into the values that are drawn.

Events say less than facts: the lead's own answers are not among them.
"""

from collections.abc import Mapping
from decimal import Decimal

from leadrelay.core import facts
from leadrelay.core.exchange import ReplyRecord, RequestRecord
from leadrelay.core.facts import Entry, Fact
from leadrelay.core.lead import Lead, TraceContext
from leadrelay.core.outcome import Arrived, Kind, Money, Outcome, ReasonCode, Result
from leadrelay.edges.cli.line import word
from leadrelay_client.v1 import delivery_service_pb2, event_pb2, outcome_pb2


def entry_of(event: event_pb2.Event, status: delivery_service_pb2.LeadStatus) -> Entry:
    """The journal entry that an event was made from. Raises ValueError for one of a newer server."""
    try:
        return Entry(event.lead_id, event.number, event.at.ToNanoseconds(), _fact(event, status))
    except (ValueError, ArithmeticError) as error:
        raise ValueError(f"event {event.number} says what this version does not know: {error}") from error


def _fact(event: event_pb2.Event, status: delivery_service_pb2.LeadStatus) -> Fact:
    match event.WhichOneof("kind"):
        case "accepted":
            return facts.LeadReceived(lead=_lead(event.accepted, status))
        case "attempt_started":
            started = event.attempt_started
            return facts.AttemptStarted(
                delivery=started.delivery,
                destination=started.destination,
                attempt=started.attempt,
                request=request_of(started.request) if started.HasField("request") else None,
                warnings=tuple(started.warnings),
            )
        case "attempt_ended":
            return _attempt_ended(event.attempt_ended, event.at.ToNanoseconds())
        case "delivery_asked":
            return _delivery_asked(event.delivery_asked, event.at.ToNanoseconds())
        case "delivery_parked":
            parked = event.delivery_parked
            return facts.DeliveryParked(
                delivery=parked.delivery,
                destination=parked.destination,
                due_at=parked.due_at.ToNanoseconds(),
                reason=parked.reason,
            )
        case "lead_parked":
            return facts.LeadParked(due_at=event.lead_parked.due_at.ToNanoseconds())
        case "delivery_ended":
            ended = event.delivery_ended
            return facts.DeliveryEnded(
                delivery=ended.delivery,
                destination=ended.destination,
                outcome=_outcome(ended.outcome),
                attempts=ended.attempts,
                is_ping=ended.ping,
            )
        case "delivery_resolved":
            resolved = event.delivery_resolved
            return facts.DeliveryResolved(
                delivery=resolved.delivery,
                destination=resolved.destination,
                outcome=_outcome(resolved.outcome),
                attempts=resolved.attempts,
            )
        case "lead_settled":
            settled = event.lead_settled
            return facts.LeadSettled(
                result=Result(word(outcome_pb2.Result.Name, settled.result)),
                reason=settled.reason,
                revenue=tuple(
                    Money(amount=Decimal(money.amount), currency=money.currency) for money in settled.revenue
                ),
                accepted=settled.accepted,
                waiting=tuple(settled.waiting),
            )
        case "lead_cancelled":
            return facts.LeadCancelled(reason=event.lead_cancelled.reason)
        case kind:
            raise ValueError(f"an event of the kind {kind}")


def _lead(accepted: event_pb2.Accepted, status: delivery_service_pb2.LeadStatus) -> Lead:
    return Lead(
        id=status.lead_id,
        flow=accepted.flow,
        fields={},
        received_at=status.received_at.ToNanoseconds(),
        source=accepted.source,
        request_id=accepted.request_id,
        trace=TraceContext(trace_id=accepted.trace_id),
        catalog_version=accepted.catalog_version,
        again_of=accepted.again_of,
    )


def _attempt_ended(ended: event_pb2.AttemptEnded, at: int) -> facts.AttemptEnded:
    was_sent = ended.HasField("response_time")
    took = ended.response_time.ToNanoseconds() if was_sent else 0
    return facts.AttemptEnded(
        delivery=ended.delivery,
        destination=ended.destination,
        attempt=ended.attempt,
        outcome=_outcome(ended.outcome),
        reply=reply_of(ended.reply) if ended.HasField("reply") else None,
        sent_at=at - took if was_sent else None,
        took=took,
        overrun=ended.overrun.ToNanoseconds(),
        endpoint=ended.endpoint,
        passed_over=tuple(ended.passed_over),
        batch=ended.batch,
        batch_size=ended.batch_size,
    )


def _delivery_asked(asked: event_pb2.DeliveryAsked, at: int) -> facts.DeliveryAsked:
    was_sent = asked.HasField("response_time")
    took = asked.response_time.ToNanoseconds() if was_sent else 0
    return facts.DeliveryAsked(
        delivery=asked.delivery,
        destination=asked.destination,
        number=asked.number,
        outcome=_outcome(asked.outcome),
        request=request_of(asked.request) if asked.HasField("request") else None,
        reply=reply_of(asked.reply) if asked.HasField("reply") else None,
        sent_at=at - took if was_sent else None,
        took=took,
    )


def _outcome(message: outcome_pb2.Outcome) -> Outcome:
    return Outcome(
        kind=Kind(word(outcome_pb2.OutcomeKind.Name, message.kind)),
        code=_code(message.code),
        words=message.words,
        arrived=Arrived(word(outcome_pb2.Arrived.Name, message.arrived)),
        price=Decimal(message.price.amount) if message.HasField("price") else None,
        currency=message.price.currency,
        reference=message.reference,
        next_attempt_at=(
            message.next_attempt_at.ToNanoseconds() if message.HasField("next_attempt_at") else None
        ),
    )


def _code(number: int) -> ReasonCode | None:
    """The list only grows, and what is new in it reads as `other`."""
    if not number:
        return None
    name = word(outcome_pb2.ReasonCode.Name, number)
    return ReasonCode(name) if name in ReasonCode._value2member_map_ else ReasonCode.OTHER


def request_of(message: event_pb2.RequestRecord) -> RequestRecord:
    return RequestRecord(
        method=message.method,
        url=message.url,
        headers=_headers(message.headers),
        body=message.body,
        is_base64=message.body_is_base64,
        truncated=message.truncated,
    )


def reply_of(message: event_pb2.ReplyRecord) -> ReplyRecord:
    return ReplyRecord(
        status=message.status,
        url=message.url,
        headers=_headers(message.headers),
        body=message.body,
        is_base64=message.body_is_base64,
        truncated=message.truncated,
    )


def _headers(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(headers.items()))
