"""Dates and times compare as what they are, however they are written (behaviour 3.2 and 3.4)."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.condition import compile_condition
from leadrelay.core.fields import WELL_KNOWN, types_of
from leadrelay.core.scope import Scope
from leadrelay.core.template import TemplateError
from leadrelay.core.template.comparing_dates import order_of, when
from leadrelay.core.values import Value
from values import a_lead

TYPES = types_of(WELL_KNOWN)
SUBMITTED = 1_700_000_000_000_000_000  # 14 November 2023, 22:13:20 UTC
FIELDS = {
    "dob": "3/9/1988",
    "move_date": "December 1, 2023",
    "hire_date": "next week",
    "best_time_to_call": "5pm",
    "cutoff": "1/1/2000",
}


def holds(source: str, **fields: str) -> bool:
    lead = replace(a_lead(**(FIELDS | fields)), submitted_at=SUBMITTED)
    return compile_condition(source, TYPES).holds(Scope.of(lead, now=SUBMITTED))


@pytest.mark.parametrize(
    "source",
    [
        'dob < "1/1/2000"',
        'dob > "12/31/1987"',
        'dob == "March 9, 1988"',
        'dob == "3/9/88"',
        'dob < "1/1/54" or dob > "1/1/54"',
        'dob > "1/1/54"',  # 1954: nobody is born in 2054
        'lead.dob between "1/1/1980" and "12/31/1989"',
        'dob in ["1/1/2000", "09-Mar-1988"]',
        'dob not in ["1/1/2000"]',
        '"1/1/2000" > dob',
        "dob < move_date",
        "dob < cutoff",
        "dob < (now)",
        'dob < (now "MM/DD/YYYY" operator="subtract" years=18)',
        'move_date > "11/30/2023"',
        'submission.timestamp > "11/01/2023"',
        'submission.timestamp == "11/14/2023"',  # a day without a time: the days are compared
        'submission.timestamp between "11/1/2023" and "11/14/2023"',
        'submission.timestamp > "11/14/2023 10:00 PM"',
        'submission.timestamp < "2023-11-14 5:14 PM -0500"',
        "submission.timestamp <= now",
        'cutoff > "12/31/1999"',  # no type, but what is asked can only be about dates
        "dob != null",
    ],
)
def test_a_date_compares_as_a_date_in_any_notation(source: str) -> None:
    assert holds(source)


@pytest.mark.parametrize(
    "source",
    [
        'best_time_to_call > "9:00"',
        'best_time_to_call >= "5:00 PM"',
        'best_time_to_call between "09:00" and "17:00"',
        'best_time_to_call == "17:00"',
        'if_evening == "evening"',
    ],
)
def test_a_time_of_day_compares_as_one(source: str) -> None:
    assert holds(source, if_evening="evening")


@pytest.mark.parametrize(
    "source",
    [
        '(now "HH:mm") > "9:00"',
        '(now "h:mm A") between "9 am" and "11:00 PM"',
        '(now format="H:mm" timezone="America/Denver") < "15:14"',
        '(format submission.timestamp "LT") == "22:13"',
        '(now "HH:mm") > best_time_to_call',
        '(now "H") between 9 and 22 and (now "Hmm") > 900',
    ],
)
def test_a_time_of_day_that_is_written_out_compares_as_one(source: str) -> None:
    assert holds(source)


def test_a_time_of_day_that_could_not_be_written_is_neither_before_nor_after_any() -> None:
    assert not holds('(format middle_name "HH:mm") > "0:00"', middle_name="noonish")


@pytest.mark.parametrize("sign", ["<", "<=", ">", ">=", "=="])
@pytest.mark.parametrize("value", ["evening", "9", ""])
def test_what_is_no_time_is_neither_before_nor_after_any(sign: str, value: str) -> None:
    assert not holds(f'best_time_to_call {sign} "9:00"', best_time_to_call=value)
    assert not holds(f'hire_date {sign} "1/1/2024"', hire_date=value)
    assert not holds(f"hire_date {sign} move_date", hire_date=value)


def test_what_is_no_time_is_not_equal_to_any() -> None:
    assert holds('hire_date != "1/1/2024"')
    assert not holds("dob == null")


def test_a_point_in_time_has_a_time_of_day_and_a_day() -> None:
    call = {"best_time_to_call": "2023-11-14 5:00 PM"}
    assert holds('best_time_to_call > "9:00"', **call)
    assert holds('best_time_to_call == "11/14/2023"', **call)
    assert holds('best_time_to_call.date == "11/14/2023"', **call)
    assert not holds('best_time_to_call > "11/1/2023"')  # a time of day is on no day


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('dob < "soon"', 'column 7: "soon" is no date that can be compared; write one such as "3/9/1988" or'),
        ("dob < 2000", 'column 7: "2000" is no date'),
        ('dob < "9:00"', "column 7"),
        ('dob == ""', "ask `is blank` or `is not blank`"),
        ('dob between "1/1/1980" and "later"', "column 28"),
        ('dob in ["1/1/1980", "x"]', "column 21"),
        ('best_time_to_call > "evening"', 'no time that can be compared; write one such as "9:00" or "5 PM"'),
        ("best_time_to_call > 9", 'column 21: "9" is no time'),
    ],
)
def test_a_constant_that_is_no_date_is_told_with_its_place(source: str, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        compile_condition(source, TYPES)
    assert message in str(caught.value)


def test_the_other_questions_stay_about_texts() -> None:
    assert holds('dob starts with "1988"')
    assert holds("dob is not blank")
    assert holds('note == "1/1/2000"', note="1/1/2000")
    assert not holds('note == "1/1/2000"', note="2000-01-01")


_EAST, _WEST = timezone(timedelta(hours=5)), timezone(timedelta(hours=-5))


@pytest.mark.parametrize(
    "odd",
    [datetime.max.replace(tzinfo=_WEST), datetime.min.replace(tzinfo=_EAST), time(5, tzinfo=UTC), [], 1e300],
)
def test_what_is_on_no_calendar_has_no_order(odd: Value) -> None:
    assert when(odd) is None
    assert not compile_condition("now > odd or now <= odd or now == odd").holds(
        Scope({}, {"odd": odd}, now=1)
    )


_WRITTEN = st.sampled_from(["1988-03-09", "3/9/1988", "5pm", "2023-11-14 5pm", "17:00", "soon", ""])


@given(_WRITTEN, _WRITTEN)
def test_the_order_of_two_is_the_same_from_both_ends(left: str, right: str) -> None:
    one, other = order_of(when(left), when(right)), order_of(when(right), when(left))
    assert (one is None and other is None) or one == -other  # type: ignore[operator]
