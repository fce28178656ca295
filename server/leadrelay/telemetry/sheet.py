"""One batch of spans on its way to the collector, bounded by number and by size.

Spans are serialised as they are drawn and framed into the request by hand. So the size is exact,
no span is encoded twice, and a full batch is some bytes rather than ten thousand small messages.
"""

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

from leadrelay.telemetry.resource import SCHEMA_URL, SCOPE

MAX_SPANS = 512  # what the SDK's own processor sends at most
MAX_BYTES = 1024 * 1024  # a quarter of what a gRPC collector takes by default

_SPANS = ScopeSpans.SPANS_FIELD_NUMBER
_SCOPE_SPANS = ResourceSpans.SCOPE_SPANS_FIELD_NUMBER
_RESOURCE_SPANS = ExportTraceServiceRequest.RESOURCE_SPANS_FIELD_NUMBER


class Sheet:
    def __init__(self, resource: Resource) -> None:
        self._resource = ResourceSpans(resource=resource, schema_url=SCHEMA_URL).SerializeToString()
        self._scope = ScopeSpans(scope=SCOPE, schema_url=SCHEMA_URL).SerializeToString()
        self._spans: list[bytes] = []
        self.size = 0  # bytes

    def __len__(self) -> int:
        return len(self._spans)

    @property
    def is_full(self) -> bool:
        return len(self._spans) >= MAX_SPANS or self.size >= MAX_BYTES

    def add(self, span: Span) -> None:
        framed = _framed(_SPANS, span.SerializeToString())
        self._spans.append(framed)
        self.size += len(framed)

    def take(self) -> bytes:
        """An `ExportTraceServiceRequest` of all that was added; the sheet is blank again."""
        scope_spans = self._scope + b"".join(self._spans)
        self._spans.clear()
        self.size = 0
        return _framed(_RESOURCE_SPANS, self._resource + _framed(_SCOPE_SPANS, scope_spans))


def _framed(field: int, message: bytes) -> bytes:
    """An embedded message as it stands inside another: tag, length, bytes."""
    length, left = bytearray(), len(message)
    while left > 0x7F:
        length.append(left & 0x7F | 0x80)
        left >>= 7
    length.append(left)
    return bytes((field << 3 | 2,)) + length + message
