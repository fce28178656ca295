"""Spans as plain values, read back from the bytes that a collector would get."""

from dataclasses import dataclass
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from leadrelay.core.facts import Entry
from leadrelay.telemetry.picture import Picture

Values = dict[str, Any]


@dataclass(frozen=True)
class Drawn:
    """One span."""

    message: Span

    @property
    def said(self) -> Values:
        return plain(self.message.attributes)

    @property
    def events(self) -> dict[str, Values]:
        return {event.name: plain(event.attributes) for event in self.message.events}


def drawn(entries: list[Entry]) -> dict[str, Drawn]:
    """All spans of a lead by name."""
    picture = Picture(entries[0])
    found = [span for entry in entries[1:] for span in picture.add(entry)]
    return {span.name: Drawn(Span.FromString(span.SerializeToString())) for span in found}


def spans_in(request: ExportTraceServiceRequest) -> list[Span]:
    return [span for group in request.resource_spans for scope in group.scope_spans for span in scope.spans]


def plain(attributes: Any) -> Values:
    found: Values = {}
    pair: KeyValue
    for pair in attributes:
        assert pair.key not in found, f"{pair.key} is said twice"
        found[pair.key] = _value(pair.value)
    return found


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(each) for each in value.array_value.values]
    return getattr(value, kind) if kind else None
