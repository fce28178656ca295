"""Facts as OTLP spans, built straight as protobuf messages (design 2.5, behaviour 10).

One span for the lead, one for each delivery, one CLIENT span for each attempt with the request and
the reply as its events. A span is drawn once its end is known, and the same facts always make the
same span. Records come masked from the journal, so nothing is masked here.

A recipient's "no" is not an error of ours: a span fails when the technology did, or when the
recipient itself said so with an HTTP status of 400 or above, as the conventions ask of a client.
"""

from functools import lru_cache
from typing import Final, NamedTuple

from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from opentelemetry.semconv.attributes.error_attributes import ERROR_TYPE
from opentelemetry.semconv.attributes.http_attributes import HTTP_REQUEST_RESEND_COUNT

from leadrelay.core import trace
from leadrelay.core.exchange import ReplyRecord
from leadrelay.core.facts import AttemptEnded, AttemptStarted, DeliveryEnded, LeadSettled
from leadrelay.core.lead import Lead
from leadrelay.core.outcome import Arrived, Kind, Outcome, ReasonCode, Result
from leadrelay.telemetry import attributes as a
from leadrelay.telemetry import exchange

# An attempt whose end nobody wrote down, because the process ended first (behaviour 4.5).
LOST = Outcome(kind=Kind.SYSTEM_ERROR, code=ReasonCode.INTERRUPTED, arrived=Arrived.UNKNOWN)

_TECHNICAL: Final = (Kind.SYSTEM_ERROR, Kind.TIMEOUT)
_SAMPLED_LOCAL, _SAMPLED_REMOTE = 0x101, 0x301  # the W3C flag, "we know where the parent is", "elsewhere"


class Shared(NamedTuple):
    """What all spans of one lead have in common. It holds none of the lead's answers."""

    lead_id: str
    flow: str
    received_at: int
    trace_id: bytes
    state: str
    span_id: bytes
    parent_id: bytes  # empty: the lead span is the root
    request_id: str
    again_of: str
    every: bytes  # attributes of all its spans, ready to be merged
    own: bytes  # of the lead span alone


def shared(lead: Lead) -> Shared:
    """Raises ValueError for a trace context that is none."""
    trace_id, parent_id = bytes.fromhex(lead.trace.trace_id), bytes.fromhex(lead.trace.parent_id)
    if len(trace_id) != 16 or len(parent_id) not in (0, 8):
        raise ValueError("a trace id has 32 hex digits and a span id has 16")
    every = Span()
    a.text(every.attributes, a.LEAD_ID, lead.id)
    return Shared(
        lead_id=lead.id,
        flow=lead.flow,
        received_at=lead.received_at,
        trace_id=trace_id,
        state=lead.trace.state,
        span_id=trace.lead_span_id(lead.id),
        parent_id=parent_id,
        request_id=lead.request_id,
        again_of=lead.again_of,
        every=every.SerializeToString() + _flow(lead.flow),
        own=_origin(lead.source, lead.catalog_version),
    )


def lead_span(lead: Shared, settled: LeadSettled, at: int) -> Span:
    """SERVER, because someone handed the lead in; it lasts beyond that call until the lead is settled.

    A lead that settles again, once an unresolved delivery is resolved, is drawn again with the same
    id and its new end.
    """
    failed = settled.result in (Result.ERROR, Result.UNRESOLVED)
    span = Span(
        trace_id=lead.trace_id,
        span_id=lead.span_id,
        trace_state=lead.state,
        parent_span_id=lead.parent_id,
        flags=_SAMPLED_REMOTE if lead.parent_id else _SAMPLED_LOCAL,
        name=f"lead {lead.flow}",
        kind=Span.SPAN_KIND_SERVER,
        start_time_unix_nano=lead.received_at,
        end_time_unix_nano=max(at, lead.received_at),  # the wall clock may have been set back
        status=_error(settled.result) if failed else None,
    )
    span.MergeFromString(lead.every + lead.own + _result(settled.result, settled.accepted))
    if lead.request_id:
        a.text(span.attributes, a.LEAD_REQUEST_ID, lead.request_id)
    if lead.again_of:
        a.text(span.attributes, a.LEAD_AGAIN_OF, lead.again_of)
    if settled.reason:
        a.text(span.attributes, a.LEAD_REASON, settled.reason)
    if settled.revenue:
        amounts = [f"{money.amount} {money.currency}".rstrip() for money in settled.revenue]
        a.text(span.attributes, a.LEAD_REVENUE, ", ".join(amounts))
    if settled.waiting:
        a.texts(span.attributes, a.LEAD_WAITING, settled.waiting)
    return span


def delivery_span(lead: Shared, ended: DeliveryEnded, at: int, began_at: int) -> Span:
    """One destination's whole story; without length where it was not tried, and then it says why."""
    outcome = ended.outcome
    what = str(outcome.code or outcome.kind)
    failed = outcome.kind in _TECHNICAL
    span = Span(
        trace_id=lead.trace_id,
        span_id=trace.delivery_span_id(lead.lead_id, ended.delivery),
        trace_state=lead.state,
        parent_span_id=lead.span_id,
        flags=_SAMPLED_LOCAL,
        name=f"deliver {ended.delivery}",
        kind=Span.SPAN_KIND_INTERNAL,
        start_time_unix_nano=began_at,
        end_time_unix_nano=max(at, began_at),
        status=_error(what) if failed else None,
    )
    span.MergeFromString(
        lead.every
        + _delivery(ended.delivery, ended.destination)
        + _attempts(ended.attempts)
        + _verdict(outcome).on_span
        + (_error_type(what) if failed else b"")
    )
    _words(span.attributes, outcome)
    if ended.is_ping:
        a.flag(span.attributes, a.DELIVERY_PING)
    return span


