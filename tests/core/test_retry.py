"""Whether to try again, and when (behaviour 4.4, 4.5)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.exchange import Reply
from leadrelay.core.outcome import Arrived, Kind, Outcome, ReasonCode
from leadrelay.core.retry import MAX_ASKED, Backoff, retry_after

NOW = 1_764_000_000_000_000_000  # Mon, 24 Nov 2025 16:00:00 GMT
REFUSED = Outcome(kind=Kind.SYSTEM_ERROR, code=ReasonCode.CONNECT, arrived=Arrived.NO)
LOST = Outcome(kind=Kind.TIMEOUT, code=ReasonCode.TIMEOUT_RESPONSE, arrived=Arrived.UNKNOWN)
BUSY = Outcome(kind=Kind.SOFT_REJECT, code=ReasonCode.UNAVAILABLE)
ANSWERED_500 = Outcome(kind=Kind.SYSTEM_ERROR, code=ReasonCode.UNAVAILABLE)


def test_delays_grow_by_the_factor_up_to_the_longest() -> None:
    backoff = Backoff(attempts=6, first_delay=1, factor=3, max_delay=10)
    assert [backoff.delay(failed, 0) for failed in range(1, 6)] == [1, 3, 9, 10, 10]


def test_the_recipients_own_wish_is_never_undercut() -> None:
    assert Backoff(first_delay=1).delay(1, 0, asked=7) == 7
    assert Backoff(first_delay=9).delay(1, 0, asked=7) == 9
    assert Backoff(first_delay=9, jitter=True).delay(1, 0.1, asked=7) == 7


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_no_number_of_failures_overflows(failed: int, chance: float) -> None:
    backoff = Backoff(first_delay=3600, factor=10, max_delay=86_400, jitter=True)
    assert 0 <= backoff.delay(failed, chance) <= 86_400


@pytest.mark.parametrize(
    ("outcome", "again"),
    [
        (REFUSED, True),
        (BUSY, True),
        (LOST, False),
        (ANSWERED_500, False),
        (Outcome(kind=Kind.HARD_REJECT), False),
        (Outcome(kind=Kind.SUCCESS), False),
    ],
)
def test_by_default_only_not_now_and_certainly_not_arrived_are_tried_again(
    outcome: Outcome, again: bool
) -> None:
    assert Backoff(attempts=3).is_worth_another(outcome, 1) is again


def test_a_catalog_names_outcomes_and_codes_that_are_tried_again() -> None:
    backoff = Backoff(attempts=3, on=frozenset({"unavailable"}))
    assert backoff.is_worth_another(ANSWERED_500, 1)
    assert not backoff.is_worth_another(REFUSED, 1)


def test_unknown_is_not_resent_whatever_the_catalog_names() -> None:
    """Behaviour 4.5: never resent by default; only where the recipient honours our key."""
    backoff = Backoff(attempts=3, on=frozenset({"timeout", "timeout_response"}))
    assert not backoff.is_worth_another(LOST, 1)
    assert backoff.is_worth_another(LOST, 1, may_resend_unknown=True)
    assert Backoff(attempts=3).is_worth_another(LOST, 1, may_resend_unknown=True)


def test_attempts_count_all_of_them() -> None:
    assert not Backoff(attempts=1).is_worth_another(REFUSED, 1)
    assert Backoff(attempts=2).is_worth_another(REFUSED, 1)
    assert not Backoff(attempts=2).is_worth_another(REFUSED, 2)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 3 ", 3),
        ("Mon, 24 Nov 2025 16:00:30 GMT", 30),
        ("Mon, 24 Nov 2025 15:00:00 GMT", 0),
        ("Mon, 24 Nov 2025 16:00:30 -0000", 30),
        ("-5", 0),
        ("soon", 0),
        ("", 0),
        ("9" * 400, MAX_ASKED),
        ("Mon, 24 Nov 2036 16:00:30 GMT", MAX_ASKED),
        ("٣", 0),
        ("Mon, 99 Nov 2025 16:00:30 GMT", 0),
        ("2.5", 2.5),
        ("120.0", 120),
        ("2025-11-24T16:00:30Z", 30),
        ("2025-11-24T17:00:30+01:00", 30),
        ("2025-11-24T16:00:30", 30),
        ("0001-01-01T00:00:00+23:59", 0),
        ("1764000030", 30),
        ("1763999000", 0),
        ("999999999", MAX_ASKED),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float) -> None:
    """RFC 9110, 10.2.3."""
    reply = Reply(status=503, headers=(("Retry-After", value),))
    assert retry_after(reply, NOW) == pytest.approx(seconds)


@given(st.text())
def test_no_retry_after_crashes(value: str) -> None:
    assert retry_after(Reply(status=503, headers=(("retry-after", value),)), NOW) >= 0


@pytest.mark.parametrize(
    ("pause", "left", "parks"),
    [(10, 20, False), (31, 60, True), (10, 8, True), (30, 31, False), (0, 1, False)],
)
def test_a_pause_is_parked_when_it_is_long_or_nothing_is_left_of_total(
    pause: float, left: float, parks: bool
) -> None:
    assert Backoff(park_after=30).parks(pause, left) is parks
