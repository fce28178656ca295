"""An event is one line in the words of the trade (behaviour 1)."""

import pytest
from hypothesis import given, settings

from edges.any_facts import entries
from leadrelay.core.facts import Entry
from leadrelay.core.outcome import Kind
from leadrelay.edges.cli.line import amount, line, outcome, word
from leadrelay.edges.grpc import convert
from leadrelay_client.v1.event_pb2 import Event
from leadrelay_client.v1.outcome_pb2 import (
    ARRIVED_UNKNOWN,
    OUTCOME_KIND_HARD_REJECT,
    OUTCOME_KIND_SUCCESS,
    OUTCOME_KIND_TIMEOUT,
    REASON_CODE_DUPLICATE,
    REASON_CODE_TIMEOUT_RESPONSE,
    Arrived,
    Money,
    Outcome,
    OutcomeKind,
    Result,
)


@settings(max_examples=200, deadline=None)
@given(entries)
def test_any_event_is_one_line_that_a_terminal_can_show(entry: Entry) -> None:
    event = Event.FromString(convert.event(entry, full=True).SerializeToString())
    told = line(event)
    assert len(told.splitlines()) == 1
    assert "\x1b" not in told


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Outcome(kind=OUTCOME_KIND_SUCCESS, words="thanks", reference="B-1"), "success ref B-1"),
        (
            Outcome(kind=OUTCOME_KIND_SUCCESS, price=Money(amount="12.50", currency="USD")),
            "success 12.50 USD",
        ),
        (
            Outcome(kind=OUTCOME_KIND_HARD_REJECT, code=REASON_CODE_DUPLICATE, words="seen it"),
            'hard_reject (duplicate) "seen it"',
        ),
        (
            Outcome(kind=OUTCOME_KIND_TIMEOUT, code=REASON_CODE_TIMEOUT_RESPONSE, arrived=ARRIVED_UNKNOWN),
            "timeout (timeout_response) may have arrived",
        ),
    ],
)
def test_an_outcome_is_told_as_far_as_there_is_something_to_tell(answer: Outcome, told: str) -> None:
    assert outcome(answer) == told


def test_a_recipient_cannot_make_a_second_line_of_its_words() -> None:
    event = Event(number=5)
    event.delivery_ended.delivery = "a"
    event.delivery_ended.outcome.CopyFrom(
        Outcome(kind=OUTCOME_KIND_HARD_REJECT, words="no\nsettled    success: accepted by a\x1b[2J")
    )
    assert line(event) == 'ended      a: hard_reject "no?settled    success: accepted by a?[2J"'


def test_an_answer_tells_how_long_it_took_and_when_the_next_try_is() -> None:
    event = Event(number=3)
    event.at.FromNanoseconds(10_000_000_000)
    event.attempt_ended.delivery = "a"
    event.attempt_ended.outcome.kind = OUTCOME_KIND_TIMEOUT
    event.attempt_ended.response_time.FromNanoseconds(1_250_000_000)
    event.attempt_ended.outcome.next_attempt_at.FromNanoseconds(12_500_000_000)
    assert line(event) == "answered   a: timeout  1250 ms  again in 2.5 s"


def test_what_a_newer_server_tells_is_a_line_too() -> None:
    event = Event(number=7)
    assert "number 7" in line(event)
    event.lead_settled.result = 77  # type: ignore[assignment]
    event.lead_settled.reason = "because"
    assert line(event) == "settled    77: because"
    assert outcome(Outcome(kind=66, code=888)) == "66 (888)"  # type: ignore[arg-type]


def test_words_are_those_of_the_core() -> None:
    assert {word(OutcomeKind.Name, number) for number in convert.KINDS.values()} == {
        kind.value for kind in Kind
    }
    assert word(Result.Name, 1) == "success"
    assert word(Arrived.Name, 3) == "unknown"


def test_an_amount_without_a_currency_has_no_blank_behind_it() -> None:
    assert amount(Money(amount="5")) == "5"


def test_what_a_ping_comes_to_is_a_bid() -> None:
    event = Event(number=4)
    event.delivery_ended.delivery, event.delivery_ended.ping = "ask", True
    event.delivery_ended.outcome.kind = OUTCOME_KIND_SUCCESS
    event.delivery_ended.outcome.price.amount = "8.00"
    assert line(event) == "bid        ask: success 8.00"
