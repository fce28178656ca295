"""Dates as people write them, and moving them about (behaviour 3.2)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.template.moments import BadZone, Moment, in_zone, moment_of, moved, zone
from leadrelay.core.typed import date_
from leadrelay.core.values import Value

DAY = date(2014, 6, 2)
AT = datetime(2014, 6, 2, 14, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ("2014-06-02", DAY),
        ("2014/6/2", DAY),
        ("6/2/2014", DAY),
        ("06-02-2014", DAY),
        ("06.02.2014", DAY),
        ("6/2/14", DAY),
        ("13/7/2014", date(2014, 7, 13)),  # only the day can be 13
        ("٢٠١٤-٠٦-٠٢", DAY),
        ("02-Jun-14", DAY),
        ("6/2/2014 2pm", AT.replace(minute=0, second=0)),
        ("6/2/69", date(1969, 6, 2)),
        ("6/2/68", date(2068, 6, 2)),
        ("20140602", DAY),
        ("06022014", DAY),
        ("Mon Jun 02 2014", DAY),
        ("Jun 02 2014", DAY),
        ("June 2nd, 2014", DAY),
        ("2 June 2014", DAY),
        ("02-Jun-2014", DAY),
        ("Sept. 5, 2014", date(2014, 9, 5)),
        (" 2014-06-02T14:05:09Z ", AT),
        ("2014-06-02 14:05:09", AT),
        ("2014-06-02T10:05:09.000-04:00", AT),
        ("2014-06-02T10:05:09-0400", AT),
        ("06/02/2014 2:05:09 PM", AT),
        ("06/02/2014, 2:05 p.m.", AT.replace(second=0)),
        ("6/2/2014 12:00 AM", AT.replace(hour=0, minute=0, second=0)),
        ("1401717909", AT),
        (1401717909, AT),
        ("1401717909123", AT.replace(microsecond=123000)),
        (DAY, DAY),
        (AT, AT),
        (AT.replace(tzinfo=None), AT),
    ],
)
def test_these_are_dates(words: Value, moment: Moment) -> None:
    found = moment_of(words)
    assert found == moment
    assert type(found) is type(moment)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "soon",
        "13/13/2014",
        "2014-02-30",
        "2014-06-02 25:00",
        "6/2/2014 13:00 PM",
        "Foo 2 2014",
        "123",
        True,
        1.5,
        "2014-06-02T10:05:09+99:00",
        "0000-01-01",
        None,
        ["2014-06-02"],
        "2" * 100,
    ],
)
def test_these_are_none(words: Value) -> None:
    assert moment_of(words) is None


@pytest.mark.parametrize(
    "words",
    ["1/2/2014", "13/7/2014", "٢٠١٤-٠٦-٠٢", "02-Jun-14", "1/2/14 5pm", "18072014", "0001-01-01", "2/30/2014"],
)
def test_a_template_takes_for_a_day_what_a_typed_field_does(words: str) -> None:
    moment = moment_of(words)
    day = moment.date() if isinstance(moment, datetime) else moment
    assert (day and day.isoformat()) == date_(words).normal


@pytest.mark.parametrize(
    ("amounts", "day"),
    [
        ({"days": 30}, date(2014, 7, 2)),
        ({"days": -2}, date(2014, 5, 31)),
        ({"weeks": 1, "days": 1}, date(2014, 6, 10)),
        ({"months": 1}, date(2014, 7, 2)),
        ({"months": -6}, date(2013, 12, 2)),
        ({"months": 7}, date(2015, 1, 2)),
        ({"years": 1, "months": -12}, DAY),
    ],
)
def test_a_date_moves(amounts: dict[str, int], day: date) -> None:
    assert moved(DAY, amounts) == day


def test_a_month_has_no_more_days_than_it_has() -> None:
    assert moved(date(2024, 1, 31), {"months": 1}) == date(2024, 2, 29)
    assert moved(date(2024, 2, 29), {"years": 1}) == date(2025, 2, 28)
    assert moved(date(2024, 12, 31), {"months": 2}) == date(2025, 2, 28)


def test_a_day_is_a_day_on_the_wall_and_an_hour_an_hour_of_time() -> None:
    """Clocks in New York went forward on 10 March 2024 at 2 in the morning."""
    before = in_zone(datetime(2024, 3, 9, 17, 0, tzinfo=UTC), zone("America/New_York"))
    assert str(moved(before, {"days": 1})) == "2024-03-10 12:00:00-04:00"
    assert str(moved(before, {"hours": 24})) == "2024-03-10 13:00:00-04:00"


def test_nothing_lies_beyond_the_calendar() -> None:
    assert moved(date(9999, 12, 31), {"days": 1}) is None
    assert moved(date(1, 1, 1), {"months": -1}) is None
    assert moved(date(9999, 12, 31), {"months": 1}) is None
    assert moved(date(9999, 12, 31), {"years": 10**9}) is None
    assert moved(AT, {"seconds": 10**18}) is None


def test_a_date_has_no_zone_to_be_converted() -> None:
    assert in_zone(DAY, zone("America/New_York")) == DAY
    assert in_zone(datetime.max.replace(tzinfo=UTC), zone("Asia/Tokyo")) == datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize("name", ["America/Nowhere", "", "../etc/passwd", "/etc/localtime", "a\0b"])
def test_an_unknown_zone_is_told(name: str) -> None:
    with pytest.raises(BadZone, match="no time zone"):
        zone(name)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(-5000, 5000))
def test_moving_there_and_back_changes_nothing(day: date, days: int) -> None:
    there = moved(day, {"days": days})
    assert there == day + timedelta(days=days)
    assert moved(there, {"days": -days}) == day


@given(st.text(max_size=40))
def test_no_text_crashes_the_reader(words: str) -> None:
    moment_of(words)
