"""From a `DeliverRequest` to a lead: checked as a whole, so that a caller hears of everything at once."""

import math
import re
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from ipaddress import ip_address
from itertools import islice
from typing import Final

import grpc
from google.protobuf.struct_pb2 import Value
from google.rpc.error_details_pb2 import BadRequest  # type: ignore[import-untyped]

from leadrelay.adapters.direct.adapter import HOPS
from leadrelay.core import structs, trace
from leadrelay.core.lead import (
    MAX_FIELDS,
    MAX_HOPS,
    MAX_LEAD_BYTES,
    MAX_NAME,
    MAX_REQUEST_ID,
    MAX_SOURCE,
    MAX_VALUE_BYTES,
    Lead,
    TraceContext,
)
from leadrelay.edges.grpc.bridge import Abort, Metadata
from leadrelay.v1 import delivery_service_pb2 as pb
from leadrelay.v1 import lead_pb2

Violation = tuple[str, str]  # where, and what is wrong there

MAX_VIOLATIONS: Final = 100  # that one refusal tells
MAX_FLOW: Final = 128  # characters; no catalog has longer names
BAD_NAME: Final = f"a name has 1 to {MAX_NAME} characters and no control characters"
LATEST: Final = 7_258_118_400  # 2200-01-01 in seconds since the epoch

_ON_DISCONNECT, _DETAIL = frozenset(pb.OnDisconnect.values()), frozenset(pb.Detail.values())
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def read_lead(
    request: pb.DeliverRequest, metadata: Metadata, *, lead_id: str, now: int, catalog_version: int
) -> Lead:
    """The lead of a request. Aborts with INVALID_ARGUMENT and a violation for each thing wrong."""
    hops, violations = _hops(metadata), list(islice(_violations(request), MAX_VIOLATIONS))
    if hops is None:
        violations.append((HOPS, f"is no number from 0 to {MAX_HOPS}"))
    if violations:
        raise refuse("the lead cannot be taken", violations)
    return _lead(
        request.lead,
        lead_id=lead_id,
        flow=request.flow,
        now=now,
        context=_trace(metadata, lead_id),
        catalog_version=catalog_version,
        request_id=request.request_id,
        hops=hops or 0,
    )


def sample_lead(message: lead_pb2.Lead, *, flow: str, lead_id: str, now: int, catalog_version: int) -> Lead:
    """A lead that is looked at and not delivered; it is refused for what any lead is refused for."""
    violations = list(islice(_lead_violations(message), MAX_VIOLATIONS))
    if violations:
        raise refuse("the lead cannot be taken", violations)
    context = TraceContext(trace_id=trace.trace_id_of(lead_id))
    return _lead(
        message, lead_id=lead_id, flow=flow, now=now, context=context, catalog_version=catalog_version
    )


def _lead(
    message: lead_pb2.Lead,
    *,
    lead_id: str,
    flow: str,
    now: int,
    context: TraceContext,
    catalog_version: int,
    request_id: str = "",
    hops: int = 0,
) -> Lead:
    return Lead(
        id=lead_id,
        flow=flow,
        fields=dict(message.fields),
        nested=structs.data(message.nested) if message.HasField("nested") else {},
        source=message.source,
        received_at=now,
        submitted_at=_submitted_at(message.submission),
        ip=message.submission.ip,
        request_id=request_id,
        hops=hops,
        trace=context,
        catalog_version=catalog_version,
    )


def digest(request: pb.DeliverRequest) -> str:
    """Equal for two requests that ask for the same delivery of the same lead, whatever client wrote them."""
    asked = pb.DeliverRequest(flow=request.flow, lead=request.lead)
    asked.lead.ClearField("id")  # these two are the server's to set
    asked.lead.ClearField("received_at")
    if not asked.lead.nested.fields:  # as good as absent, and some clients send it so
        asked.lead.ClearField("nested")
    if not asked.lead.submission.ListFields():
        asked.lead.ClearField("submission")
    return blake2b(asked.SerializeToString(deterministic=True), digest_size=16).hexdigest()


def refuse(what: str, violations: Sequence[Violation]) -> Abort:
    """INVALID_ARGUMENT that names everything that is wrong."""
    details = BadRequest(
        field_violations=[
            BadRequest.FieldViolation(field=field, description=words) for field, words in violations
        ]
    )
    words = "; ".join(f"{field}: {words}" for field, words in violations)
    return Abort(grpc.StatusCode.INVALID_ARGUMENT, f"{what}: {words}", details)


def has_control_characters(text: str) -> bool:
    """Line breaks and terminal codes; a space of any script is none."""
    return not text.isprintable() and _CONTROL.search(text) is not None


def _violations(request: pb.DeliverRequest) -> Iterator[Violation]:
    yield from _call_violations(request)
    yield from _lead_violations(request.lead)


