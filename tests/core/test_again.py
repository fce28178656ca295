"""A lead that is sent again: what it holds, and whether it may be (behaviour 8)."""

from dataclasses import replace

import pytest

from leadrelay.core.again import edited, objection
from leadrelay.core.facts import LeadSettled
from leadrelay.core.outcome import Arrived, Kind, Outcome, Result
from leadrelay.core.standing import Standing, Tried
from values import a_lead

LOST = Tried(destination="crm", final=Outcome(kind=Kind.TIMEOUT, arrived=Arrived.UNKNOWN))
NO = Tried(destination="crm", final=Outcome(kind=Kind.HARD_REJECT))


def a_standing(result: Result | None = Result.FAILURE, *, accepted: int = 0, **tried: Tried) -> Standing:
    settled = None if result is None else LeadSettled(result=result, accepted=accepted, reason="so")
    return Standing(lead=a_lead(), settled=settled, deliveries=tried)


def test_edits_take_the_place_of_fields_and_an_empty_one_removes_it() -> None:
    lead = replace(a_lead(state="ca", email="a@example.com"), nested={"cars": [1], "more": 2})
    new = edited(lead, {"state": "CA", "email": "", "cars": "one", "city": "Fresno"})
    assert new.fields == {"state": "CA", "cars": "one", "city": "Fresno"}
    assert new.nested == {"more": 2}
    assert edited(lead, {}) == lead


@pytest.mark.parametrize("result", [Result.FAILURE, Result.ERROR])
def test_what_nobody_bought_may_be_sent_again(result: Result) -> None:
    assert objection([a_standing(result, crm=NO)], sold_too=False) == ""


@pytest.mark.parametrize(
    ("member", "words"),
    [
        (a_standing(Result.SUCCESS, accepted=1), "was sold (so), and would be sold twice"),
        # One that is not a success as a whole may be sold all the same.
        (a_standing(Result.FAILURE, accepted=1), "was sold"),
        (a_standing(Result.UNRESOLVED, crm=LOST), "crm may have lead"),
        (a_standing(Result.FAILURE, crm=LOST), "crm may have lead"),
    ],
)
def test_what_was_sold_or_may_have_been_needs_saying_so(member: Standing, words: str) -> None:
    family = [a_standing(crm=NO), member]
    assert words in objection(family, sold_too=False)
    assert objection(family, sold_too=True) == ""


def test_what_is_under_way_is_never_sent_beside_itself() -> None:
    assert "still under way" in objection([a_standing(None)], sold_too=True)


def test_a_ping_of_which_nobody_knows_sold_nothing() -> None:
    ping = replace(LOST, is_ping=True)
    assert objection([a_standing(Result.FAILURE, crm=ping)], sold_too=False) == ""
