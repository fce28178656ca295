"""A batch is what the SDK would have sent, byte by byte readable and bounded."""

from collections.abc import Mapping
from typing import Any

import pytest
from google.protobuf.message import Message
from opentelemetry.context import Context
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)
from opentelemetry.trace.span import TraceState

from leadrelay.core.lead import TraceContext
from leadrelay.telemetry.picture import Picture
from leadrelay.telemetry.resource import SCHEMA_URL, SCOPE, our_resource
from leadrelay.telemetry.sheet import MAX_BYTES, MAX_SPANS, Sheet
from telemetry.drawn import plain, spans_in
from telemetry.story import UNANSWERED, Story, sold


def exported(story: Story) -> ExportTraceServiceRequest:
    sheet, picture = Sheet(our_resource()), Picture(story.entries[0])
    for entry in story.entries[1:]:
        for span in picture.add(entry):
            sheet.add(span)
    return ExportTraceServiceRequest.FromString(sheet.take())


def test_all_spans_share_one_resource_and_one_scope() -> None:
    request = exported(sold())
    (group,) = request.resource_spans
    (scope,) = group.scope_spans
    assert group.resource == our_resource()
    assert scope.scope == SCOPE
    assert group.schema_url == scope.schema_url == SCHEMA_URL
    assert len(scope.spans) == 5


def test_a_sheet_is_blank_again_once_it_is_taken() -> None:
    sheet = Sheet(our_resource())
    sheet.add(Span(name="a"))
    sheet.take()
    assert (len(sheet), sheet.size) == (0, 0)
    sheet.add(Span(name="b"))
    (span,) = spans_in(ExportTraceServiceRequest.FromString(sheet.take()))
    assert span.name == "b"


def test_a_sheet_is_full_by_number_or_by_size() -> None:
    many = Sheet(our_resource())
    for _ in range(MAX_SPANS):
        assert not many.is_full
        many.add(Span(name="small"))
    assert many.is_full
    large = Sheet(our_resource())
    large.add(Span(name="x" * MAX_BYTES))
    assert large.is_full
    assert len(large.take()) >= MAX_BYTES


@pytest.mark.parametrize("length", [0, 1, 127, 128, 16383, 16384, 2_097_152])
def test_spans_of_any_length_are_framed_as_protobuf_has_it(length: int) -> None:
    sheet = Sheet(our_resource())
    sheet.add(Span(name="x" * length))
    (span,) = spans_in(ExportTraceServiceRequest.FromString(sheet.take()))
    assert len(span.name) == length


class OurIds(IdGenerator):
    """The SDK draws ids by lot; here it is handed ours."""

    def __init__(self, span: Span) -> None:
        self._span = span

    def generate_trace_id(self) -> int:
        return int.from_bytes(self._span.trace_id, "big")

    def generate_span_id(self) -> int:
        return int.from_bytes(self._span.span_id, "big")


def by_the_sdk(span: Span) -> ReadableSpan:
    """The same span, made with the SDK's own tracer."""
    provider = TracerProvider(resource=Resource({}), id_generator=OurIds(span), shutdown_on_exit=False)
    memory = InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(memory))
    twin = provider.get_tracer("leadrelay").start_span(
        span.name,
        context=_parent(span),
        kind=SpanKind(span.kind - 1),  # the API counts from 0, the protocol from 1
        attributes=plain(span.attributes),
        start_time=span.start_time_unix_nano,
    )
    for event in span.events:
        twin.add_event(event.name, plain(event.attributes), event.time_unix_nano)
    if span.status.code:
        twin.set_status(StatusCode(span.status.code), span.status.message)
    twin.end(span.end_time_unix_nano)
    (finished,) = memory.get_finished_spans()
    return finished


def _parent(span: Span) -> Context:
    if not span.parent_span_id:
        return Context()
    return set_span_in_context(
        NonRecordingSpan(
            SpanContext(
                trace_id=int.from_bytes(span.trace_id, "big"),
                span_id=int.from_bytes(span.parent_span_id, "big"),
                is_remote=bool(span.flags & 0x200),
                trace_flags=TraceFlags(span.flags & 0xFF),
                trace_state=TraceState.from_header([span.trace_state]),
            )
        ),
        Context(),
    )


def _failed() -> Story:
    story = Story()
    story.starts("crm", 0)
    story.ends("crm", 1, UNANSWERED, sent=0)
    story.concludes("crm", 1, UNANSWERED)
    return story


@pytest.mark.parametrize(
    "story",
    [
        sold(),
        sold(trace=TraceContext(trace_id="ab" * 16, parent_id="cd" * 8, state="congo=t61,rojo=00f")),
        _failed(),
    ],
    ids=["alone", "joined", "failed"],
)
def test_every_span_is_one_that_the_sdk_could_have_made(story: Story) -> None:
    """The SDK is the reference (design 2.5): it keeps every value that we set, and adds none."""
    for span in spans_in(exported(story)):
        twin = by_the_sdk(span)
        context = twin.get_span_context()
        assert context is not None
        assert context.trace_id.to_bytes(16, "big") == span.trace_id
        assert context.span_id.to_bytes(8, "big") == span.span_id
        assert context.trace_state.to_header() == span.trace_state
        assert int(context.trace_flags) == span.flags & 0xFF
        assert (twin.parent.span_id.to_bytes(8, "big") if twin.parent else b"") == span.parent_span_id
        assert (twin.start_time, twin.end_time) == (span.start_time_unix_nano, span.end_time_unix_nano)
        assert _listed(twin.attributes) == plain(span.attributes)
        assert [(event.name, event.timestamp, _listed(event.attributes)) for event in twin.events] == [
            (event.name, event.time_unix_nano, plain(event.attributes)) for event in span.events
        ]
        assert twin.status.status_code.value == span.status.code
        assert (twin.status.description or "") == span.status.message


def _listed(attributes: Mapping[str, Any] | None) -> dict[str, Any]:
    pairs = (attributes or {}).items()
    return {key: list(value) if isinstance(value, tuple) else value for key, value in pairs}


def test_nothing_in_a_batch_is_unknown_to_the_protocol() -> None:
    """Hand-made framing that put a field in the wrong place would show as unknown fields."""

    def known(message: Message) -> int:
        message_twin = type(message)()
        message_twin.MergeFrom(message)
        message_twin.DiscardUnknownFields()
        return message_twin.ByteSize()

    request = exported(sold())
    assert known(request) == request.ByteSize()
