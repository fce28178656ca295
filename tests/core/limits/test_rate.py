"""The token bucket, with the time in our hands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.limits.rate import Bucket, Rate


def let_out(rate: Rate, asked_at: list[float]) -> list[float]:
    """When each of those who ask, one after another, may go."""
    bucket, now, out = Bucket(rate=rate), 0.0, []
    for moment in asked_at:
        now = bucket.ready_at(max(now, moment))
        bucket = bucket.after_one(now)
        out.append(now)
    return out


def test_lets_one_out_and_then_one_per_interval() -> None:
    assert let_out(Rate(per_second=4), [0.0] * 5) == [0, 0.25, 0.5, 0.75, 1]


def test_a_rate_may_be_a_fraction() -> None:
    assert let_out(Rate(per_second=0.5), [0.0] * 3) == [0, 2, 4]


def test_a_burst_goes_at_once_and_is_earned_again_by_waiting() -> None:
    rate = Rate(per_second=2, burst=3)
    assert let_out(rate, [0.0] * 5) == [0, 0, 0, 0.5, 1]
    assert let_out(rate, [0.0] * 3 + [10.0] * 4) == [0, 0, 0, 10, 10, 10, 10.5]


def test_a_pause_earns_no_more_than_the_burst() -> None:
    assert let_out(Rate(per_second=1, burst=2), [0.0, 0.0, 1000.0, 1000.0, 1000.0]) == [
        0,
        0,
        1000,
        1000,
        1001,
    ]


@given(
    st.floats(0.01, 1000),
    st.integers(1, 50),
    st.lists(st.floats(0, 60), min_size=1, max_size=80).map(sorted),
)
def test_no_window_holds_more_than_the_burst_and_what_its_length_earns(
    per_second: float, burst: int, asked_at: list[float]
) -> None:
    out = let_out(Rate(per_second=per_second, burst=burst), asked_at)
    for first, begin in enumerate(out):
        for last in range(first, len(out)):
            assert last - first + 1 <= burst + (out[last] - begin) * per_second + 1e-6


def test_a_hundred_thousand_of_them_drift_by_nothing_that_matters() -> None:
    bucket, now = Bucket(rate=Rate(per_second=10)), 0.0
    for _ in range(100_001):
        now = bucket.ready_at(now)
        bucket = bucket.after_one(now)
    assert now == pytest.approx(10_000, abs=1e-6)
