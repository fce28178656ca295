"""A request becomes a lead, or every reason why not is told at once (behaviour 8)."""

import math
from collections.abc import Callable
from typing import Any

import grpc
import orjson
import pytest
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.core.facts import LeadReceived, decode, encode
from leadrelay.core.lead import MAX_FIELDS, MAX_LEAD_BYTES, MAX_NAME, MAX_VALUE_BYTES, Lead
from leadrelay.core.scope import Scope
from leadrelay.core.trace import trace_id_of
from leadrelay.edges.grpc.bridge import Abort, Metadata
from leadrelay.edges.grpc.submission import LATEST, MAX_FLOW, MAX_VIOLATIONS, digest, read_lead
from leadrelay.v1 import delivery_service_pb2 as pb
from values import LEAD_ID, MOMENT

Change = Callable[[pb.DeliverRequest], object]


def a_request(change: Change = lambda _: None) -> pb.DeliverRequest:
    request = pb.DeliverRequest(flow="loans")
    request.lead.fields["email"] = "ada@example.com"
    change(request)
    return request


def read(request: pb.DeliverRequest, *metadata: tuple[str, str | bytes]) -> Lead:
    return read_lead(request, tuple(metadata), lead_id=LEAD_ID, now=MOMENT, catalog_version=7)


def outcome(request: pb.DeliverRequest, *metadata: tuple[str, str | bytes]) -> Lead | Abort:
    """The lead, or the refusal."""
    try:
        return read(request, *metadata)
    except Abort as refusal:
        return refusal


def violations(request: pb.DeliverRequest) -> dict[str, str]:
    """By place; empty for a request that is taken."""
    refusal = outcome(request)
    if isinstance(refusal, Lead):
        return {}
    assert refusal.code is grpc.StatusCode.INVALID_ARGUMENT
    (details,) = refusal.details
    return {each.field: each.description for each in details.field_violations}  # type: ignore[attr-defined]


def test_a_lead_is_what_its_source_handed_over() -> None:
    request = a_request()
    request.request_id, request.lead.source = "r-1", "Facebook – Ads"
    request.lead.submission.ip = "2001:db8::1"
    request.lead.submission.timestamp.FromNanoseconds(MOMENT - 5)
    request.lead.nested.update(
        {"cars": [{"year": 1999, "price": 12.5, "sold": False, "note": None}], "n": {}}
    )
    lead = read(request)
    assert (lead.id, lead.flow, lead.received_at, lead.catalog_version) == (LEAD_ID, "loans", MOMENT, 7)
    assert (lead.request_id, lead.source, lead.ip) == ("r-1", "Facebook – Ads", "2001:db8::1")
    assert lead.submitted_at == MOMENT - 5
    assert lead.fields == {"email": "ada@example.com"}
    assert lead.nested == {"cars": [{"year": 1999, "price": 12.5, "sold": False, "note": None}], "n": {}}
    assert isinstance(lead.nested["cars"][0]["year"], int)


