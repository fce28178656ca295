"""Plain Python values -> a Lead: exact, or refused by name."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import given
from hypothesis import strategies as st

from leadrelay_client import deliver_request, lead_of
from leadrelay_client.v1.delivery_service_pb2 import DeliverManyRequest


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("Zoë", "Zoë"),
        ("", ""),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (2**70, "1180591620717411303424"),
        (0.1, "0.1"),
        (1e22, "10000000000000000000000"),
        (1.5e-7, "0.00000015"),
        (Decimal("12.50"), "12.50"),
        (Decimal("1E+3"), "1000"),
    ],
)
def test_an_answer_becomes_text_digit_for_digit(
    answer: str | bool | int | float | Decimal, text: str
) -> None:
    assert lead_of({"answer": answer}).fields == {"answer": text}


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_reads_back_as_itself(number: float) -> None:
    text = lead_of({"answer": number}).fields["answer"]
    assert float(text) == number
    assert "e" not in text.lower()


def test_none_is_left_out_and_blank_is_not() -> None:
    assert lead_of({"middle_name": None, "suffix": ""}).fields == {"suffix": ""}


def test_lists_and_mappings_are_nested_and_keep_their_types() -> None:
    cars = [{"make": "Volvo", "year": 2019, "leased": False, "note": None}, "none", [1.5]]
    lead = lead_of({"email": "ann@example.com", "cars": cars, "home": {}})
    assert dict(lead.fields) == {"email": "ann@example.com"}
    assert MessageToDict(lead.nested) == {"cars": cars, "home": {}}


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.text()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), st.lists(json_values, max_size=3), max_size=3))
def test_nested_answers_arrive_as_they_were(answers: dict[str, list[object]]) -> None:
    assert MessageToDict(lead_of(answers).nested) == json.loads(json.dumps(answers))


@pytest.mark.parametrize(
    ("answers", "where"),
    [
        ({"dob": date(1980, 2, 29)}, "field dob is date"),
        ({"photo": b"secret"}, "field photo is bytes"),
        ({"cars": [{"price": Decimal("1.10")}]}, "cars.0.price is Decimal"),
        ({7: "x"}, "a field's name is text, not int"),
        ({"cars": [{7: "x"}]}, "a name in cars.0 is text, not int"),
    ],
)
def test_what_cannot_be_sent_is_named_without_its_value(answers: dict[str, object], where: str) -> None:
    with pytest.raises(TypeError, match=where) as caught:
        lead_of(answers)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "answers",
    [{"n": float("nan")}, {"n": Decimal("Infinity")}, {"n": [float("inf")]}, {"n": {"big": 2**53 + 1}}],
)
def test_a_number_that_would_change_on_the_way_is_refused(answers: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"^(field )?n\b"):
        lead_of(answers)


@pytest.mark.parametrize(("wrap", "levels"), [(lambda a: {"n": a}, 32), (lambda a: [a], 48)])
def test_what_is_nested_deeper_than_a_message_may_be_is_refused_by_name(
    wrap: Callable[[Any], Any], levels: int
) -> None:
    answer: Any = "secret"
    for _ in range(levels - 1):
        answer = wrap(answer)
    deepest = DeliverManyRequest(deliver=deliver_request("loans", {"cars": answer}))
    assert DeliverManyRequest.FromString(deepest.SerializeToString()) == deepest
    for deeper in (wrap(answer), wrap(wrap(answer))):
        with pytest.raises(ValueError, match=r"cars.*deeper") as refused:
            lead_of({"cars": deeper})
    assert "secret" not in str(refused.value)


def test_source_and_submission_are_said_beside_the_answers() -> None:
    at = datetime(2024, 2, 29, 12, tzinfo=UTC)
    lead = lead_of({"email": "ann@example.com"}, source="site-a", submitted_at=at, ip="203.0.113.7")
    assert lead.source == "site-a"
    assert lead.submission.timestamp.ToDatetime(UTC) == at
    assert lead.submission.ip == "203.0.113.7"
    assert not lead_of({}).HasField("submission")


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        lead_of({}, submitted_at=datetime(2024, 2, 29, 12))


@pytest.mark.parametrize("answers", ["text", None, [("a", "b")], 5])
def test_what_is_no_mapping_is_no_lead(answers: Any) -> None:
    with pytest.raises(TypeError, match="a lead is a mapping"):
        lead_of(answers)


@pytest.mark.parametrize(
    "answers",
    [
        {"email": "Ada\ud800"},
        {"car": {"email": "Ada\ud800"}},
        {"email\ud800": "Ada"},
        {"email": {"x\ud800": "Ada"}},
    ],
)
def test_text_that_nothing_can_carry_is_told_by_its_field_and_not_repeated(answers: Any) -> None:
    with pytest.raises(ValueError, match=r"email.* is not text that UTF-8 can carry") as refusal:
        lead_of(answers)
    assert "Ada" not in str(refusal.value)
