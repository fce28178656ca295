"""Between the messages of the protos and the values of `core`; nothing is decided here.

Events are written on the hot path, so messages are built field by field and never by way of
dictionaries.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from leadrelay.core import facts, outcome
from leadrelay.core.exchange import ReplyRecord, RequestRecord
from leadrelay.core.facts import Entry
from leadrelay.core.masking import MASK
from leadrelay.core.outcome import Arrived, Kind, Outcome, ReasonCode, Result
from leadrelay.core.reading.leadconduit import COOKIE
from leadrelay.core.standing import Standing
from leadrelay.core.structs import struct
from leadrelay.v1 import delivery_service_pb2, event_pb2, outcome_pb2

KINDS = {kind: outcome_pb2.OutcomeKind.Value(f"OUTCOME_KIND_{kind.name}") for kind in Kind}
CODES = {code: outcome_pb2.ReasonCode.Value(f"REASON_CODE_{code.name}") for code in ReasonCode}
ARRIVED = {arrived: outcome_pb2.Arrived.Value(f"ARRIVED_{arrived.name}") for arrived in Arrived}
RESULTS = {result: outcome_pb2.Result.Value(f"RESULT_{result.name}") for result in Result}


def timestamp(nanoseconds: int) -> Timestamp:
    """A moment in ns since the epoch."""
    return Timestamp(seconds=nanoseconds // 1_000_000_000, nanos=nanoseconds % 1_000_000_000)


def duration(nanoseconds: int) -> Duration:
    return Duration(seconds=nanoseconds // 1_000_000_000, nanos=nanoseconds % 1_000_000_000)


def event(entry: Entry, *, full: bool) -> event_pb2.Event:
    """A fact as callers see it; `full` adds the masked requests and replies."""
    message = event_pb2.Event(lead_id=entry.lead_id, number=entry.number, at=timestamp(entry.at))
    match entry.fact:
        case facts.LeadReceived(lead=lead):
            message.accepted.flow = lead.flow
            message.accepted.request_id = lead.request_id
            message.accepted.catalog_version = lead.catalog_version
            message.accepted.trace_id = lead.trace.trace_id
            message.accepted.source = lead.source
            message.accepted.again_of = lead.again_of
        case facts.AttemptStarted() as fact:
            message.attempt_started.CopyFrom(_attempt_started(fact, full))
        case facts.AttemptEnded() as fact:
            message.attempt_ended.CopyFrom(_attempt_ended(fact, full))
        case facts.DeliveryAsked() as fact:
            message.delivery_asked.CopyFrom(_delivery_asked(fact, full))
        case facts.DeliveryParked() as fact:
            message.delivery_parked.delivery = fact.delivery
            message.delivery_parked.destination = fact.destination
            message.delivery_parked.due_at.CopyFrom(timestamp(fact.due_at))
            message.delivery_parked.reason = fact.reason
        case facts.LeadParked(due_at=due_at):
            message.lead_parked.due_at.CopyFrom(timestamp(due_at))
        case facts.DeliveryEnded() as fact:
            message.delivery_ended.delivery = fact.delivery
            message.delivery_ended.destination = fact.destination
            message.delivery_ended.attempts = fact.attempts
            message.delivery_ended.ping = fact.is_ping
            message.delivery_ended.outcome.CopyFrom(outcome_message(fact.outcome))
        case facts.DeliveryResolved() as fact:
            message.delivery_resolved.delivery = fact.delivery
            message.delivery_resolved.destination = fact.destination
            message.delivery_resolved.attempts = fact.attempts
            message.delivery_resolved.outcome.CopyFrom(outcome_message(fact.outcome))
        case facts.LeadSettled() as fact:
            message.lead_settled.CopyFrom(_lead_settled(fact))
        case facts.LeadCancelled(reason=reason):
            message.lead_cancelled.reason = reason
    return message


def outcome_message(answer: Outcome, *, with_appended: bool = True) -> outcome_pb2.Outcome:
    message = outcome_pb2.Outcome(
        kind=KINDS[answer.kind],
        code=CODES[answer.code] if answer.code is not None else outcome_pb2.REASON_CODE_UNSPECIFIED,
        words=answer.words,
        arrived=ARRIVED[answer.arrived],
        reference=answer.reference,
    )
    if answer.price is not None:
        message.price.amount, message.price.currency = _amount(answer.price), answer.currency
    if answer.next_attempt_at is not None:
        message.next_attempt_at.CopyFrom(timestamp(answer.next_attempt_at))
    if with_appended and answer.appended:
        message.appended.CopyFrom(struct(_shown(answer.appended)))
    return message


def _shown(appended: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is kept of a reply, but for a session's cookie, which only a later step may read."""
    return {**appended, COOKIE: MASK} if isinstance(appended.get(COOKIE), str) else appended


