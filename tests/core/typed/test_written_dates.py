"""Dates and times of day as people and programs write them (behaviour 3.4)."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.typed.written_dates import at_once, time_after_date, written_date, written_time


@pytest.mark.parametrize(
    "words",
    [
        "2014-06-02",
        "2014/6/2",
        "06/02/2014",
        "6/2/2014",
        "6-2-2014",
        "06.02.2014",
        "06 / 02 / 2014",
        "6/2/14",
        "06022014",
        "20140602",
        "Jun 02 2014",
        "June 2nd, 2014",
        "Mon Jun 02 2014",
        "Monday, June 2, 2014",
        "2 June 2014",
        "Mon 2 Jun 2014",
        "02-JUN-2014",
        "02-JUN-14",
        "2nd June 2014",
    ],
)
def test_one_day_is_read_in_all_its_spellings(words: str) -> None:
    assert written_date(words, 68) == (date(2014, 6, 2), "")


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("6/7/2014", date(2014, 6, 7)),  # American
        ("13/7/2014", date(2014, 7, 13)),  # only the day can be 13
        ("7/13/2014", date(2014, 7, 13)),
        ("18072014", date(2014, 7, 18)),
        ("07182014", date(2014, 7, 18)),
        ("20121981", date(1981, 12, 20)),
    ],
)
def test_the_month_comes_first_unless_it_cannot(words: str, day: date) -> None:
    assert written_date(words, 68) == (day, "")


@pytest.mark.parametrize(
    "words",
    [
        "",
        "10",
        "2014",
        "June 2014",
        "13/13/2014",
        "2/30/2014",
        "29/2/2023",
        "0000-00-00",
        "0001-01-01",  # the zero of somebody's calendar
        "2014-13-01",
        "1/2/345",
        "06/02-2014",
        "512-555-0148",
        "1402770453",
        "99999999",
        "tomorrow",
    ],
)
def test_nothing_is_guessed(words: str) -> None:
    assert written_date(words, 68) is None


@pytest.mark.parametrize(("year", "full"), [("00", 2000), ("19", 2019), ("20", 1920), ("99", 1999)])
def test_two_digits_of_a_year_mean_the_century_that_the_caller_says(year: str, full: int) -> None:
    found = written_date(f"1/2/{year}", 19)
    assert found is not None
    assert found[0].year == full


@pytest.mark.parametrize(
    ("words", "clock"),
    [
        ("17:30", time(17, 30)),
        ("5:30 PM", time(17, 30)),
        ("5pm", time(17)),
        ("5 p.m.", time(17)),
        ("12am", time(0)),
        ("12:15 pm", time(12, 15)),
        ("18:27:33.5Z", time(18, 27, 33, 500_000, tzinfo=UTC)),
        ("13:27:33 GMT-0500 (CDT)", time(13, 27, 33, tzinfo=timezone(timedelta(hours=-5)))),
        ("13:27 +05:30", time(13, 27, tzinfo=timezone(timedelta(hours=5, minutes=30)))),
    ],
)
def test_a_time_of_day_is_read(words: str, clock: time) -> None:
    assert written_time(words) == clock
    assert written_time(words) is not None
    assert written_time(words).utcoffset() == clock.utcoffset()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "words", ["", "5", "25:00", "13pm", "0am", "17:60", "17:30 +99:99", "17:30 EST", "evening"]
)
def test_what_is_no_time_of_day_is_none(words: str) -> None:
    assert written_time(words) is None


def test_a_time_stands_apart_from_its_date() -> None:
    assert time_after_date("T17:30") == time_after_date(", 5:30 pm") == time(17, 30)
    assert time_after_date("17:30") is None


def test_a_moment_beyond_the_calendar_is_none() -> None:
    west = timezone(timedelta(hours=-5))
    assert at_once(date(9999, 12, 31), time(23, tzinfo=west)) is None
    assert at_once(date(2014, 6, 14), time(23, tzinfo=west)) == datetime(2014, 6, 15, 4, tzinfo=UTC)


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31)))
def test_every_day_survives_every_common_way_to_write_it(day: date) -> None:
    for shape in (
        "%Y-%m-%d",
        "%m/%d/%Y",
        "%m%d%Y",
        "%Y%m%d",
        "%B %d, %Y",
        "%a %b %d %Y",
        "%d-%b-%Y",
        "%d %B %Y",
    ):
        assert written_date(day.strftime(shape), 68) == (day, "")
