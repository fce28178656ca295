"""moment.js tokens (behaviour 3.2)."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.template.moment_format import compile_moment_format, is_clock_format
from leadrelay.core.template.moments import zone

AT = datetime(2024, 3, 9, 15, 4, 5, 678901, tzinfo=UTC)  # a Saturday


@pytest.mark.parametrize(
    ("pattern", "printed"),
    [
        ("M Mo MM MMM MMMM", "3 3rd 03 Mar March"),
        ("Q Qo", "1 1st"),
        ("D Do DD", "9 9th 09"),
        ("DDD DDDo DDDD", "69 69th 069"),
        ("d do dd ddd dddd", "6 6th Sa Sat Saturday"),
        ("e E", "6 6"),
        ("w wo ww", "10 10th 10"),
        ("W Wo WW", "10 10th 10"),
        ("YY YYYY Y gg gggg GG GGGG", "24 2024 2024 24 2024 24 2024"),
        ("A a", "PM pm"),
        ("H HH h hh k kk", "15 15 3 03 15 15"),
        ("m mm s ss", "4 04 5 05"),
        ("S SS SSS SSSSSS SSSSSSSSS", "6 67 678 678901 678901000"),
        ("z Z ZZ", "UTC +00:00 +0000"),
        ("X x", "1709996645 1709996645678"),
        ("LT", "3:04 PM"),
        ("LTS", "3:04:05 PM"),
        ("L", "03/09/2024"),
        ("LL", "March 9, 2024"),
        ("LLL", "March 9, 2024 3:04 PM"),
        ("LLLL", "Saturday, March 9, 2024 3:04 PM"),
        ("l ll", "3/9/2024 Mar 9, 2024"),
        ("lll llll", "Mar 9, 2024 3:04 PM Sat, Mar 9, 2024 3:04 PM"),
        ("[It's] MMMM Do", "It's March 9th"),
        ("YYYY-MM-DD[T]HH:mm:ssZ", "2024-03-09T15:04:05+00:00"),
        ("\\D\\D", "DD"),
        ("MMDDYYYY", "03092024"),
        ("YYYY年M月D日", "2024年3月9日"),
        ("", ""),
    ],
)
def test_a_token_prints_as_in_moment(pattern: str, printed: str) -> None:
    assert compile_moment_format(pattern)(AT) == printed


def test_midnight_and_noon_are_twelve_o_clock() -> None:
    write = compile_moment_format("h hh k kk A")
    assert write(AT.replace(hour=0)) == "12 12 24 24 AM"
    assert write(AT.replace(hour=12)) == "12 12 12 12 PM"


def test_a_date_prints_as_its_midnight() -> None:
    assert compile_moment_format("YYYY-MM-DD HH:mm")(date(2024, 3, 9)) == "2024-03-09 00:00"


def test_an_offset_shows_which_side_of_greenwich_it_is() -> None:
    write = compile_moment_format("z Z ZZ")
    assert write(AT.astimezone(zone("America/New_York"))) == "EST -05:00 -0500"
    assert write(AT.astimezone(zone("Asia/Kolkata"))) == "IST +05:30 +0530"


@pytest.mark.parametrize(
    ("day", "weeks"),
    [
        (date(2024, 12, 29), "1 2025 52 2024"),  # a Sunday: a new week here, the end of one in ISO 8601
        (date(2022, 1, 1), "1 2022 52 2021"),
        (date(2023, 12, 31), "1 2024 52 2023"),
        (date(2021, 1, 3), "2 2021 53 2020"),
        (date(9999, 12, 31), "1 10000 52 9999"),
    ],
)
def test_weeks_belong_to_years(day: date, weeks: str) -> None:
    assert compile_moment_format("w gggg W GGGG")(day) == weeks


def test_ordinals_are_english() -> None:
    write = compile_moment_format("Do")
    printed = " ".join(write(date(2024, 1, day)) for day in (1, 2, 3, 4, 11, 12, 13, 20, 21, 22, 23, 30, 31))
    assert printed == "1st 2nd 3rd 4th 11th 12th 13th 20th 21st 22nd 23rd 30th 31st"


@given(st.datetimes(timezones=st.just(UTC)), st.text(max_size=20))
def test_no_pattern_and_no_time_crash_it(moment: datetime, pattern: str) -> None:
    compile_moment_format(pattern + "w gggg W GGGG X x z Z LLLL")(moment)


def test_a_pattern_of_hours_and_minutes_needs_no_day() -> None:
    for pattern in ("h:mm A", "LT", "HH[h]mm", "k.mm.ss.SSS"):
        assert is_clock_format(pattern)
    for pattern in ("L LT", "h:mm z", "X", "[h]", ""):
        assert not is_clock_format(pattern)
