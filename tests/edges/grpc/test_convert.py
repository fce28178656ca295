"""Values of `core` as messages: nothing is lost, and no recipient can make a message unreadable."""

from decimal import Decimal
from enum import StrEnum
from typing import Any

import orjson
import pytest
from google.protobuf.descriptor import EnumDescriptor
from google.protobuf.json_format import MessageToDict, MessageToJson
from hypothesis import given, settings
from hypothesis import strategies as st

from edges.any_facts import entries
from leadrelay.core import facts
from leadrelay.core.exchange import Reply, ReplyRecord, RequestRecord
from leadrelay.core.facts import Entry
from leadrelay.core.outcome import Arrived, Kind, Outcome, ReasonCode, Result
from leadrelay.core.reading import ReadingSpec, compile_reading
from leadrelay.core.standing import standing
from leadrelay.edges.grpc import convert
from leadrelay.edges.grpc.convert import duration, timestamp
from leadrelay.v1 import delivery_service_pb2, outcome_pb2
from leadrelay.v1.event_pb2 import Event
from values import LEAD_ID, MOMENT, a_lead


@pytest.mark.parametrize(
    ("core", "message", "prefix", "numbers"),
    [
        (Kind, outcome_pb2.OutcomeKind.DESCRIPTOR, "OUTCOME_KIND_", convert.KINDS),
        (ReasonCode, outcome_pb2.ReasonCode.DESCRIPTOR, "REASON_CODE_", convert.CODES),
        (Arrived, outcome_pb2.Arrived.DESCRIPTOR, "ARRIVED_", convert.ARRIVED),
        (Result, outcome_pb2.Result.DESCRIPTOR, "RESULT_", convert.RESULTS),
    ],
)
def test_every_word_has_its_number_and_every_number_its_word(
    core: type[StrEnum], message: EnumDescriptor, prefix: str, numbers: dict[Any, int]
) -> None:
    spelled = {value.name.removeprefix(prefix): value.number for value in message.values if value.number}
    assert {member.name: numbers[member] for member in core} == spelled


@settings(max_examples=300, deadline=None)
@given(entries, st.booleans())
def test_any_fact_is_told_in_a_message_that_every_client_can_read(entry: Entry, full: bool) -> None:
    event = convert.event(entry, full=full)
    again = Event.FromString(event.SerializeToString())
    assert again == event
    assert MessageToJson(again)
    assert (again.lead_id, again.number, again.at.ToNanoseconds()) == (entry.lead_id, entry.number, entry.at)
    assert again.WhichOneof("kind") is not None


def test_requests_and_replies_are_told_only_in_full() -> None:
    record = RequestRecord(method="POST", url="https://crm.example/", body="{}")
    entry = Entry(
        LEAD_ID, 2, MOMENT, facts.AttemptStarted(delivery="a", destination="a", attempt=1, request=record)
    )
    assert not convert.event(entry, full=False).attempt_started.HasField("request")
    assert convert.event(entry, full=True).attempt_started.request.body == "{}"


def test_the_lead_itself_is_in_no_event() -> None:
    entry = Entry(LEAD_ID, 1, MOMENT, facts.LeadReceived(lead=a_lead(ssn="078-05-1120", source="s")))
    assert b"078" not in convert.event(entry, full=True).SerializeToString()


