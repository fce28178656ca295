"""Saying what became of a delivery of which nobody knows (behaviour 4.5)."""

from dataclasses import replace
from decimal import Decimal

import pytest

from leadrelay.core.facts import DeliveryResolved
from leadrelay.core.outcome import Arrived, Kind, Outcome
from leadrelay.core.resolving import NotUnresolved, UnknownDelivery, resolve, said
from leadrelay.core.standing import Standing, Tried
from values import a_lead

LOST = Outcome(kind=Kind.TIMEOUT, arrived=Arrived.UNKNOWN)
SOLD = said(Kind.SUCCESS, "they said so", price=Decimal("12.50"), currency="USD", reference="P-1")


def a_standing(**deliveries: Tried) -> Standing:
    return Standing(lead=a_lead(), deliveries=deliveries)


def ended(outcome: Outcome) -> Tried:
    return Tried(destination="crm", made=2, final=outcome)


def test_an_unresolved_delivery_gets_the_outcome_that_was_said() -> None:
    fact = resolve(a_standing(crm=ended(LOST)), "crm", SOLD)
    assert fact == DeliveryResolved(delivery="crm", destination="crm", outcome=SOLD, attempts=2)


def test_the_same_said_again_is_a_repeat_whatever_the_reason() -> None:
    state = a_standing(crm=ended(LOST))
    fact = resolve(state, "crm", SOLD)
    assert fact is not None
    state.resolve(fact)
    assert state.answers["crm"] == SOLD
    assert resolve(state, "crm", replace(SOLD, words="said by another")) is None


@pytest.mark.parametrize(
    "other", [said(Kind.HARD_REJECT, "no"), replace(SOLD, price=Decimal(13)), replace(SOLD, reference="P-2")]
)
def test_something_else_said_later_is_refused(other: Outcome) -> None:
    state = a_standing(crm=ended(LOST))
    fact = resolve(state, "crm", SOLD)
    assert fact is not None
    state.resolve(fact)
    with pytest.raises(NotUnresolved, match="resolved before, as success"):
        resolve(state, "crm", other)


@pytest.mark.parametrize(
    ("tried", "words"),
    [
        (ended(Outcome(kind=Kind.SUCCESS)), "success, which is certain"),
        (ended(Outcome(kind=Kind.SYSTEM_ERROR, arrived=Arrived.NO)), "system_error, which is certain"),
        (Tried(destination="crm", made=1, is_open=True), "still under way"),
        (Tried(destination="crm", made=1, last=LOST, due_at=9), "parked"),
    ],
)
def test_what_is_certain_or_open_is_not_resolved(tried: Tried, words: str) -> None:
    with pytest.raises(NotUnresolved, match=words):
        resolve(a_standing(crm=tried), "crm", SOLD)


def test_an_unknown_delivery_is_told_with_those_there_are() -> None:
    with pytest.raises(UnknownDelivery) as caught:
        resolve(a_standing(crm=ended(LOST)), "crn", SOLD)
    assert caught.value.known == ["crm"]


def test_a_technical_end_says_that_the_recipient_never_had_the_lead() -> None:
    assert said(Kind.SYSTEM_ERROR, "it was down").arrived is Arrived.NO
    assert said(Kind.HARD_REJECT, "no").arrived is Arrived.YES
    with pytest.raises(ValueError, match="resolved as one of success"):
        said(Kind.SKIPPED, "")
