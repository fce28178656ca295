"""Values stand under one name each, and what people search by is short."""

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from leadrelay.telemetry import attributes as a
from telemetry.drawn import plain


def test_each_kind_of_value_keeps_its_type() -> None:
    span = Span()
    a.text(span.attributes, "text", "x")
    a.number(span.attributes, "number", 2**62)
    a.flag(span.attributes, "flag")
    a.texts(span.attributes, "texts", ["x", "y"])
    assert plain(span.attributes) == {"text": "x", "number": 2**62, "flag": True, "texts": ["x", "y"]}


def test_a_long_text_is_cut_and_says_so() -> None:
    span = Span()
    a.text(span.attributes, "fits", "x" * a.MAX_TEXT)
    a.text(span.attributes, "long", "x" * (a.MAX_TEXT + 1))
    a.text(span.attributes, "longer", "x" * 5000, limit=4096)
    said = plain(span.attributes)
    assert said["fits"] == "x" * a.MAX_TEXT
    assert said["long"] == "x" * (a.MAX_TEXT - 1) + "…"
    assert len(said["longer"]) == 4096


def test_what_is_ready_says_the_same_on_a_span_and_on_an_event() -> None:
    made = a.ready({"kind": "success", "code": "", "attempt": 0})
    span, event = Span(name="a"), Span.Event(name="b")
    a.text(span.attributes, "own", "x")
    span.MergeFromString(made.on_span)
    event.MergeFromString(made.on_event)
    assert plain(span.attributes) == {"own": "x", "kind": "success", "attempt": 0}
    assert plain(event.attributes) == {"kind": "success", "attempt": 0}
    assert (span.name, event.name) == ("a", "b")