def test_a_captured_cookie_is_for_later_steps_and_for_no_event() -> None:
    """Behaviour 9."""
    kept = Outcome(kind=Kind.SUCCESS, appended={"cookie": "session=1", "id": 7})
    told = convert.outcome_message(kept)
    assert MessageToDict(told.appended) == {"cookie": "***", "id": 7}
    sweet = Outcome(kind=Kind.SUCCESS, appended={"cookie": {"kind": "oat"}})
    assert MessageToDict(convert.outcome_message(sweet).appended) == {"cookie": {"kind": "oat"}}


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_a_reply_nested_as_deep_as_we_read_is_told_all_the_same(opening: str) -> None:
    """Protobuf libraries refuse messages of more than a hundred levels, and the stream with them."""
    closing = "]" if opening == "[" else "}"
    tree = orjson.loads(f'{{"deep":{opening * 60}1{closing * 60}}}')
    ended = facts.DeliveryEnded(
        delivery="a", destination="a", outcome=Outcome(kind=Kind.SUCCESS, appended=tree)
    )
    event = convert.event(Entry(LEAD_ID, 3, MOMENT, ended), full=False)
    answer = delivery_service_pb2.DeliverManyResponse(tag="t", event=event)
    again = delivery_service_pb2.DeliverManyResponse.FromString(answer.SerializeToString())
    told = MessageToDict(again.event.delivery_ended.outcome.appended)
    assert orjson.dumps(told).count(b"[" if opening == "[" else b"a") >= 20


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=60)
    | st.sampled_from([rb'{"n":12345678901234567890,"message":"\ud800"}', b'{"n":1e999}', b"[" * 300]),
    st.sampled_from([200, 302, 404, 500]),
    st.sampled_from(["application/json", "text/plain", "application/x-www-form-urlencoded", ""]),
)
def test_whatever_a_recipient_answers_can_be_written_down_and_told(
    body: bytes, status: int, content_type: str
) -> None:
    """What could be neither would hold up its lead for ever."""
    reading = compile_reading(
        ReadingSpec(rules=(), otherwise=None, reason=("a", "message"), reference=("n",))
    )
    outcome = reading.read(Reply(status=status, headers=(("content-type", content_type),), body=body))
    ended = facts.DeliveryEnded(delivery="a", destination="a", outcome=outcome)
    assert facts.decode(*facts.encode(ended))
    event = convert.event(Entry(LEAD_ID, 3, MOMENT, ended), full=True)
    assert MessageToJson(Event.FromString(event.SerializeToString()))


def test_a_clock_that_was_set_back_makes_no_answer_that_took_less_than_no_time() -> None:
    ended = facts.AttemptEnded(
        delivery="a", destination="a", attempt=1, outcome=Outcome(kind=Kind.SUCCESS), sent_at=MOMENT, took=-5
    )
    event = convert.event(Entry(LEAD_ID, 3, MOMENT, ended), full=False)
    assert event.attempt_ended.response_time.ToNanoseconds() == 0


@given(st.integers(0, 2**62))
def test_times_keep_their_nanoseconds(nanoseconds: int) -> None:
    assert timestamp(nanoseconds).ToNanoseconds() == nanoseconds
    assert duration(nanoseconds).ToNanoseconds() == nanoseconds


@pytest.mark.parametrize(
    ("price", "amount"), [("12.50", "12.50"), ("1E+3", "1000"), ("1E-7", "0.0000001"), ("0", "0")]
)
def test_an_amount_is_plain_digits(price: str, amount: str) -> None:
    message = convert.outcome_message(Outcome(kind=Kind.SUCCESS, price=Decimal(price), currency="USD"))
    assert (message.price.amount, message.price.currency) == (amount, "USD")


def test_no_price_is_none_and_zero_is_one() -> None:
    assert not convert.outcome_message(Outcome(kind=Kind.SUCCESS)).HasField("price")
    assert convert.outcome_message(Outcome(kind=Kind.SUCCESS, price=Decimal(0))).HasField("price")


def test_a_header_that_came_twice_is_one_with_both_values() -> None:
    """RFC 9110, 5.3."""
    record = ReplyRecord(status=200, headers=(("via", "a"), ("x", "y"), ("via", "b")))
    assert dict(convert.reply_record(record).headers) == {"via": "a, b", "x": "y"}


def test_a_status_says_where_each_delivery_stands() -> None:
    no = Outcome(kind=Kind.HARD_REJECT, words="no")
    told: list[facts.Fact] = [
        facts.LeadReceived(lead=a_lead(request_id="r")),
        facts.AttemptStarted(delivery="a", destination="a", attempt=1),
        facts.AttemptEnded(delivery="a", destination="a", attempt=1, outcome=no),
        facts.DeliveryEnded(delivery="a", destination="a", attempts=1, outcome=no),
        facts.AttemptStarted(delivery="a#2", destination="a", attempt=1),
    ]
    state = standing(Entry(LEAD_ID, number, MOMENT, fact) for number, fact in enumerate(told, start=1))
    assert state is not None
    status = convert.lead_status(state)
    assert (status.request_id, status.flow, status.last_event, status.result) == ("r", "loans", 5, 0)
    first, second = status.deliveries
    assert (first.delivery, first.destination, first.attempts, first.ended) == ("a", "a", 1, True)
    assert (second.delivery, second.destination, second.attempts, second.ended) == ("a#2", "a", 1, False)
    assert first.outcome.words == "no"
    assert not second.HasField("outcome")
    state.add(Entry(LEAD_ID, 6, MOMENT, facts.LeadSettled(result=Result.FAILURE, reason="why")))
    settled = convert.lead_status(state)
    assert (settled.result, settled.reason) == (outcome_pb2.RESULT_FAILURE, "why")