def attempt_span(
    lead: Shared, ended: AttemptEnded, at: int, *, began_at: int, started: AttemptStarted | None
) -> Span:
    """One try. `started` is None where the journal holds none: then there is no request to show."""
    request = started.request if started else None
    is_rpc = exchange.is_rpc(request)
    failure = _failure(ended.outcome, None if is_rpc else ended.reply)
    verdict = _verdict(ended.outcome)
    span = Span(
        trace_id=lead.trace_id,
        span_id=trace.attempt_span_id(lead.lead_id, ended.delivery, ended.attempt),
        trace_state=lead.state,
        parent_span_id=trace.delivery_span_id(lead.lead_id, ended.delivery),
        flags=_SAMPLED_LOCAL,
        name=f"{exchange.verb(request)} {ended.delivery}",
        kind=Span.SPAN_KIND_CLIENT,
        start_time_unix_nano=began_at,
        end_time_unix_nano=max(at, began_at),
        status=_error(failure[1]) if failure else None,
    )
    span.MergeFromString(
        lead.every
        + _delivery(ended.delivery, ended.destination)
        + _which_attempt(ended.attempt)
        + (exchange.target(request.method, request.url).on_span if request else b"")
        + (exchange.status(ended.reply.status).on_span if ended.reply and not is_rpc else b"")
        + verdict.on_span
        + (_error_type(failure[0]) if failure else b"")
    )
    _words(span.attributes, ended.outcome)
    sent_at = ended.sent_at or began_at
    if ended.overrun:
        a.number(span.attributes, a.DELIVERY_OVERRUN, ended.overrun)
    if ended.endpoint:
        a.text(span.attributes, a.DELIVERY_ENDPOINT, ended.endpoint)
    if ended.passed_over:
        a.text(span.attributes, a.DELIVERY_PASSED_OVER, "; ".join(ended.passed_over))
    if ended.batch:
        a.text(span.attributes, a.DELIVERY_BATCH, ended.batch)
        a.number(span.attributes, a.DELIVERY_BATCH_SIZE, ended.batch_size)
    if started and request:
        exchange.add_request(span, request, started.warnings, sent_at)
    if ended.reply:
        event = exchange.add_response(span, ended.reply, sent_at + ended.took, has_status=not is_rpc)
        event.MergeFromString(verdict.on_event)
        _words(event.attributes, ended.outcome)
    return span


def _words(onto: a.Attributes, outcome: Outcome) -> None:
    """What differs from lead to lead."""
    if outcome.reference:
        a.text(onto, a.OUTCOME_REFERENCE, outcome.reference)
    if outcome.words:
        a.text(onto, a.OUTCOME_WORDS, outcome.words)


def _verdict(outcome: Outcome) -> a.Ready:
    price = "" if outcome.price is None else str(outcome.price)
    return _ready_verdict(outcome.kind, outcome.code, outcome.arrived, price, outcome.currency)


def _failure(outcome: Outcome, reply: ReplyRecord | None) -> tuple[str, str] | None:
    """`error.type` and the status message of a failed attempt. The conventions want no message
    where the HTTP status says it all."""
    status = str(reply.status) if reply and reply.status >= 400 else ""
    if outcome.kind in _TECHNICAL:
        what = str(outcome.code or outcome.kind)
        return status or what, what
    return (status, "") if status and not outcome.accepted else None


def _error(message: str) -> Status:
    return Status(code=Status.STATUS_CODE_ERROR, message=message)


# What repeats from lead to lead, made once.


@lru_cache(maxsize=256)
def _flow(flow: str) -> bytes:
    return a.ready({a.LEAD_FLOW: flow}).on_span


@lru_cache(maxsize=1024)
def _origin(source: str, catalog_version: int) -> bytes:
    return a.ready({a.LEAD_SOURCE: source, a.LEAD_CATALOG_VERSION: catalog_version}).on_span


@lru_cache(maxsize=256)
def _result(result: Result, accepted: int) -> bytes:
    return a.ready({a.LEAD_RESULT: result, a.LEAD_ACCEPTED: accepted}).on_span


@lru_cache(maxsize=1024)
def _delivery(delivery: str, destination: str) -> bytes:
    return a.ready({a.DELIVERY_NAME: delivery, a.DELIVERY_DESTINATION: destination}).on_span


@lru_cache(maxsize=256)
def _attempts(made: int) -> bytes:
    return a.ready({a.DELIVERY_ATTEMPTS: made}).on_span


@lru_cache(maxsize=256)
def _which_attempt(attempt: int) -> bytes:
    resent = {HTTP_REQUEST_RESEND_COUNT: attempt - 1} if attempt > 1 else {}
    return a.ready({a.DELIVERY_ATTEMPT: attempt} | resent).on_span


@lru_cache(maxsize=256)
def _error_type(what: str) -> bytes:
    return a.ready({ERROR_TYPE: what}).on_span


@lru_cache(maxsize=4096)
def _ready_verdict(
    kind: Kind, code: ReasonCode | None, arrived: Arrived, price: str, currency: str
) -> a.Ready:
    return a.ready(
        {
            a.OUTCOME_KIND: kind,
            a.OUTCOME_CODE: code or "",
            a.OUTCOME_ARRIVED: arrived,
            a.OUTCOME_PRICE: price,
            a.OUTCOME_CURRENCY: currency,
        }
    )