def _lead_violations(lead: lead_pb2.Lead) -> Iterator[Violation]:
    if len(lead.source) > MAX_SOURCE:
        yield "lead.source", f"is longer than {MAX_SOURCE} characters"
    elif has_control_characters(lead.source):
        yield "lead.source", "contains control characters"
    yield from _submission_violations(lead.submission)
    count, size = len(lead.fields) + len(lead.nested.fields), lead.ByteSize()
    if not count:
        yield "lead.fields", "is empty; a lead has at least one field"
    if count > MAX_FIELDS:
        yield "lead.fields", f"has {count} fields; at most {MAX_FIELDS} are taken"
    if size > MAX_LEAD_BYTES:
        yield "lead", f"is {size} bytes; at most {MAX_LEAD_BYTES} are taken"
    if count <= MAX_FIELDS and size <= MAX_LEAD_BYTES:  # beyond, to look at each would take long
        yield from _field_violations(lead)


def _call_violations(request: pb.DeliverRequest) -> Iterator[Violation]:
    if not request.flow:
        yield "flow", "name the flow that the lead is to take"
    elif len(request.flow) > MAX_FLOW:
        yield "flow", f"is longer than {MAX_FLOW} characters"
    if len(request.request_id) > MAX_REQUEST_ID:
        yield "request_id", f"is longer than {MAX_REQUEST_ID} characters"
    elif has_control_characters(request.request_id):
        yield "request_id", "contains control characters"
    if request.on_disconnect not in _ON_DISCONNECT:
        yield "on_disconnect", f"this server knows no value {request.on_disconnect}"
    if request.detail not in _DETAIL:
        yield "detail", f"this server knows no value {request.detail}"


def _submission_violations(submission: lead_pb2.Submission) -> Iterator[Violation]:
    if submission.HasField("timestamp"):
        at = submission.timestamp
        if not (0 <= at.seconds < LATEST and 0 <= at.nanos < 1_000_000_000):
            yield "lead.submission.timestamp", "is no moment from 1970 to 2199"
    if submission.ip and not _is_address(submission.ip):
        yield "lead.submission.ip", "is neither an IPv4 nor an IPv6 address"


def _field_violations(lead: lead_pb2.Lead) -> Iterator[Violation]:
    """On the path of every lead, so nothing is called that a sane field does not need."""
    for name, value in lead.fields.items():
        if not _is_name(name):
            yield _place("fields", name), BAD_NAME
        # The length in characters bounds the length in bytes from below and, times four, from above.
        if len(value) * 4 > MAX_VALUE_BYTES and len(value.encode()) > MAX_VALUE_BYTES:
            yield _place("fields", name), f"the value is longer than {MAX_VALUE_BYTES} bytes"
    for name, nested in lead.nested.fields.items():
        if not _is_name(name):
            yield _place("nested", name), BAD_NAME
        if name in lead.fields:
            yield _place("nested", name), "is in `fields` too; give it once"
        if not _is_finite(nested):
            yield _place("nested", name), "contains a number that is not finite"


def _is_name(name: str) -> bool:
    return 0 < len(name) <= MAX_NAME and not has_control_characters(name)


def _place(member: str, name: str) -> str:
    return f"lead.{member}[{name[:MAX_NAME]!r}]"


def _is_finite(value: Value) -> bool:
    """Whether every number at or below a value is one. Protobuf bounds how deep it can be."""
    match value.WhichOneof("kind"):
        case "number_value":
            return math.isfinite(value.number_value)
        case "struct_value":
            return all(map(_is_finite, value.struct_value.fields.values()))
        case "list_value":
            return all(map(_is_finite, value.list_value.values))
    return True


def _is_address(text: str) -> bool:
    """A zone, as in `fe80::1%eth0`, means something on one machine only and may be any text."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def _submitted_at(submission: lead_pb2.Submission) -> int | None:
    return submission.timestamp.ToNanoseconds() if submission.HasField("timestamp") else None


def _trace(metadata: Metadata, lead_id: str) -> TraceContext:
    """The caller's own trace where it brought one (W3C Trace Context), else the lead's."""
    parents, states = _values(metadata, "traceparent"), _values(metadata, "tracestate")
    context = trace.parse(parents[0], ",".join(states)) if len(parents) == 1 else None
    return context or TraceContext(trace_id=trace.trace_id_of(lead_id))


def _hops(metadata: Metadata) -> int | None:
    """How many servers the lead has passed before this one; None where the metadata say no number."""
    said = _values(metadata, HOPS)
    if not said:
        return 0
    is_number = len(said) == 1 and said[0].isascii() and said[0].isdigit() and len(said[0]) < 4
    hops = int(said[0]) if is_number else MAX_HOPS + 1
    return hops if hops <= MAX_HOPS else None


def _values(metadata: Metadata, name: str) -> list[str]:
    return [value for key, value in metadata if key == name and isinstance(value, str)]
