"""Where a lead's spans belong: W3C Trace Context in and out, and span ids known before they are drawn.

Ids are derived from (lead, delivery, attempt) and never drawn by lot. So the trace context that a
recipient is sent names the very span that the drawer exports later, and drawing twice is harmless
(design 2.5). What a caller sends is read strictly: half a context is none, because spans that join
a trace by mistake are worse than spans that stand alone.
"""

import re
from hashlib import blake2b
from uuid import UUID

from leadrelay.core.lead import Lead, TraceContext

MAX_STATE = 512  # characters of `tracestate` that are carried along, the least that the W3C asks for
MAX_STATE_MEMBERS = 32
_LONG_MEMBER = 128  # the W3C has longer ones removed first

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_KEY = re.compile(r"[a-z0-9][a-z0-9_\-*/@]{0,255}")
_VALUE = re.compile(r"[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]")
_FORBIDDEN_VERSION = "ff"
_SAMPLED = 1


def parse(traceparent: str, tracestate: str = "") -> TraceContext | None:
    """The caller's context, or None where it sent none that can be trusted.

    A version to come may carry more behind the four fields that are known today. Several
    `tracestate` headers are one, joined by commas; one that cannot be read is left out alone.
    """
    found = _TRACEPARENT.fullmatch(traceparent)
    if found is None:
        return None
    version, trace_id, parent_id, flags, more = found.groups()
    if version == _FORBIDDEN_VERSION or (version == "00" and more is not None):
        return None
    if not trace_id.strip("0") or not parent_id.strip("0"):
        return None
    return TraceContext(
        trace_id=trace_id,
        parent_id=parent_id,
        sampled=bool(int(flags, 16) & _SAMPLED),
        state=parse_tracestate(tracestate),
    )


def parse_tracestate(text: str) -> str:
    """The list in its shortest spelling and cut to what is carried along; empty where it breaks a rule."""
    members = [member for part in text.split(",") if (member := part.rstrip(" \t").lstrip("\t ")) != ""]
    keys = set()
    for member in members:
        key, equals, value = member.partition("=")
        if not equals or not _KEY.fullmatch(key) or not _VALUE.fullmatch(value) or key in keys:
            return ""
        keys.add(key)
    return _cut(members) if len(members) <= MAX_STATE_MEMBERS else ""


def traceparent(trace_id: str, span_id: bytes, *, sampled: bool) -> str:
    """The header in version 00, the highest that is known here."""
    return f"00-{trace_id}-{span_id.hex()}-{'01' if sampled else '00'}"


def traceparent_for_attempt(lead: Lead, delivery: str, attempt: int) -> str:
    """What a recipient is sent: its spans hang below the span of this very attempt."""
    span_id = attempt_span_id(lead.id, delivery, attempt)
    return traceparent(lead.trace.trace_id, span_id, sampled=lead.trace.sampled)


def trace_id_of(lead_id: str) -> str:
    """The trace of a lead whose caller brought none: the 128 bits of its id as 32 hex digits."""
    return UUID(lead_id).hex


def lead_span_id(lead_id: str) -> bytes:
    return _span_id(lead_id)


def delivery_span_id(lead_id: str, delivery: str) -> bytes:
    return _span_id(f"{lead_id}\0{delivery}")


def attempt_span_id(lead_id: str, delivery: str, attempt: int) -> bytes:
    return _span_id(f"{lead_id}\0{delivery}\0{attempt}")


def _span_id(name: str) -> bytes:
    digest = blake2b(name.encode(), digest_size=8).digest()
    return digest if any(digest) else b"\0\0\0\0\0\0\0\1"  # all zero means "no span"


def _cut(members: list[str]) -> str:
    """Whole members only: the long ones go first, then those at the end, which are the oldest."""
    if len(",".join(members)) > MAX_STATE:
        members = [member for member in members if len(member) <= _LONG_MEMBER]
    while len(",".join(members)) > MAX_STATE:
        members = members[:-1]
    return ",".join(members)
