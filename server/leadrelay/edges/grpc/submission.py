"""From a `DeliverRequest` to a lead: checked as a whole, so that a caller hears of everything at once."""

from collections.abc import Iterator
from hashlib import blake2b
from ipaddress import ip_address

import grpc
from google.protobuf.json_format import MessageToDict
from google.rpc.error_details_pb2 import BadRequest  # type: ignore[import-untyped]

from leadrelay.core import trace
from leadrelay.core.lead import (
    MAX_FIELDS,
    MAX_LEAD_BYTES,
    MAX_NAME,
    MAX_REQUEST_ID,
    MAX_SOURCE,
    MAX_VALUE_BYTES,
    Lead,
    TraceContext,
)
from leadrelay.edges.grpc.bridge import Abort, Call
from leadrelay.v1 import delivery_service_pb2, lead_pb2

Violation = tuple[str, str]  # where, and what is wrong there


def read_lead(
    request: delivery_service_pb2.DeliverRequest, call: Call, *, lead_id: str, now: int, catalog_version: int
) -> Lead:
    """The lead of a request. Aborts with INVALID_ARGUMENT and a violation for each thing wrong."""
    violations = list(_violations(request))
    if violations:
        raise refuse("the lead cannot be taken", violations)
    message = request.lead
    return Lead(
        id=lead_id,
        flow=request.flow,
        fields=dict(message.fields),
        nested=MessageToDict(message.nested) if message.HasField("nested") else {},
        source=message.source,
        received_at=now,
        submitted_at=_submitted_at(message),
        ip=message.submission.ip,
        request_id=request.request_id,
        trace=_trace(call, lead_id),
        catalog_version=catalog_version,
    )


def digest(request: delivery_service_pb2.DeliverRequest) -> str:
    """Equal for two requests that ask for the same delivery of the same lead."""
    asked = delivery_service_pb2.DeliverRequest(flow=request.flow, lead=request.lead)
    return blake2b(asked.SerializeToString(deterministic=True), digest_size=16).hexdigest()


def refuse(what: str, violations: list[Violation]) -> Abort:
    """INVALID_ARGUMENT that names everything that is wrong."""
    details = BadRequest(
        field_violations=[
            BadRequest.FieldViolation(field=field, description=words) for field, words in violations
        ]
    )
    words = "; ".join(f"{field}: {words}" for field, words in violations)
    return Abort(grpc.StatusCode.INVALID_ARGUMENT, f"{what}: {words}", details)


def _violations(request: delivery_service_pb2.DeliverRequest) -> Iterator[Violation]:
    lead = request.lead
    if not request.flow:
        yield "flow", "name the flow that the lead is to take"
    if len(request.request_id) > MAX_REQUEST_ID:
        yield "request_id", f"is longer than {MAX_REQUEST_ID} characters"
    if not request.request_id.isprintable():
        yield "request_id", "contains control characters"
    if not lead.fields and not lead.nested.fields:
        yield "lead.fields", "is empty; a lead has at least one field"
    if len(lead.fields) > MAX_FIELDS:
        yield "lead.fields", f"has {len(lead.fields)} fields; at most {MAX_FIELDS} are taken"
    if len(lead.source) > MAX_SOURCE:
        yield "lead.source", f"is longer than {MAX_SOURCE} characters"
    if (size := lead.ByteSize()) > MAX_LEAD_BYTES:
        yield "lead", f"is {size} bytes; at most {MAX_LEAD_BYTES} are taken"
    for name, value in lead.fields.items():
        yield from _field_violations(name, value)
    for name in lead.nested.fields:
        if name in lead.fields:
            yield f"lead.nested.{name[:MAX_NAME]}", "is in `fields` too; give it once"
    yield from _submission_violations(lead)


def _field_violations(name: str, value: str) -> Iterator[Violation]:
    if not name or len(name) > MAX_NAME or not name.isprintable():
        yield (
            f"lead.fields[{name[:MAX_NAME]!r}]",
            (f"a name has 1 to {MAX_NAME} characters and no control characters"),
        )
    # The length in characters bounds the length in bytes from below and, times four, from above.
    if len(value) * 4 > MAX_VALUE_BYTES and len(value.encode()) > MAX_VALUE_BYTES:
        yield f"lead.fields[{name[:MAX_NAME]!r}]", f"the value is longer than {MAX_VALUE_BYTES} bytes"


def _submission_violations(lead: lead_pb2.Lead) -> Iterator[Violation]:
    if lead.submission.ip:
        try:
            ip_address(lead.submission.ip)
        except ValueError:
            yield "lead.submission.ip", "is neither an IPv4 nor an IPv6 address"


def _submitted_at(message: lead_pb2.Lead) -> int | None:
    if not message.submission.HasField("timestamp"):
        return None
    return message.submission.timestamp.ToNanoseconds()


def _trace(call: Call, lead_id: str) -> TraceContext:
    """The caller's own trace where it brought one (W3C Trace Context), else the lead's."""
    header, state = call.get("traceparent"), call.get("tracestate")
    if isinstance(header, str):
        context = trace.parse(header, state if isinstance(state, str) else "")
        if context is not None:
            return context
    return TraceContext(trace_id=trace.trace_id_of(lead_id))
