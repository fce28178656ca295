"""What another leadrelay says of a lead becomes our outcome, never a silent success (behaviour 4.1, 6)."""

from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.exchange import Reply
from leadrelay.core.outcome import Arrived, Kind, Outcome, ReasonCode
from leadrelay.core.reading import PeerReading
from leadrelay.core.reading.peer import MAX_APPENDED, TAKEN


def read(body: Any, status: int = 200, **headers: str) -> Outcome:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return PeerReading().read(Reply(status=status, headers=named, body=orjson.dumps(body)))


def tried(outcome: str, code: str) -> dict[str, str]:
    return {"outcome": outcome, "code": code}


def test_a_success_brings_price_reference_and_all_that_was_said() -> None:
    said = {
        "result": "success",
        "reason": "accepted by crm",
        "lead_id": "L-1",
        "revenue": [{"amount": "12.50", "currency": "USD"}],
        "deliveries": {"crm": {"outcome": "success", "reference": "B-1"}},
    }
    assert read(said) == Outcome(
        kind=Kind.SUCCESS,
        words="accepted by crm",
        price=Decimal("12.50"),
        currency="USD",
        reference="L-1",
        appended=said,
    )


@pytest.mark.parametrize(
    ("result", "deliveries", "kind", "code", "arrived"),
    [
        ("failure", [tried("hard_reject", "duplicate")], Kind.HARD_REJECT, ReasonCode.DUPLICATE, Arrived.YES),
        (
            "failure",
            [tried("hard_reject", "price"), tried("skipped", "cap_full")],
            Kind.HARD_REJECT,
            ReasonCode.PRICE,
            Arrived.YES,
        ),
        (
            "failure",
            [tried("skipped", "condition_false")],
            Kind.HARD_REJECT,
            ReasonCode.NOT_ELIGIBLE,
            Arrived.YES,
        ),
        ("failure", [tried("skipped", "cap_full")], Kind.HARD_REJECT, ReasonCode.CAP_EXCEEDED, Arrived.YES),
        ("failure", [], Kind.HARD_REJECT, ReasonCode.OTHER, Arrived.YES),
        (
            "error",
            [tried("system_error", "dns"), tried("hard_reject", "price")],
            Kind.SYSTEM_ERROR,
            ReasonCode.DNS,
            Arrived.YES,
        ),
        ("error", [tried("soft_reject", "hours")], Kind.SYSTEM_ERROR, ReasonCode.HOURS, Arrived.YES),
        ("error", [tried("system_error", "of_tomorrow")], Kind.SYSTEM_ERROR, ReasonCode.OTHER, Arrived.YES),
        (
            "unresolved",
            [tried("timeout", "timeout_response")],
            Kind.SYSTEM_ERROR,
            ReasonCode.TIMEOUT_RESPONSE,
            Arrived.UNKNOWN,
        ),
    ],
)
def test_every_result_has_its_outcome_and_the_code_of_who_decided_it(
    result: str, deliveries: list[Any], kind: Kind, code: ReasonCode, arrived: Arrived
) -> None:
    outcome = read({"result": result, "deliveries": {str(at): each for at, each in enumerate(deliveries)}})
    assert (outcome.kind, outcome.code, outcome.arrived) == (kind, code, arrived)


def test_revenue_in_several_currencies_is_no_price() -> None:
    revenue = [{"amount": "1", "currency": "USD"}, {"amount": "2", "currency": "EUR"}]
    outcome = read({"result": "success", "revenue": revenue})
    assert (outcome.price, outcome.currency) == (None, "")


def test_a_result_of_a_later_version_is_not_taken_for_success() -> None:
    assert read({"result": "7"}).is_unresolved


def test_an_answer_that_says_nothing_of_the_lead_is_not_taken_for_success() -> None:
    assert read({}).is_unresolved


def test_a_refusal_that_follows_a_broken_call_may_have_the_lead() -> None:
    error = {"error": {"status": "UNAUTHENTICATED", "message": "who?"}}
    assert read(error, 401).arrived is Arrived.YES
    assert read(error, 401, **{TAKEN: "maybe"}).is_unresolved


def test_a_request_id_that_stands_for_something_else_may_have_the_lead() -> None:
    assert read({"error": {"status": "ALREADY_EXISTS"}}, 409).is_unresolved


@pytest.mark.parametrize(
    ("status", "kind"), [(429, Kind.SOFT_REJECT), (404, Kind.HARD_REJECT), (500, Kind.SYSTEM_ERROR)]
)
def test_a_sample_reply_without_a_body_is_read_by_its_status(status: int, kind: Kind) -> None:
    assert read({}, status).kind is kind


def test_of_a_long_answer_what_the_peers_recipients_said_is_left_out() -> None:
    said = {"result": "success", "lead_id": "L-1", "deliveries": {"crm": {"words": "x" * MAX_APPENDED}}}
    assert read(said).appended == {"result": "success", "lead_id": "L-1"}


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
MEMBERS = st.sampled_from(["result", "reason", "lead_id", "revenue", "deliveries", "error", "status"])
RESULTS = st.sampled_from(["success", "failure", "error", "unresolved"])


@given(st.dictionaries(MEMBERS, JSON | RESULTS) | JSON, st.integers(100, 599))
def test_no_answer_crashes_it(body: Any, status: int) -> None:
    outcome = read(body, status)
    is_said = isinstance(body, dict) and body.get("result") == "success"
    assert outcome.accepted is is_said
