"""Adaptive concurrency, against recipients simulated in a time of our own (behaviour 7)."""

import heapq
from collections.abc import Callable
from random import Random

import pytest

from leadrelay.core.limits.adaptive import FIRST, Adaptive, AdaptiveRule
from leadrelay.core.outcome import Arrived, Kind, Outcome, ReasonCode

GOOD = Outcome(kind=Kind.SUCCESS)
BUSY = Outcome(kind=Kind.SOFT_REJECT, code=ReasonCode.UNAVAILABLE)
NO = Outcome(kind=Kind.HARD_REJECT)
SILENT = Outcome(kind=Kind.TIMEOUT, code=ReasonCode.TIMEOUT_RESPONSE, arrived=Arrived.UNKNOWN)

Recipient = Callable[[float, int], tuple[float, Outcome]]  # at what time, with how many there: how it answers


def queueing(at_once: int, takes: float = 0.1, chance: Random | None = None) -> Recipient:
    """Serves so many at once; the others queue up."""
    free = [0.0] * at_once

    def answer(now: float, _there: int) -> tuple[float, Outcome]:
        noise = 1.0 if chance is None else chance.uniform(0.9, 1.3)
        done = max(now, heapq.heappop(free)) + takes * noise
        heapq.heappush(free, done)
        return done - now, GOOD

    return answer


def refusing(at_once: int, takes: float = 0.1) -> Recipient:
    """Turns away whoever is one too many."""
    return lambda _now, there: (takes, GOOD) if there <= at_once else (0.01, BUSY)


def run(rule: AdaptiveRule, recipient: Recipient, seconds: float = 60.0) -> list[int]:
    """The limits over the last third of a time with more leads than anybody can take."""
    adaptive, now = Adaptive.first(rule), 0.0
    under_way: list[tuple[float, float, Outcome]] = []
    limits: list[int] = []
    number = 0.0
    while now < seconds:
        while len(under_way) < adaptive.slots:
            took, outcome = recipient(now, len(under_way) + 1)
            number += 1e-9  # so that no two are due at once
            heapq.heappush(under_way, (now + took + number, took, outcome))
        now, took, outcome = heapq.heappop(under_way)
        adaptive = adaptive.heard(outcome, took, len(under_way) + 1, now)
        if now > seconds * 2 / 3:
            limits.append(adaptive.slots)
    return limits


@pytest.mark.parametrize("capacity", [4, 12, 40])
def test_finds_out_how_many_a_recipient_serves_at_once(capacity: int) -> None:
    limits = run(AdaptiveRule(minimum=1, maximum=200), queueing(capacity))
    assert capacity <= sum(limits) / len(limits) <= capacity + 4


def test_is_not_misled_by_answers_that_take_now_more_and_now_less() -> None:
    limits = run(AdaptiveRule(minimum=1, maximum=200), queueing(20, chance=Random(7)), seconds=120)
    assert 14 <= sum(limits) / len(limits) <= 26


def test_follows_a_recipient_that_refuses_whoever_is_one_too_many() -> None:
    limits = run(AdaptiveRule(minimum=1, maximum=200), refusing(16))
    assert max(limits) <= 17
    assert sum(limits) / len(limits) >= 13


def test_does_not_take_the_queue_for_the_recipients_own_time_in_the_long_run() -> None:
    limits = run(AdaptiveRule(minimum=1, maximum=500), queueing(10), seconds=900)
    assert max(limits) <= 16


@pytest.mark.parametrize("recipient", [queueing(100), refusing(1)])
def test_never_leaves_its_bounds(recipient: Recipient) -> None:
    limits = run(AdaptiveRule(minimum=3, maximum=11), recipient)
    assert all(3 <= limit <= 11 for limit in limits)


def test_begins_carefully() -> None:
    assert Adaptive.first(AdaptiveRule(minimum=1, maximum=1000)).slots == FIRST
    assert Adaptive.first(AdaptiveRule(minimum=20, maximum=1000)).slots == 20
    assert Adaptive.first(AdaptiveRule(minimum=1, maximum=3)).slots == 3


def test_one_bad_moment_costs_a_tenth_however_many_leads_were_out() -> None:
    adaptive = Adaptive(rule=AdaptiveRule(maximum=100), limit=50.0)
    for number in range(20):
        adaptive = adaptive.heard(SILENT, 5.0, 50, now=10 + number / 1000)
    assert adaptive.limit == pytest.approx(45)


def test_a_limit_that_nobody_needs_does_not_grow() -> None:
    adaptive = Adaptive(rule=AdaptiveRule(maximum=100), limit=10.0)
    for number in range(200):
        adaptive = adaptive.heard(NO, 0.1, 2, now=float(number) / 10)
    assert adaptive.slots == 10


def test_a_recipient_that_has_enough_for_today_is_not_too_busy() -> None:
    adaptive = Adaptive(rule=AdaptiveRule(maximum=100), limit=10.0)
    capped = Outcome(kind=Kind.SOFT_REJECT, code=ReasonCode.CAP_EXCEEDED)
    assert adaptive.heard(capped, 0.1, 2, now=1.0).slots == 10
