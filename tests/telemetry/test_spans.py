"""Spans say what the facts say, under the names of the conventions (behaviour 10)."""

from decimal import Decimal

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from leadrelay.core import trace
from leadrelay.core.exchange import ReplyRecord, RequestRecord
from leadrelay.core.facts import DeliveryEnded
from leadrelay.core.lead import TraceContext
from leadrelay.core.outcome import Arrived, Kind, Money, Outcome, ReasonCode, Result, skipped
from telemetry.drawn import drawn
from telemetry.story import ACCEPTED, NO, REJECTED, UNANSWERED, YES, Story, at, sold
from values import LEAD_ID


def test_a_lead_is_one_trace_of_lead_deliveries_and_attempts() -> None:
    spans = drawn(sold().entries)
    parents = {name: span.message.parent_span_id for name, span in spans.items()}
    assert parents == {
        "lead loans": b"",
        "deliver crm": trace.lead_span_id(LEAD_ID),
        "POST crm": trace.delivery_span_id(LEAD_ID, "crm"),
        "deliver buyer": trace.lead_span_id(LEAD_ID),
        "POST buyer": trace.delivery_span_id(LEAD_ID, "buyer"),
    }
    assert {span.message.trace_id.hex() for span in spans.values()} == {trace.trace_id_of(LEAD_ID)}
    assert {span.said["lead.id"] for span in spans.values()} == {LEAD_ID}
    kinds = {name: span.message.kind for name, span in spans.items()}
    assert kinds["lead loans"] == Span.SPAN_KIND_SERVER
    assert kinds["deliver crm"] == Span.SPAN_KIND_INTERNAL
    assert kinds["POST crm"] == Span.SPAN_KIND_CLIENT


def test_spans_begin_and_end_when_the_facts_do() -> None:
    spans = drawn(sold().entries)
    times = {
        name: (span.message.start_time_unix_nano, span.message.end_time_unix_nano)
        for name, span in spans.items()
    }
    assert times == {
        "lead loans": (at(0), at(1.0)),
        "deliver crm": (at(0.1), at(0.4)),
        "POST crm": (at(0.1), at(0.4)),
        "deliver buyer": (at(0.5), at(0.9)),
        "POST buyer": (at(0.5), at(0.9)),
    }


def test_the_lead_span_says_how_it_ended_and_what_it_earned() -> None:
    assert drawn(sold().entries)["lead loans"].said == {
        "lead.id": LEAD_ID,
        "lead.flow": "loans",
        "lead.request_id": "order-0001",
        "lead.catalog_version": 1,
        "lead.result": "success",
        "lead.reason": "accepted by buyer",
        "lead.accepted": 1,
        "lead.revenue": "12.50 USD",
    }


def test_an_attempt_speaks_the_stable_http_names_and_our_words() -> None:
    assert drawn(sold().entries)["POST buyer"].said == {
        "lead.id": LEAD_ID,
        "lead.flow": "loans",
        "delivery.name": "buyer",
        "delivery.destination": "buyer",
        "delivery.attempt": 1,
        "http.request.method": "POST",
        "url.full": "https://buyer.example.com:8443/leads?key=***",
        "server.address": "buyer.example.com",
        "server.port": 8443,
        "http.response.status_code": 200,
        "outcome.kind": "success",
        "outcome.arrived": "yes",
        "outcome.price": "12.50",
        "outcome.currency": "USD",
        "outcome.reference": "B-1",
    }


def test_an_attempt_carries_the_request_and_the_reply_as_events() -> None:
    """Behaviour 10: mapped data with authentication masked; status, body, outcome and returned ids."""
    span = drawn(sold().entries)["POST buyer"]
    assert [(event.name, event.time_unix_nano) for event in span.message.events] == [
        ("delivery.request", at(0.6)),
        ("delivery.response", at(0.9)),
    ]
    assert span.events == {
        "delivery.request": {
            "http.request.method": "POST",
            "url.full": "https://buyer.example.com:8443/leads?key=***",
            "server.address": "buyer.example.com",
            "server.port": 8443,
            "headers": "content-type: application/json\nauthorization: ***",
            "body": '{"state":"TX"}',
        },
        "delivery.response": {
            "http.response.status_code": 200,
            "headers": "content-type: application/json",
            "body": '{"result":"accepted"}',
            "outcome.kind": "success",
            "outcome.arrived": "yes",
            "outcome.price": "12.50",
            "outcome.currency": "USD",
            "outcome.reference": "B-1",
        },
    }


