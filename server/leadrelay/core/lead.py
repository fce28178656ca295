"""A lead as its source handed it over; never edited, because a correction is a new lead.

Times are integers, nanoseconds since the Unix epoch in UTC: exact, cheap, and what spans want.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

MAX_FIELDS = 512
MAX_NAME = 128  # characters
MAX_VALUE_BYTES = 64 * 1024
MAX_LEAD_BYTES = 1024 * 1024
MAX_REQUEST_ID = 128  # characters
MAX_SOURCE = 256  # characters
MAX_HOPS = 100  # no chain of servers that anybody means is longer


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceContext:
    """Where a lead's spans belong (W3C Trace Context)."""

    trace_id: str  # 32 hex digits
    parent_id: str = ""  # 16 hex digits; empty: the lead span is the root
    sampled: bool = True
    state: str = ""  # `tracestate`, carried along unread


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """Answers by field name with what is known of their origin."""

    id: str  # UUIDv7 in its canonical text form
    flow: str
    fields: Mapping[str, str]
    received_at: int
    trace: TraceContext
    catalog_version: int
    nested: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    submitted_at: int | None = None  # None: the source did not say
    ip: str = ""
    request_id: str = ""  # empty: the caller gave none
    hops: int = 0  # servers that it passed before this one, by direct deliveries
    again_of: str = ""  # the lead that this one repeats (`Redeliver`); empty: none

    @property
    def random(self) -> int:
        """1 to 100, fixed for the lead: for splits that a retry or a restart must not change."""
        return UUID(self.id).int % 100 + 1


def uuid7(milliseconds: int, randomness: bytes) -> str:
    """A UUIDv7 (RFC 9562, 5.7) from a Unix time in milliseconds and 10 random bytes."""
    stamp = (milliseconds & (1 << 48) - 1) << 80
    tail = int.from_bytes(randomness[:10], "big")
    low = stamp | tail
    low = low & ~(0xF << 76) | 0x7 << 76
    low = low & ~(0x3 << 62) | 0x2 << 62
    return str(UUID(int=low))
