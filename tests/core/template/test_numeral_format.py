"""numeral.js patterns (behaviour 3.2)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.template.numeral_format import BadNumeral, compile_numeral


@pytest.mark.parametrize(
    ("number", "pattern", "printed"),
    [
        ("10000", "0,0.00", "10,000.00"),
        ("10000.1234", "0,0", "10,000"),
        ("-10000", "0,0.0", "-10,000.0"),
        ("10000.1234", "0.000", "10000.123"),
        ("10000.1234", "0[.]00000", "10000.12340"),
        ("100", "0[.]00", "100"),
        ("100.5", "0[.]00", "100.50"),
        ("-10000", "(0,0.0000)", "(10,000.0000)"),
        ("10000", "(0,0)", "10,000"),
        ("-0.23", ".00", "-.23"),
        ("0.23", "0.00", "0.23"),
        ("1000.234", "$0,0.00", "$1,000.23"),
        ("-1000.234", "$0,0.00", "-$1,000.23"),
        ("-1000.234", "($0,0)", "($1,000)"),
        ("1000.2", "0,0[.]00 $", "1,000.20 $"),
        ("1001", "$ 0,0[.]00", "$ 1,001"),
        ("1230974", "0.0a", "1.2m"),
        ("1460", "0 a", "1 k"),
        ("-104000", "0a", "-104k"),
        ("999", "0a", "999"),
        ("2000000000000", "0.0a", "2.0t"),
        ("1", "0o", "1st"),
        ("100", "0o", "100th"),
        ("12", "0 o", "12 th"),
        ("1", "0%", "100%"),
        ("0.974878234", "0.000%", "97.488%"),
        ("-0.43", "0 %", "-43 %"),
        ("0.5", "0.[00]%", "50%"),
        ("0.1234", "0.[00]%", "12.34%"),
        ("1.5", "0.0[00]", "1.5"),
        ("1.567", "0.0[0]", "1.57"),
        ("7", "00000", "00007"),
        ("1000.1234", "000000,0", "001,000"),
        ("1234567", "0000,0", "1,234,567"),
        ("123456", "00000", "123456"),
        ("5", "+0", "+5"),
        ("-5", "+0", "-5"),
        ("-5", "0-", "5-"),
        ("-0.001", "0.00", "0.00"),  # no negative zero
        ("2.5", "0", "3"),  # a half goes up
        ("1.005", "0.00", "1.01"),  # exactly, unlike floating point
        ("123456789012345678901234567890.5", "0,0.0", "123,456,789,012,345,678,901,234,567,890.5"),
    ],
)
def test_a_number_prints_in_its_pattern(number: str, pattern: str, printed: str) -> None:
    assert compile_numeral(pattern)(Decimal(number)) == printed


@pytest.mark.parametrize("pattern", ["", ".", "$", "abc", "0,0.00x", "#,##0", "0.0.0", "0" * 65, "00:00:00"])
def test_what_is_no_pattern_is_told(pattern: str) -> None:
    with pytest.raises(BadNumeral):
        compile_numeral(pattern)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30))
def test_what_is_printed_with_enough_decimals_is_the_number(number: Decimal) -> None:
    printed = compile_numeral("0,0.[00000000000000000000]")(number)
    assert abs(Decimal(printed.replace(",", "")) - number) <= Decimal("0.5e-20")
