"""The clock on the wall, on the days when it is changed too."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from core.limits.moments import CHICAGO, HOUR, UTC, at
from leadrelay.core.limits.wall import first_showing, in_utc, midnight, showing, written


def test_an_ordinary_time_is_shown_once() -> None:
    assert first_showing(datetime(2026, 11, 30, 9, 0), CHICAGO) == at("2026-11-30T09:00-06:00")


def test_an_hour_that_the_clock_leaps_over_begins_where_it_lands() -> None:
    """In Chicago it is never between 2 and 3 o'clock on 2026-03-08."""
    for minute in (0, 1, 30, 59):
        assert first_showing(datetime(2026, 3, 8, 2, minute), CHICAGO) == at("2026-03-08T03:00-05:00")


def test_an_hour_that_the_clock_shows_twice_begins_the_first_time() -> None:
    assert first_showing(datetime(2026, 11, 1, 1, 30), CHICAGO) == at("2026-11-01T01:30-05:00")


@pytest.mark.parametrize(("day", "hours"), [("2026-03-08", 23), ("2026-06-15", 24), ("2026-11-01", 25)])
def test_a_day_is_as_long_as_the_clock_makes_it(day: str, hours: int) -> None:
    begin = datetime.fromisoformat(day)
    assert midnight(begin, CHICAGO, later=1) - midnight(begin, CHICAGO) == hours * HOUR


def test_a_day_that_begins_without_a_midnight_begins_when_the_clock_has_leapt() -> None:
    """In Cairo the clock leaps from midnight to one o'clock."""
    cairo = ZoneInfo("Africa/Cairo")
    assert midnight(datetime(2026, 4, 24), cairo) == at("2026-04-24T01:00+03:00")


def test_a_day_that_a_country_left_out_is_no_time_at_all() -> None:
    """Samoa went from 2011-12-29 to 2011-12-31 when it changed sides of the date line."""
    apia = ZoneInfo("Pacific/Apia")
    assert midnight(datetime(2011, 12, 30), apia) == midnight(datetime(2011, 12, 31), apia)


def test_shows_moments_to_people() -> None:
    moment = at("2026-12-01T06:00:00Z")
    assert written(moment, CHICAGO) == "2026-12-01T00:00-06:00"
    assert written(moment + 5 * 10**9, UTC) == "2026-12-01T06:00:05+00:00"
    assert in_utc(moment) == "2026-12-01T06:00:00Z"
    assert showing(moment, CHICAGO).hour == 0
