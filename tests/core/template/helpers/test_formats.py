"""`format`: which shape a pattern is, and what happens to what does not fit (behaviour 3.2)."""

from datetime import date, time
from decimal import Decimal

import pytest

from leadrelay.core.scope import Scope
from leadrelay.core.template import TemplateError, compile_template
from leadrelay.core.values import Value


def formatted(call: str, value: Value, **nested: Value) -> tuple[Value, list[str]]:
    scope = Scope({}, {"v": value, **nested})
    return compile_template("{{format v " + call + "}}")(scope), scope.warnings


@pytest.mark.parametrize(
    ("call", "value", "printed"),
    [
        ('"MM/DD/YYYY"', "1988-03-09", "03/09/1988"),
        ('"MM/DD/YYYY"', date(1988, 3, 9), "03/09/1988"),
        ('format="[0] YYYY"', "1988-03-09", "0 1988"),  # a literal zero makes no number pattern
        ('"L"', "March 9, 1988", "03/09/1988"),
        ('"YYYY-MM-DD" timezone="America/New_York"', "1988-03-09", "1988-03-09"),  # a date has no zone
        ('"YYYY-MM-DD HH:mm" timezone="America/New_York"', "2024-07-01 02:30", "2024-06-30 22:30"),
        ('timezone="America/New_York"', "2024-07-01 02:30", "2024-06-30T22:30:00-04:00"),
        ('operator="add" days=1', "2024-02-28", "2024-02-29"),
        ('"L" operator="subtract" years=n', "2024-02-29", "02/28/2022"),
        ('"h:mm A"', "17:00", "5:00 PM"),
        ('"HH:mm:ss"', "5:30 pm", "17:30:00"),
        ('"LT" timezone="America/New_York"', "17:00", "5:00 PM"),  # on no day: no zone can move it
        ('"LT" operator="add" hours=2', "17:00", "7:00 PM"),
        ('"LT"', time(17), "5:00 PM"),
        ('"0,0.00"', "$52,400", "52,400.00"),
        ('"0,0.00"', 52400.5, "52,400.50"),
        ('"0.00" dataType="Number"', Decimal("1.5"), "1.50"),
        ('"###-##-####" dataType="String"', "078051120", "078-05-1120"),
        ('"YYYY" dataType="String"', "1988-03-09", "1988"),
        ('"(###) ###-####"', 5125550123, "(512) 555-0123"),
        ('"0,0"', "", ""),
        ('"L"', None, ""),
    ],
)
def test_a_value_takes_the_shape_of_its_pattern(call: str, value: Value, printed: str) -> None:
    assert formatted(call, value, n=2) == (printed, [])


@pytest.mark.parametrize(
    ("call", "value", "kind"),
    [
        ('"L"', "next week", "date"),
        ('"L LT"', "17:00", "date"),  # of what day?
        ('"LT"', "17:00+05:00", "date"),
        ('"0,0"', "a lot", "number"),
        ('"L" operator="add" years=n', "2024-02-29", "date"),
    ],
)
def test_what_does_not_fit_goes_out_as_it_is_with_a_warning(call: str, value: str, kind: str) -> None:
    printed, warnings = formatted(call, value, n=9999)
    assert printed == value
    assert warnings == [f"v is no {kind} that `format` can shape; sent as it is"]


def test_a_number_beyond_all_counting_goes_out_as_it_is() -> None:
    assert formatted('"0,0"', 1e300) == ("1e+300", ["v is no number that `format` can shape; sent as it is"])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("", "expected a pattern in quotes"),
        ("pattern", "expected a pattern in quotes"),
        ('"???"', "neither a `#` mask"),
        ('"0,x"', "cannot read `0,x`"),
        ('"dd/mm/yyyy"', "is not how a date is shaped here; write `DD/MM/YYYY`"),
        ('"%m/%d/%Y"', "write `MM/DD/YYYY`"),
        ('"$#,##0.00"', "for a number write `$0,0.00`, not `$#,##0.00`"),
        ('"L" timezone="America/Nowhere"', "no time zone"),
        ('"L" timezone=zone', "must be written out"),
        ('"L" operator="plus" days=1', "add or subtract"),
        ('"L" operator="add"', "needs an amount"),
        ('"L" days=1', 'needs `operator="add"`'),
        ('"L" dataType="Boolean"', "String or Number"),
        ('"L" dayz=1', "did you mean `days`?"),
    ],
)
def test_a_wrong_call_is_told_when_it_is_compiled(call: str, words: str) -> None:
    with pytest.raises(TemplateError) as caught:
        formatted(call, "x")
    assert words in caught.value.message