def test_a_no_over_http_200_is_not_an_error() -> None:
    spans = drawn(sold().entries)
    assert {name: span.message.status.code for name, span in spans.items()} == dict.fromkeys(
        spans, Status.STATUS_CODE_UNSET
    )
    assert spans["POST crm"].said["outcome.code"] == "out_of_area"
    assert spans["deliver crm"].said["outcome.words"] == "We do not buy in TX"


@pytest.mark.parametrize(
    ("outcome", "status", "error_type", "message"),
    [
        (UNANSWERED, None, "timeout_response", "timeout_response"),
        (Outcome(kind=Kind.SYSTEM_ERROR, code=ReasonCode.DNS, arrived=Arrived.NO), None, "dns", "dns"),
        (Outcome(kind=Kind.SYSTEM_ERROR), None, "system_error", "system_error"),
        (Outcome(kind=Kind.SYSTEM_ERROR, code=ReasonCode.UNAVAILABLE), 500, "500", "unavailable"),
        (Outcome(kind=Kind.SYSTEM_ERROR, code=ReasonCode.PROTOCOL), 200, "protocol", "protocol"),
        # The recipient itself says that this is an error, and the conventions want no message then.
        (Outcome(kind=Kind.HARD_REJECT, code=ReasonCode.INVALID_DATA), 422, "422", ""),
    ],
)
def test_a_technical_failure_is_an_error_with_its_code(
    outcome: Outcome, status: int | None, error_type: str, message: str
) -> None:
    story = Story()
    story.starts("crm", 0)
    story.ends("crm", 1, outcome, reply=ReplyRecord(status=status) if status else None, sent=0)
    span = drawn(story.entries)["POST crm"]
    assert span.message.status.code == Status.STATUS_CODE_ERROR
    assert span.message.status.message == message
    assert span.said["error.type"] == error_type


def test_a_reading_may_find_a_success_behind_any_status() -> None:
    story = Story()
    story.starts("crm", 0)
    story.ends("crm", 1, ACCEPTED, reply=ReplyRecord(status=409), sent=0)
    assert drawn(story.entries)["POST crm"].message.status.code == Status.STATUS_CODE_UNSET


def test_a_delivery_fails_with_its_outcome_and_not_for_a_no() -> None:
    story = Story()
    story.concludes("crm", 1, UNANSWERED)
    story.concludes("buyer", 1, Outcome(kind=Kind.SOFT_REJECT, code=ReasonCode.CAP_EXCEEDED))
    spans = drawn(story.entries)
    assert spans["deliver crm"].message.status == Status(
        code=Status.STATUS_CODE_ERROR, message="timeout_response"
    )
    assert spans["deliver crm"].said["error.type"] == "timeout_response"
    assert spans["deliver buyer"].message.status == Status()


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (Result.SUCCESS, Status.STATUS_CODE_UNSET),
        (Result.FAILURE, Status.STATUS_CODE_UNSET),
        (Result.ERROR, Status.STATUS_CODE_ERROR),
        (Result.UNRESOLVED, Status.STATUS_CODE_ERROR),
    ],
)
def test_a_lead_fails_when_technology_decided_its_fate(result: Result, code: int) -> None:
    story = Story()
    story.settles(1, result, waiting=("buyer",))
    span = drawn(story.entries)["lead loans"]
    assert span.message.status.code == code
    assert span.said["lead.waiting"] == ["buyer"]