def lead_status(state: Standing) -> delivery_service_pb2.LeadStatus:
    """Where a lead stands."""
    lead, settled = state.lead, state.settled
    message = delivery_service_pb2.LeadStatus(
        lead_id=lead.id,
        request_id=lead.request_id,
        flow=lead.flow,
        received_at=timestamp(lead.received_at),
        last_event=state.last_number,
        trace_id=lead.trace.trace_id,
        source=lead.source,
        again_of=lead.again_of,
    )
    if settled is not None:
        message.result = RESULTS[settled.result]
        message.reason = settled.reason
    message.revenue.extend(_money(settled.revenue if settled is not None else state.earned))
    for name, tried in state.deliveries.items():
        row = message.deliveries.add(
            delivery=name,
            destination=tried.destination,
            attempts=tried.made,
            ended=tried.final is not None,
            resolved=tried.at_first is not None,
            ping=tried.is_ping,
        )
        if tried.due_at is not None and tried.final is None:
            row.due_at.CopyFrom(timestamp(tried.due_at))
        known = tried.final or tried.last
        if known is not None:
            row.outcome.CopyFrom(outcome_message(known))
    return message


def _attempt_started(fact: facts.AttemptStarted, full: bool) -> event_pb2.AttemptStarted:
    message = event_pb2.AttemptStarted(
        delivery=fact.delivery,
        destination=fact.destination,
        attempt=fact.attempt,
        warnings=fact.warnings,
    )
    if full and fact.request is not None:
        message.request.CopyFrom(request_record(fact.request))
    return message


def _attempt_ended(fact: facts.AttemptEnded, full: bool) -> event_pb2.AttemptEnded:
    message = event_pb2.AttemptEnded(
        delivery=fact.delivery,
        destination=fact.destination,
        attempt=fact.attempt,
        outcome=outcome_message(fact.outcome, with_appended=False),
        endpoint=fact.endpoint,
        passed_over=fact.passed_over,
        batch=fact.batch,
        batch_size=fact.batch_size,
    )
    if fact.sent_at is not None:
        message.response_time.CopyFrom(duration(max(0, fact.took)))
    if fact.overrun:
        message.overrun.CopyFrom(duration(fact.overrun))
    if full and fact.reply is not None:
        message.reply.CopyFrom(reply_record(fact.reply))
    return message


def _delivery_asked(fact: facts.DeliveryAsked, full: bool) -> event_pb2.DeliveryAsked:
    message = event_pb2.DeliveryAsked(
        delivery=fact.delivery,
        destination=fact.destination,
        number=fact.number,
        outcome=outcome_message(fact.outcome, with_appended=False),
    )
    if fact.sent_at is not None:
        message.response_time.CopyFrom(duration(max(0, fact.took)))
    if full and fact.request is not None:
        message.request.CopyFrom(request_record(fact.request))
    if full and fact.reply is not None:
        message.reply.CopyFrom(reply_record(fact.reply))
    return message


def _lead_settled(fact: facts.LeadSettled) -> event_pb2.LeadSettled:
    return event_pb2.LeadSettled(
        result=RESULTS[fact.result],
        reason=fact.reason,
        revenue=_money(fact.revenue),
        accepted=fact.accepted,
        waiting=fact.waiting,
    )


def request_record(record: RequestRecord) -> event_pb2.RequestRecord:
    return event_pb2.RequestRecord(
        method=record.method,
        url=record.url,
        headers=_headers(record.headers),
        body=record.body,
        body_is_base64=record.is_base64,
        truncated=record.truncated,
    )


def reply_record(record: ReplyRecord) -> event_pb2.ReplyRecord:
    return event_pb2.ReplyRecord(
        status=record.status,
        url=record.url,
        headers=_headers(record.headers),
        body=record.body,
        body_is_base64=record.is_base64,
        truncated=record.truncated,
    )


def _headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """By name; a header that came several times has its values joined by commas (RFC 9110, 5.3)."""
    joined: dict[str, str] = {}
    for name, value in headers:
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def _money(amounts: Iterable[outcome.Money]) -> list[outcome_pb2.Money]:
    return [outcome_pb2.Money(amount=_amount(money.amount), currency=money.currency) for money in amounts]


def _amount(amount: Decimal) -> str:
    return format(amount, "f")  # never with an exponent, which not every reader takes