def nested_of(value: float) -> Change:
    return lambda request: request.lead.nested.update({"a": {"b": [1, value]}})


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        (lambda r: r.ClearField("flow"), "flow", "name the flow"),
        (lambda r: setattr(r, "flow", "x" * (MAX_FLOW + 1)), "flow", "longer"),
        (lambda r: setattr(r, "request_id", "x" * 129), "request_id", "128"),
        (lambda r: setattr(r, "request_id", "a\nb"), "request_id", "control"),
        (lambda r: setattr(r, "request_id", "\x7f"), "request_id", "control"),
        (lambda r: setattr(r, "on_disconnect", 9), "on_disconnect", "no value 9"),
        (lambda r: setattr(r, "detail", -1), "detail", "no value -1"),
        (lambda r: r.ClearField("lead"), "lead.fields", "at least one"),
        (lambda r: setattr(r.lead, "source", "x" * 257), "lead.source", "256"),
        (lambda r: setattr(r.lead, "source", "\x1b[2J"), "lead.source", "control"),
        (lambda r: setattr(r.lead.submission, "ip", "1.2.3"), "lead.submission.ip", "IPv4"),
        (lambda r: setattr(r.lead.submission, "ip", "fe80::1%\neth0"), "lead.submission.ip", "IPv6"),
        (lambda r: r.lead.fields.update({"": "x"}), "lead.fields['']", "1 to 128"),
        (lambda r: r.lead.fields.update({"a\u2028b": "x"}), "lead.fields['a\\u2028b']", "control"),
        (lambda r: r.lead.nested.update({"a\0": 1}), "lead.nested['a\\x00']", "control"),
        (lambda r: r.lead.nested.update({"email": 1}), "lead.nested['email']", "give it once"),
        (nested_of(math.nan), "lead.nested['a']", "not finite"),
        (nested_of(math.inf), "lead.nested['a']", "not finite"),
        (nested_of(-math.inf), "lead.nested['a']", "not finite"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(change: Change, place: str, words: str) -> None:
    found = violations(a_request(change))
    assert place in found
    assert words in found[place]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    def change(request: pb.DeliverRequest) -> None:
        request.flow, request.request_id = "", "\n"
        request.lead.fields[""] = "x"
        request.lead.submission.ip = "nowhere"
        request.lead.submission.timestamp.seconds = -1

    assert set(violations(a_request(change))) == {
        "flow",
        "request_id",
        "lead.fields['']",
        "lead.submission.ip",
        "lead.submission.timestamp",
    }


@pytest.mark.parametrize(
    ("seconds", "nanos", "is_taken"),
    [
        (0, 0, True),
        (LATEST - 1, 999_999_999, True),
        (LATEST, 0, False),
        (-1, 0, False),
        (1, -1, False),
        (1, 1_000_000_000, False),
        (253_402_300_799, 0, False),  # the year 9999: what the journal keeps ends in 2262
        (2**62, 0, False),
    ],
)
def test_a_moment_is_one_that_can_be_kept(seconds: int, nanos: int, is_taken: bool) -> None:
    request = a_request()
    request.lead.submission.timestamp.seconds = seconds
    request.lead.submission.timestamp.nanos = nanos
    assert (violations(request) == {}) is is_taken


def test_a_space_of_any_script_is_no_control_character() -> None:
    request = a_request()
    request.request_id = request.lead.source = "a\u00a0b\u3000c é"
    request.lead.fields["nom\u00a0complet"] = "x"
    assert violations(request) == {}


@pytest.mark.parametrize(("count", "is_taken"), [(MAX_FIELDS, True), (MAX_FIELDS + 1, False)])
def test_a_lead_has_so_many_fields_and_no_more(count: int, is_taken: bool) -> None:
    half = count // 2
    request = pb.DeliverRequest(flow="loans")
    request.lead.fields.update({f"f{number}": "x" for number in range(half)})
    request.lead.nested.update({f"n{number}": 1 for number in range(count - half)})
    found = violations(request)
    assert (found == {}) is is_taken
    assert is_taken or str(MAX_FIELDS) in found["lead.fields"]


@pytest.mark.parametrize(("beyond", "is_taken"), [(0, True), (1, False)])
def test_a_lead_has_just_so_many_bytes(beyond: int, is_taken: bool) -> None:
    request = pb.DeliverRequest(flow="loans")
    request.lead.fields.update({f"f{number:02}": "x" * (MAX_VALUE_BYTES - 64) for number in range(16)})
    request.lead.fields["rest"] = ""
    request.lead.fields["rest"] = "x" * (MAX_LEAD_BYTES - request.lead.ByteSize() - 1 + beyond)
    while request.lead.ByteSize() > MAX_LEAD_BYTES + beyond:  # the lengths themselves take bytes
        request.lead.fields["rest"] = request.lead.fields["rest"][:-1]
    assert request.lead.ByteSize() == MAX_LEAD_BYTES + beyond
    found = violations(request)
    assert (found == {}) is is_taken
    assert is_taken or str(MAX_LEAD_BYTES) in found["lead"]


@pytest.mark.parametrize("letter", ["x", "é", "😀"])
def test_a_value_has_just_so_many_bytes_in_utf8(letter: str) -> None:
    fits = letter * (MAX_VALUE_BYTES // len(letter.encode()))
    assert violations(a_request(lambda r: r.lead.fields.update({"a": fits}))) == {}
    found = violations(a_request(lambda r: r.lead.fields.update({"a": fits + "x"})))
    assert str(MAX_VALUE_BYTES) in found["lead.fields['a']"]


def test_a_name_has_just_so_many_characters() -> None:
    assert violations(a_request(lambda r: r.lead.fields.update({"é" * MAX_NAME: "x"}))) == {}
    assert violations(a_request(lambda r: r.lead.fields.update({"é" * (MAX_NAME + 1): "x"}))) != {}


def test_a_refusal_tells_so_many_things_and_no_more() -> None:
    request = a_request(lambda r: r.lead.fields.update({f"\n{number}": "" for number in range(500)}))
    assert len(violations(request)) == MAX_VIOLATIONS


def test_a_lead_that_is_too_large_is_refused_without_a_look_at_each_of_its_fields() -> None:
    """Four megabytes of fields arrive in one message; to judge each would hold up everybody."""
    request = pb.DeliverRequest(flow="loans")
    request.lead.fields.update({f"\n{number}": "" for number in range(50_000)})
    assert set(violations(request)) == {"lead.fields"}


def test_no_value_of_a_lead_stands_in_a_refusal() -> None:
    def change(request: pb.DeliverRequest) -> None:
        request.lead.fields.update({"ssn": "078-05-1120" * 10_000, "": "078-05-1120"})
        request.lead.submission.ip = "078-05-1120"

    with pytest.raises(Abort) as refused:
        read(a_request(change))
    assert "078-05-1120" not in refused.value.message + repr(refused.value.details)


@pytest.mark.parametrize("depth", [20, 32, 33, 90, 5_000])
def test_nesting_has_an_end_that_protobuf_sets(depth: int) -> None:
    """Its readers refuse what is deeper before we see it; what they let pass can be written down."""
    value = b"\x11" + b"\0" * 8  # a Value by hand, with a number_value: libraries refuse to build it
    for _ in range(depth):
        value = _member(b"\x2a", _struct(value))
    message = _member(b"\x0a", b"loans") + _member(b"\x12", _member(b"\x12", _struct(value)))
    try:
        request = pb.DeliverRequest.FromString(message)
    except DecodeError:
        assert depth > 32
        return
    assert depth <= 32
    assert encode(LeadReceived(lead=read(request)))


def _struct(value: bytes) -> bytes:
    """A Struct with one field `a`."""
    return _member(b"\x0a", _member(b"\x0a", b"a") + _member(b"\x12", value))


def _member(tag: bytes, body: bytes) -> bytes:
    return tag + _length(body) + body


def _length(body: bytes) -> bytes:
    """A protobuf varint."""
    number, out = len(body), b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


@pytest.mark.parametrize("number", [1e300, -1e300, 2.0**53, 2.0**53 + 2, 2.0**63, 2.0**64, 5e-324, -0.0, 0.1])
def test_any_finite_number_can_be_kept(number: float) -> None:
    """As a whole number it might be longer than what the journal keeps."""
    lead = read(a_request(lambda r: r.lead.nested.update({"n": number})))
    assert lead.nested["n"] == number
    kept = decode(*encode(LeadReceived(lead=lead)))
    assert isinstance(kept, LeadReceived)
    assert kept.lead.nested["n"] == number


TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"


def test_a_caller_brings_its_own_trace_with_all_of_its_state() -> None:
    """Several `tracestate` headers are one list (W3C Trace Context, 3.3)."""
    context = read(
        a_request(), ("traceparent", TRACEPARENT), ("tracestate", "a=1,b=2"), ("tracestate", "c=3")
    ).trace
    assert (context.trace_id, context.parent_id, context.sampled) == (TRACE, PARENT, True)
    assert context.state == "a=1,b=2,c=3"


@pytest.mark.parametrize(
    "metadata",
    [
        (),
        (("traceparent", "nonsense"),),
        (("traceparent", f"00-{'0' * 32}-{PARENT}-01"),),
        (("traceparent", f"00-{TRACE}-{'0' * 16}-01"),),
        (("traceparent", TRACEPARENT.upper()),),
        (("traceparent", f"ff-{TRACE}-{PARENT}-01"),),
        (("traceparent", TRACEPARENT), ("traceparent", TRACEPARENT)),
        (("traceparent", ""), ("tracestate", "a=1")),
        (("tracestate", "a=1"),),
        (("traceparent-bin", TRACEPARENT.encode()),),
    ],
)
def test_a_context_that_cannot_be_trusted_is_none(metadata: Metadata) -> None:
    context = read(a_request(), *metadata).trace
    assert (context.trace_id, context.parent_id, context.state) == (trace_id_of(LEAD_ID), "", "")


# Equal content is the same delivery; what only this call is about does not count.

texts = st.text(max_size=8)
jsons: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def requests(draw: st.DrawFn) -> pb.DeliverRequest:
    """Any request that could arrive, sane or not."""
    request = pb.DeliverRequest(
        flow=draw(texts),
        request_id=draw(st.text(max_size=140)),
        on_disconnect=draw(st.integers(-2, 4)),  # type: ignore[arg-type]
        detail=draw(st.integers(-2, 4)),  # type: ignore[arg-type]
    )
    lead = request.lead
    lead.fields.update(draw(st.dictionaries(st.text(max_size=140), texts, max_size=4)))
    if draw(st.booleans()):
        lead.nested.update(draw(st.dictionaries(texts, jsons, max_size=3)))
    if draw(st.booleans()):
        lead.nested.fields["odd"].number_value = draw(st.floats())
    lead.source = draw(texts)
    if draw(st.booleans()):
        lead.submission.ip = draw(texts | st.ip_addresses().map(str))
    if draw(st.booleans()):
        lead.submission.timestamp.seconds = draw(st.integers(-(2**63), 2**63 - 1))
        lead.submission.timestamp.nanos = draw(st.integers(-(2**31), 2**31 - 1))
    return request


@settings(max_examples=300, deadline=None)
@given(requests(), st.lists(st.tuples(st.sampled_from(["traceparent", "tracestate"]), texts), max_size=3))
def test_any_request_is_a_lead_that_can_be_kept_or_a_refusal(
    request: pb.DeliverRequest, metadata: list[tuple[str, str]]
) -> None:
    arrived = pb.DeliverRequest.FromString(request.SerializeToString())
    lead = outcome(arrived, *metadata)
    if isinstance(lead, Abort):
        assert lead.code is grpc.StatusCode.INVALID_ARGUMENT
        assert lead.as_status()
        return
    kept = decode(*encode(LeadReceived(lead=lead)))
    assert isinstance(kept, LeadReceived)
    assert orjson.dumps(kept.lead.nested) == orjson.dumps(lead.nested)
    assert kept.lead.fields == lead.fields
    assert Scope.of(lead).lookup("submission.timestamp") is not None


@settings(max_examples=100, deadline=None)
@given(requests(), st.randoms())
def test_the_order_of_fields_and_the_wishes_of_a_call_do_not_change_the_digest(
    request: pb.DeliverRequest, random: Any
) -> None:
    same = pb.DeliverRequest()
    same.CopyFrom(request)
    fields = list(request.lead.fields.items())
    random.shuffle(fields)
    same.lead.ClearField("fields")
    same.lead.fields.update(fields)
    same.detail, same.on_disconnect, same.request_id = pb.DETAIL_FULL, pb.ON_DISCONNECT_CANCEL, "other"
    same.lead.id = LEAD_ID
    same.lead.received_at.GetCurrentTime()
    assert digest(same) == digest(request)


def test_what_a_client_sends_empty_instead_of_not_at_all_does_not_change_the_digest() -> None:
    empty = a_request()
    empty.lead.nested.SetInParent()
    empty.lead.submission.SetInParent()
    assert digest(empty) == digest(a_request())


@pytest.mark.parametrize(
    "change",
    [
        lambda r: setattr(r, "flow", "other"),
        lambda r: r.lead.fields.update({"email": "bob@example.com"}),
        lambda r: r.lead.fields.update({"more": ""}),
        lambda r: r.lead.nested.update({"more": None}),
        lambda r: setattr(r.lead, "source", "s"),
        lambda r: setattr(r.lead.submission, "ip", "1.2.3.4"),
        lambda r: setattr(r.lead.submission.timestamp, "seconds", 1),
    ],
)
def test_other_content_has_another_digest(change: Change) -> None:
    assert digest(a_request(change)) != digest(a_request())


def test_how_many_servers_it_has_passed_is_read_from_the_metadata() -> None:
    assert read(a_request()).hops == 0
    assert read(a_request(), ("leadrelay-hops", "2")).hops == 2


@pytest.mark.parametrize("said", ["-1", "two", "101", "", "9" * 30, "٣"])
def test_hops_that_are_no_number_are_refused_for_a_circle_would_never_end(said: str) -> None:
    refusal = outcome(a_request(), ("leadrelay-hops", said))
    assert isinstance(refusal, Abort)
    assert refusal.message == ("the lead cannot be taken: leadrelay-hops: is no number from 0 to 100")