def test_a_destination_that_was_not_tried_has_a_span_without_length_that_says_why() -> None:
    story = Story()
    why = "loan_amount 20000 is not above 50000"
    story.concludes("premium", 0.2, skipped(ReasonCode.CONDITION_FALSE, why), attempts=0)
    span = drawn(story.entries)["deliver premium"]
    assert span.message.start_time_unix_nano == span.message.end_time_unix_nano == at(0.2)
    assert span.said["outcome.kind"] == "skipped"
    assert span.said["outcome.code"] == "condition_false"
    assert span.said["outcome.words"] == why
    assert span.said["delivery.attempts"] == 0


def test_spans_join_the_trace_that_the_caller_brought() -> None:
    context = TraceContext(trace_id="ab" * 16, parent_id="cd" * 8, state="congo=t61")
    spans = drawn(sold(trace=context).entries)
    assert {span.message.trace_id.hex() for span in spans.values()} == {"ab" * 16}
    assert {span.message.trace_state for span in spans.values()} == {"congo=t61"}
    lead = spans["lead loans"].message
    assert lead.parent_span_id.hex() == "cd" * 8
    assert lead.flags == 0x301  # sampled, and the parent is elsewhere
    assert {span.message.flags for name, span in spans.items() if name != "lead loans"} == {0x101}


@pytest.mark.parametrize("trace_id", ["ab", "no trace at all", "ab" * 17])
def test_a_trace_context_that_is_none_is_a_value_error(trace_id: str) -> None:
    with pytest.raises(ValueError, match=r"hex"):
        drawn(sold(trace=TraceContext(trace_id=trace_id)).entries)


def test_a_retry_says_which_one_it_is() -> None:
    story = Story()
    story.starts("crm", 0, attempt=3)
    story.ends("crm", 1, ACCEPTED, attempt=3, reply=YES, sent=0)
    said = drawn(story.entries)["POST crm"].said
    assert (said["delivery.attempt"], said["http.request.resend_count"]) == (3, 2)


def test_texts_to_search_by_are_short_and_bodies_are_cut() -> None:
    long = Outcome(kind=Kind.HARD_REJECT, words="w" * 1000, reference="r" * 1000)
    record = RequestRecord(
        method="POST", url="http://b/" + "u" * 1000, headers=(("h", "v" * 9000),), body="b" * 9000
    )
    story = Story()
    story.starts("crm", 0, request=record)
    story.ends("crm", 1, long, reply=ReplyRecord(status=200, body="r" * 9000), sent=0)
    span = drawn(story.entries)["POST crm"]
    assert max(len(value) for value in span.said.values() if isinstance(value, str)) == 256
    assert len(span.events["delivery.request"]["body"]) == 4096
    assert len(span.events["delivery.request"]["headers"]) == 2048
    assert span.events["delivery.request"]["body.is_cut"] is True
    assert span.events["delivery.response"]["body.is_cut"] is True


def test_a_clock_that_was_set_back_does_not_turn_a_span_around() -> None:
    story = Story()
    story.starts("crm", 5)
    story.ends("crm", 4, REJECTED, reply=NO, sent=5)
    span = drawn(story.entries)["POST crm"].message
    assert span.end_time_unix_nano == span.start_time_unix_nano == at(5)


def test_revenue_in_several_currencies_is_named_for_each() -> None:
    story = Story()
    story.settles(
        1, Result.SUCCESS, revenue=(Money(amount=Decimal("1.10"), currency="USD"), Money(amount=Decimal(0)))
    )
    assert drawn(story.entries)["lead loans"].said["lead.revenue"] == "1.10 USD, 0"


def test_a_ping_is_marked_for_those_who_count_sales() -> None:
    story = Story()
    story.starts("ask", 0.1)
    story.ends("ask", 0.4, ACCEPTED, reply=YES)
    story.tell(DeliveryEnded(delivery="ask", destination="ask", outcome=ACCEPTED, is_ping=True), 0.4)
    assert drawn(story.entries)["deliver ask"].said["delivery.ping"] is True
    assert "delivery.ping" not in drawn(sold().entries)["deliver buyer"].said
