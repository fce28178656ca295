"""Rates, breakers and adaptive concurrency as a catalog writes them (behaviour 7)."""

import pytest

from catalog_texts import loaded, of_rest, refused, warned
from leadrelay.core.limits import Limits
from leadrelay.core.limits.adaptive import AdaptiveRule
from leadrelay.core.limits.breaker import BreakerRule
from leadrelay.core.limits.full import WhenFull
from leadrelay.core.limits.rate import Rate


def limits(keys: str) -> Limits | None:
    return loaded(of_rest(f"limits: {{{keys}}}")).catalog.destinations["crm"].limits


def problem(keys: str) -> str:
    """The one problem with these limits."""
    (found,) = refused(of_rest(f"limits: {{{keys}}}"))
    place = "c.yaml:5: destinations[crm].limits."
    assert found.startswith(place)
    return found.removeprefix(place)


@pytest.mark.parametrize("keys", ["", "concurrency: 4", "queue: 5", "when_full: skip"])
def test_a_destination_without_anything_else_has_no_gate(keys: str) -> None:
    text = of_rest(f"limits: {{{keys}}}")
    assert loaded(text).catalog.destinations["crm"].limits is None


def test_what_is_not_said_has_the_defaults_of_the_page() -> None:
    assert limits("rate: {per_second: 5}") == Limits(rate=Rate(per_second=5, burst=1))
    rule = BreakerRule(failure_share=0.5, minimum=20, window=60, open_for=30, probes=1)
    assert limits("breaker: {}") == Limits(breaker=rule)
    assert limits("adaptive: {}") == Limits(adaptive=AdaptiveRule(minimum=1, maximum=32))


def test_what_is_said_is_carried_over() -> None:
    found = limits(
        "rate: {per_second: 0.5, burst: 3}, "
        "breaker: {failure_share: 0.25, minimum: 8, window: 2m, open_for: 5s, probes: 2}, "
        "adaptive: {minimum: 2, maximum: 64}, when_full: wait"
    )
    assert found == Limits(
        rate=Rate(per_second=0.5, burst=3),
        breaker=BreakerRule(failure_share=0.25, minimum=8, window=120, open_for=5, probes=2),
        adaptive=AdaptiveRule(minimum=2, maximum=64),
        when_full=WhenFull.WAIT,
    )
    parked = limits("breaker: {}, when_full: park")
    assert parked is not None
    assert parked.when_full is WhenFull.PARK


def test_adaptive_concurrency_never_exceeds_the_fixed_one() -> None:
    assert limits("concurrency: 10, adaptive: {}") == Limits(adaptive=AdaptiveRule(minimum=1, maximum=10))


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("rate: {}", "rate: needs `per_second`; 0.5 is one every two seconds"),
        (
            "rate: {per_second: 0}",
            "rate.per_second: must be more than 0 and at most 1000000; 0.5 is one every two seconds",
        ),
        (
            "rate: {per_second: -1}",
            "rate.per_second: must be more than 0 and at most 1000000; 0.5 is one every two seconds",
        ),
        ("rate: {per_second: 5, burst: 2000000}", "rate.burst: cannot be more than 1000000"),
        (
            "breaker: {failure_share: 1.5}",
            "breaker.failure_share: must be from 0 to 1; 0.5 opens it when half of the attempts failed",
        ),
        ("breaker: {window: 0s}", "breaker.window: must be more than zero"),
        ("breaker: {open_for: 0s}", "breaker.open_for: must be more than zero"),
        ("breaker: {probes: 5000}", "breaker.probes: cannot be more than 1000"),
        ("adaptive: {minimum: 9, maximum: 5}", "adaptive.minimum: is above `maximum`, 5"),
        ("concurrency: 4, adaptive: {minimum: 9}", "adaptive.minimum: is above `concurrency`, 4"),
        (
            "adaptive: {minimum: 40}",
            "adaptive.minimum: is above `concurrency`, 32, which is so by default",
        ),
        ("adaptive: {maximum: 20000}", "adaptive.maximum: cannot be more than 10000"),
    ],
)
def test_says_what_cannot_be_meant(keys: str, words: str) -> None:
    assert problem(keys) == words


@pytest.mark.parametrize("number", [".nan", ".inf", "NaN", "Infinity"])
def test_a_rate_that_is_no_number_is_refused(number: str) -> None:
    assert "rate.per_second" in refused(of_rest(f"limits: {{rate: {{per_second: {number}}}}}"))[0]


def test_a_misspelt_policy_gets_the_nearest() -> None:
    assert "did you mean `wait`?" in problem("breaker: {}, when_full: wiat")


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (
            "rate: {per_second: 5}, when_full: skip",
            "when_full: means something with caps, a schedule or a breaker; a rate is always waited for",
        ),
        (
            "concurrency: 4, adaptive: {maximum: 8}",
            "adaptive.maximum: is never reached, because `concurrency`, 4, is the most in any case",
        ),
    ],
)
def test_warns_of_what_has_no_effect(keys: str, words: str) -> None:
    assert warned(of_rest(f"limits: {{{keys}}}")) == [f"c.yaml:5: destinations[crm].limits.{words}"]
