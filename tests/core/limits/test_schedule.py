"""Opening hours, holidays and the days when clocks are changed (behaviour 7)."""

from datetime import date, time
from zoneinfo import ZoneInfo

import pytest

from core.limits.moments import CHICAGO, HOUR, at
from leadrelay.core.limits.schedule import Hours, Schedule
from leadrelay.core.outcome import ReasonCode

MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
OFFICE = Hours(time(9), time(17))
WEEKDAYS = dict.fromkeys(range(5), (OFFICE,))


def a_schedule(
    week: dict[int, tuple[Hours, ...]] | None = None,
    *,
    zone: ZoneInfo = CHICAGO,
    holidays: frozenset[date] = frozenset(),
    special: dict[date, tuple[Hours, ...]] | None = None,
) -> Schedule:
    return Schedule(
        zone=zone, week=WEEKDAYS if week is None else week, holidays=holidays, special=special or {}
    )


def opens(schedule: Schedule, moment: str) -> str | None:
    """What a lead is told at a moment in Chicago; None where it may go."""
    closed = schedule.at(at(moment, schedule.zone)).closed
    return None if closed is None else closed.words


def test_is_open_from_the_first_second_until_just_before_the_last() -> None:
    schedule = a_schedule()
    assert opens(schedule, "2026-11-30T08:59:59") == "closed, opens 2026-11-30T09:00-06:00"
    assert opens(schedule, "2026-11-30T09:00:00") is None
    assert opens(schedule, "2026-11-30T16:59:59") is None
    assert opens(schedule, "2026-11-30T17:00:00") == "closed, opens 2026-12-01T09:00-06:00"


def test_says_with_a_code_and_a_moment_when_it_opens_next() -> None:
    """A weekend lies between."""
    closed = a_schedule().at(at("2026-12-04T20:00", CHICAGO)).closed
    assert closed is not None
    assert (closed.code, closed.opens_at) == (ReasonCode.CLOSED, at("2026-12-07T09:00-06:00"))
    assert not closed.may_open_sooner


def test_several_ranges_a_day_are_all_open() -> None:
    schedule = a_schedule({MON: (Hours(time(13), time(17)), Hours(time(9), time(12)))})
    assert opens(schedule, "2026-11-30T10:00") is None
    assert opens(schedule, "2026-11-30T12:30") == "closed, opens 2026-11-30T13:00-06:00"
    assert opens(schedule, "2026-11-30T13:30") is None


def test_overlapping_ranges_are_open_where_either_is() -> None:
    schedule = a_schedule({MON: (Hours(time(9), time(18)), Hours(time(10), time(12)))})
    assert opens(schedule, "2026-11-30T13:00") is None


def test_hours_over_midnight_belong_to_the_day_on_which_they_begin() -> None:
    schedule = a_schedule({FRI: (Hours(time(22), time(2)),)})
    assert opens(schedule, "2026-12-05T01:59") is None  # Saturday
    assert opens(schedule, "2026-12-05T02:00") == "closed, opens 2026-12-11T22:00-06:00"
    assert opens(schedule, "2026-12-04T01:00") is not None  # Friday: Thursday has no hours


def test_the_whole_day_goes_until_its_end() -> None:
    schedule = a_schedule({MON: (Hours(time(0), time(0)),)})
    assert opens(schedule, "2026-11-30T23:59:59") is None
    assert opens(schedule, "2026-12-01T00:00") is not None


def test_is_closed_on_a_holiday_and_says_so() -> None:
    schedule = a_schedule(holidays=frozenset({date(2026, 12, 25)}))
    words = "closed for the holiday of 2026-12-25, opens 2026-12-28T09:00-06:00"
    assert opens(schedule, "2026-12-25T10:00") == words


def test_hours_of_the_day_before_end_at_midnight_where_a_holiday_begins() -> None:
    schedule = a_schedule(
        {day: (Hours(time(20), time(2)),) for day in range(7)}, holidays=frozenset({date(2026, 12, 25)})
    )
    assert opens(schedule, "2026-12-24T23:59") is None
    assert opens(schedule, "2026-12-25T00:30") is not None
    assert opens(schedule, "2026-12-26T01:00") is not None  # they would have begun on the holiday


def test_a_day_with_hours_of_its_own_has_those_alone() -> None:
    schedule = a_schedule(special={date(2026, 12, 24): (Hours(time(9), time(12)),)})
    assert opens(schedule, "2026-12-24T11:00") is None
    assert opens(schedule, "2026-12-24T13:00") == "closed, opens 2026-12-25T09:00-06:00"


def test_a_schedule_of_days_that_are_over_says_that_none_follow() -> None:
    schedule = a_schedule({}, special={date(2026, 1, 5): (OFFICE,)})
    closed = schedule.at(at("2026-11-30T10:00", CHICAGO)).closed
    assert closed is not None
    assert (closed.words, closed.opens_at) == ("closed, and no opening hours follow", None)


@pytest.mark.parametrize(
    ("day", "length"), [("2026-03-08", 4), ("2026-11-01", 6)], ids=["an hour short", "an hour long"]
)
def test_hours_over_a_change_of_the_clock_are_those_on_the_wall(day: str, length: int) -> None:
    """Open from 00:30 to 05:30 on a Sunday: five hours in an ordinary week."""
    schedule = a_schedule({SUN: (Hours(time(0, 30), time(5, 30)),)})
    begin = at(f"{day}T00:30", CHICAGO)
    assert schedule.at(begin).until - begin == length * HOUR


def test_an_opening_hour_that_the_clock_leaps_over_is_where_it_lands() -> None:
    schedule = a_schedule({SUN: (Hours(time(2, 30), time(5)),)})
    assert opens(schedule, "2026-03-08T01:59:59") == "closed, opens 2026-03-08T03:00-05:00"
    assert schedule.at(at("2026-03-08T03:00-05:00")).closed is None


def test_hours_that_the_clock_leaps_over_whole_are_none() -> None:
    """It is not said to open at a moment at which it is found closed again."""
    schedule = a_schedule({SUN: (Hours(time(2, 15), time(2, 45)),), MON: (Hours(time(9), time(17)),)})
    assert opens(schedule, "2026-03-08T01:00:00") == "closed, opens 2026-03-09T09:00-05:00"


def test_an_opening_hour_that_the_clock_shows_twice_is_the_first() -> None:
    schedule = a_schedule({SUN: (Hours(time(1, 30), time(5)),)})
    assert schedule.at(at("2026-11-01T01:30-05:00")).closed is None
    assert schedule.at(at("2026-11-01T01:15-06:00")).closed is None  # it has opened before


def test_what_it_says_holds_until_it_says_when() -> None:
    schedule = a_schedule(holidays=frozenset({date(2026, 12, 25)}))
    moment = at("2026-12-20T00:00", CHICAGO)
    while moment < at("2027-01-05T00:00", CHICAGO):
        shift = schedule.at(moment)
        assert shift.until > moment
        halfway = schedule.at((moment + shift.until) // 2)
        assert (halfway.closed is None) is (shift.closed is None)
        moment = shift.until
