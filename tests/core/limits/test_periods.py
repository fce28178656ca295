"""Minutes, hours, days, weeks and months by the calendar of a time zone (behaviour 7)."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.limits.moments import BERLIN, CHICAGO, HOUR, UTC, at
from leadrelay.core.limits.periods import Period, PeriodKind, period_at


@pytest.mark.parametrize(
    ("kind", "begin", "end", "label"),
    [
        (PeriodKind.MINUTE, "2026-11-30T14:07-06:00", "2026-11-30T14:08-06:00", "2026-11-30T14:07-0600"),
        (PeriodKind.HOUR, "2026-11-30T14:00-06:00", "2026-11-30T15:00-06:00", "2026-11-30T14:00-0600"),
        (PeriodKind.DAY, "2026-11-30T00:00-06:00", "2026-12-01T00:00-06:00", "2026-11-30"),
        (PeriodKind.WEEK, "2026-11-30T00:00-06:00", "2026-12-07T00:00-06:00", "2026-11-30"),
        (PeriodKind.MONTH, "2026-11-01T00:00-05:00", "2026-12-01T00:00-06:00", "2026-11"),
    ],
)
def test_a_moment_lies_in_one_period_of_each_kind(kind: PeriodKind, begin: str, end: str, label: str) -> None:
    """2026-11-30 is a Monday; on November 1st the clocks go back in Chicago."""
    period = period_at(at("2026-11-30T14:07:31-06:00"), kind, CHICAGO)
    assert period == Period(label, at(begin), at(end))


def test_the_same_moment_is_another_day_elsewhere() -> None:
    moment = at("2026-12-01T03:00Z")
    assert period_at(moment, PeriodKind.DAY, CHICAGO).label == "2026-11-30"
    assert period_at(moment, PeriodKind.DAY, BERLIN).label == "2026-12-01"


@pytest.mark.parametrize(("day", "hours"), [("2026-03-08", 23), ("2026-11-01", 25)])
def test_a_day_on_which_the_clock_is_changed_is_one_day(day: str, hours: int) -> None:
    period = period_at(at(f"{day}T12:00", CHICAGO), PeriodKind.DAY, CHICAGO)
    assert period.ends - period.starts == hours * HOUR
    assert period.label == day


def test_an_hour_that_the_clock_shows_twice_is_two_hours() -> None:
    first = period_at(at("2026-11-01T01:30-05:00"), PeriodKind.HOUR, CHICAGO)
    second = period_at(at("2026-11-01T01:30-06:00"), PeriodKind.HOUR, CHICAGO)
    assert first.ends == second.starts
    assert first.label != second.label


def test_a_week_starts_on_monday_unless_another_day_is_named() -> None:
    sunday = at("2026-11-29T12:00Z")
    assert period_at(sunday, PeriodKind.WEEK, UTC).label == "2026-11-23"
    assert period_at(sunday, PeriodKind.WEEK, UTC, week_starts=6).label == "2026-11-29"


@pytest.mark.parametrize(
    ("moment", "ends"),
    [
        ("2026-01-31T23:59:59Z", "2026-02-01T00:00Z"),
        ("2028-02-29T12:00Z", "2028-03-01T00:00Z"),
        ("2026-12-31T23:59Z", "2027-01-01T00:00Z"),
    ],
)
def test_a_month_ends_with_its_last_day(moment: str, ends: str) -> None:
    assert period_at(at(moment), PeriodKind.MONTH, UTC).ends == at(ends)


@given(
    st.integers(at("2020-01-01"), at("2030-01-01")),
    st.sampled_from(list(PeriodKind)),
    st.sampled_from(
        ["UTC", "America/Chicago", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo", "Asia/Gaza"]
    ),
)
def test_periods_follow_each_other_without_a_gap(moment: int, kind: PeriodKind, zone: str) -> None:
    place = ZoneInfo(zone)
    period = period_at(moment, kind, place)
    assert period.holds(moment)
    following = period_at(period.ends, kind, place)
    assert following.label != period.label
    assert following.starts <= period.ends < following.ends
    assert period_at(period.ends - 1, kind, place) == period
