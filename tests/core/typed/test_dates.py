"""Dates and dates of birth (behaviour 3.4)."""

from datetime import UTC, date, datetime

import pytest

from leadrelay.core.typed import date_, dob
from leadrelay.core.typed.dates import age


def ns(moment: str) -> int:
    return int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()) * 1_000_000_000


@pytest.mark.parametrize("raw", ["3/9/1988", " 03/09/1988 ", "1988-03-09", "March 9, 1988", "３/９/１９８８"])
def test_a_date_goes_out_in_iso_8601(raw: str) -> None:
    assert date_(raw).normal == "1988-03-09"


@pytest.mark.parametrize("raw", ["3/9/1988 12:00:00 AM", "1988-03-09T23:59:59-11:00", "1988-03-09 00:00"])
def test_a_time_behind_a_date_cannot_turn_it_into_another_day(raw: str) -> None:
    assert dob(raw).normal == "1988-03-09"


def test_a_date_has_parts() -> None:
    parts = [date_("3/9/1988").part(name) for name in ("year", "month", "day", "age")]
    assert parts == [1988, 3, 9, None]


@pytest.mark.parametrize("raw", ["", "  ", "N/A", "2/30/2014", "soon", "1988-03-09 garbage", "1988-03-09,"])
def test_what_is_no_date_goes_out_as_it_came(raw: str) -> None:
    assert not date_(raw).valid
    assert not dob(raw).valid
    assert date_(raw).raw == raw


def test_two_digits_of_a_birth_year_mean_somebody_who_is_alive() -> None:
    assert dob("3/9/54").normal == "1954-03-09"
    assert date_("3/9/54").normal == "2054-03-09"
    assert dob("3/9/05").normal == "2005-03-09"


def test_nobody_in_a_lead_was_born_before_1900() -> None:
    assert not dob("1754-01-01").valid
    assert date_("1854-01-01").valid


@pytest.mark.parametrize(
    ("now", "years"),
    [
        ("2024-03-08T23:59:59", 35),
        ("2024-03-09T00:00:00", 36),  # exact on the day: `dob.age >= 18` decides about money
        ("1988-03-09", 0),
        ("1988-03-08", None),  # not born yet
    ],
)
def test_the_age_is_in_full_years_on_the_day_it_is_asked_for(now: str, years: int | None) -> None:
    assert dob("3/9/1988").part("age", now=ns(now)) == years


def test_a_leap_day_child_is_a_year_older_on_the_first_of_march() -> None:
    born = date(2004, 2, 29)
    assert [age(born, ns(f"2022-{day}")) for day in ("02-28", "03-01")] == [17, 18]
    assert age(born, ns("2024-02-29")) == 20


def test_without_a_clock_there_is_no_age() -> None:
    assert dob("3/9/1988").part("age") is None
    assert dob("unknown").part("age", now=ns("2024-03-09")) is None
