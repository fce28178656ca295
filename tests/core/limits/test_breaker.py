"""The circuit breaker: when it opens, whom it lets find out, and when it closes (behaviour 7)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.limits.breaker import Breaker, BreakerRule, breaker_open, is_failure
from leadrelay.core.outcome import Arrived, Kind, Outcome, ReasonCode

RULE = BreakerRule(failure_share=0.5, minimum=4, window=60, open_for=30)
GOOD = Outcome(kind=Kind.SUCCESS)
NO = Outcome(kind=Kind.HARD_REJECT)
LATER = Outcome(kind=Kind.SOFT_REJECT)
BROKEN = Outcome(kind=Kind.SYSTEM_ERROR, code=ReasonCode.CONNECT, arrived=Arrived.NO)
SILENT = Outcome(kind=Kind.TIMEOUT, code=ReasonCode.TIMEOUT_RESPONSE, arrived=Arrived.UNKNOWN)
STOPPED = Outcome(kind=Kind.SYSTEM_ERROR, code=ReasonCode.INTERRUPTED, arrived=Arrived.UNKNOWN)


def after(*outcomes: Outcome, rule: BreakerRule = RULE, apart: float = 1.0) -> Breaker:
    """A breaker that has heard these, so many seconds apart."""
    breaker = Breaker(rule=rule)
    for number, outcome in enumerate(outcomes):
        breaker = breaker.heard(outcome, number * apart, was_probe=False)
    return breaker


def half_open(rule: BreakerRule = RULE) -> Breaker:
    """One that has let its first probe out at 33 s."""
    breaker = after(BROKEN, BROKEN, BROKEN, BROKEN, rule=rule)
    assert breaker.lets_pass(33)
    return breaker.entered()


@pytest.mark.parametrize("outcome", [BROKEN, SILENT])
def test_opens_when_the_share_is_reached_and_there_were_enough(outcome: Outcome) -> None:
    assert after(outcome, outcome, outcome).is_closed
    breaker = after(GOOD, GOOD, outcome, outcome)
    assert not breaker.is_closed
    assert (breaker.failed, breaker.made, breaker.since) == (2, 4, 3)


@pytest.mark.parametrize("outcome", [NO, LATER, GOOD])
def test_an_answer_is_a_sign_of_health_whatever_it_says(outcome: Outcome) -> None:
    assert after(*[outcome] * 50).is_closed
    assert after(outcome, outcome, outcome, BROKEN, BROKEN).is_closed


def test_what_went_wrong_on_our_side_says_nothing_of_the_recipient() -> None:
    assert after(*[STOPPED] * 50).is_closed
    assert not is_failure(STOPPED)


def test_what_is_older_than_the_window_does_not_count() -> None:
    assert after(BROKEN, BROKEN, BROKEN, BROKEN, apart=21).is_closed
    assert not after(BROKEN, BROKEN, BROKEN, BROKEN, apart=17).is_closed


def test_lets_nobody_pass_while_it_is_open() -> None:
    breaker = after(BROKEN, BROKEN, BROKEN, BROKEN)
    assert not breaker.lets_pass(3)
    assert not breaker.lets_pass(32.9)


def test_lets_exactly_one_lead_find_out() -> None:
    assert not half_open().lets_pass(33)
    assert not half_open().lets_pass(1000)


@pytest.mark.parametrize("answer", [GOOD, NO, LATER])
def test_closes_when_the_one_has_an_answer(answer: Outcome) -> None:
    breaker = half_open().heard(answer, 34, was_probe=True)
    assert breaker == Breaker(rule=RULE)
    assert breaker.heard(BROKEN, 35, was_probe=False).is_closed  # the old failures are forgotten


def test_stays_open_for_as_long_again_when_the_one_fails() -> None:
    breaker = half_open().heard(SILENT, 40, was_probe=True)
    assert not breaker.lets_pass(69.9)
    assert breaker.lets_pass(70)
    assert breaker.since == 3  # the outage is the same one


def test_one_that_comes_back_unsent_leaves_its_turn_to_the_next() -> None:
    assert half_open().withdrawn().lets_pass(33)
    assert half_open().heard(STOPPED, 34, was_probe=True).lets_pass(34)


def test_may_ask_for_several_that_pass_in_a_row() -> None:
    breaker = half_open(BreakerRule(minimum=4, probes=2)).heard(GOOD, 34, was_probe=True)
    assert not breaker.is_closed
    assert breaker.lets_pass(34)
    assert breaker.entered().heard(GOOD, 35, was_probe=True).is_closed
    assert not breaker.entered().heard(BROKEN, 35, was_probe=True).lets_pass(36)


def test_answers_to_leads_from_before_the_outage_change_nothing() -> None:
    breaker = half_open()
    assert breaker.heard(GOOD, 34, was_probe=False) == breaker
    assert breaker.heard(BROKEN, 34, was_probe=False) == breaker


def test_says_since_when_why_and_when_it_tries_again() -> None:
    breaker = after(GOOD, BROKEN, BROKEN, BROKEN)
    second = 10**9
    full = breaker_open(breaker, since=3 * second, tries_at=33 * second, is_probing=False)
    assert full.code is ReasonCode.BREAKER_OPEN
    assert full.opens_at == 33 * second
    assert full.words == (
        "breaker open since 1970-01-01T00:00:03Z: 3 of 4 attempts failed within 60 s; "
        "tries one lead at 1970-01-01T00:00:33Z"
    )
    probing = breaker_open(breaker, since=0, tries_at=second, is_probing=True)
    assert probing.words.endswith("; one lead is finding out")
    assert probing.may_open_sooner


@given(st.lists(st.tuples(st.floats(0, 5), st.booleans()), max_size=200))
def test_costs_the_same_however_many_attempts_there_are(steps: list[tuple[float, bool]]) -> None:
    breaker, now = Breaker(rule=BreakerRule(failure_share=1, minimum=1000)), 0.0
    for pause, fails in steps:
        now += pause
        breaker = breaker.heard(BROKEN if fails else GOOD, now, was_probe=False)
    assert len(breaker.slices) <= 10
