"""Where a lead stands, read from its facts (design 2.1)."""

import pytest

from leadrelay.core.facts import (
    AttemptEnded,
    AttemptStarted,
    DeliveryAsked,
    DeliveryEnded,
    DeliveryParked,
    Entry,
    Fact,
    LeadCancelled,
    LeadReceived,
    LeadSettled,
)
from leadrelay.core.outcome import Arrived, Kind, Outcome, ReasonCode, Result
from leadrelay.core.standing import Standing, standing
from values import LEAD_ID, MOMENT, a_lead

NO = Outcome(kind=Kind.SYSTEM_ERROR, arrived=Arrived.NO)
YES = Outcome(kind=Kind.SUCCESS)


def after(*facts: Fact) -> Standing:
    rows = [LeadReceived(lead=a_lead(), digest="d"), *facts]
    state = standing(
        Entry(lead_id=LEAD_ID, number=number, at=MOMENT, fact=fact) for number, fact in enumerate(rows, 1)
    )
    assert state is not None
    return state


def started(attempt: int = 1) -> AttemptStarted:
    return AttemptStarted(delivery="crm", destination="crm", attempt=attempt)


def ended(outcome: Outcome, attempt: int = 1) -> AttemptEnded:
    return AttemptEnded(delivery="crm", destination="crm", attempt=attempt, outcome=outcome)


def test_a_new_lead_has_no_deliveries_and_its_digest() -> None:
    state = after()
    assert (state.digest, state.deliveries, state.last_number) == ("d", {}, 1)


def test_an_attempt_without_an_end_is_open() -> None:
    tried = after(started(), ended(NO), started(2)).deliveries["crm"]
    assert (tried.made, tried.is_open, tried.last) == (2, True, NO)


def test_an_ended_delivery_is_an_answer() -> None:
    state = after(started(), ended(YES), DeliveryEnded(delivery="crm", destination="crm", outcome=YES))
    assert state.answers == {"crm": YES}
    assert not state.deliveries["crm"].is_open


def test_a_parked_delivery_keeps_its_due_time_until_it_is_tried_again() -> None:
    parked = DeliveryParked(delivery="crm", destination="crm", due_at=MOMENT + 5)
    assert after(started(), ended(NO), parked).deliveries["crm"].due_at == MOMENT + 5
    assert after(started(), ended(NO), parked, started(2)).deliveries["crm"].due_at is None


def test_the_end_and_a_cancellation_are_known() -> None:
    settled, cancelled = LeadSettled(result=Result.FAILURE), LeadCancelled(reason="asked")
    state = after(cancelled, settled)
    assert (state.cancelled, state.settled, state.last_number) == (cancelled, settled, 3)


def test_a_lead_without_facts_has_no_standing() -> None:
    assert standing([]) is None


def test_facts_that_do_not_begin_at_the_beginning_are_refused() -> None:
    with pytest.raises(ValueError, match="begin with AttemptStarted"):
        standing([Entry(lead_id=LEAD_ID, number=2, at=MOMENT, fact=started())])


LOST = Outcome(
    kind=Kind.TIMEOUT, code=ReasonCode.TIMEOUT_RESPONSE, arrived=Arrived.UNKNOWN, words="no answer"
)
REFUSED = Outcome(kind=Kind.SYSTEM_ERROR, code=ReasonCode.CONNECT, arrived=Arrived.NO, words="refused")
LATER = Outcome(kind=Kind.SOFT_REJECT, code=ReasonCode.UNAVAILABLE, words="busy")


@pytest.mark.parametrize("then", [REFUSED, LATER], ids=["nobody listened", "not now"])
def test_a_later_try_that_decides_nothing_leaves_the_doubt_about_an_earlier_one(then: Outcome) -> None:
    """Behaviour 4.5: else the lead would go to the next buyer, although the first may have bought it."""
    tried = after(started(), ended(LOST), started(2), ended(then)).deliveries["crm"]
    known = tried.in_the_end(then)
    assert known.is_unresolved
    assert known.words == f"no answer; sent again: {then.words}"


@pytest.mark.parametrize("then", [YES, Outcome(kind=Kind.HARD_REJECT)], ids=["yes", "no"])
def test_an_answer_to_a_later_try_is_the_answer(then: Outcome) -> None:
    tried = after(started(), ended(LOST), started(2), ended(then)).deliveries["crm"]
    assert tried.in_the_end(then) == then


def test_who_was_asked_and_does_not_know_the_lead_leaves_no_doubt() -> None:
    asked = DeliveryAsked(delivery="crm", destination="crm", number=1, outcome=REFUSED)
    tried = after(started(), ended(LOST), asked, started(2), ended(LATER)).deliveries["crm"]
    assert tried.in_the_end(LATER) == LATER
