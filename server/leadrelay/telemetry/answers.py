"""What became of a batch of spans, as the OTLP specification divides it.

Taken (perhaps not every span), refused for good, or not now: nothing else decides what happens next.
In one thing we wait longer than it asks for: where our key or the address is wrong, any batch would be
refused until somebody has mended that, and the journal keeps all of them until then (behaviour 10).
"""

from dataclasses import dataclass

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

MAX_WORDS = 200  # characters of a collector's message that are worth a log line


@dataclass(frozen=True, slots=True)
class Taken:
    """The collector has the batch, less the spans that it rejected; it must not be sent again."""

    rejected: int = 0
    words: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The same batch would be refused again."""

    words: str


@dataclass(frozen=True, slots=True)
class NotNow:
    """The same batch may be taken later."""

    words: str
    after: float = 0.0  # seconds that the collector asked for; 0: it did not


Answer = Taken | Refused | NotNow


def taken(body: bytes) -> Taken:
    """From the collector's message. One that cannot be read changes nothing: it said yes."""
    try:
        partial = ExportTraceServiceResponse.FromString(body).partial_success
    except DecodeError:
        return Taken()
    return Taken(partial.rejected_spans, partial.error_message[:MAX_WORDS])
