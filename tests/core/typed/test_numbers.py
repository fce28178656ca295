"""Numbers (behaviour 3.4): "$1,100" is 1100."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.typed import number
from leadrelay.core.values import Value


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("1100", 1100),
        ("$1,100", 1100),
        ("$1,100.50", Decimal("1100.50")),
        ("52,400.00", 52400),
        ("$ 253300", 253300),
        (" 6210.00 ", 6210),
        ("(1,100)", -1100),  # as accountants write a debt
        ("($1,100.50)", Decimal("-1100.50")),
        ("-$5", -5),
        ("$-5", -5),
        ("−5", -5),
        ("+7", 7),
        ("50k", 50_000),
        ("$1.5K", 1500),
        ("6.5%", Decimal("6.5")),
        ("USD 1,100", 1100),
        ("1,100 usd", 1100),
        ("1100 dollars", 1100),
        ("US$1,100", 1100),
        ("£1,100", 1100),
        ("１１００", 1100),
        ("1100\xa0$", 1100),
        (".5", Decimal("0.5")),
        ("7.", 7),
        ("007", 7),
        ("0.1", Decimal("0.1")),
        ("9" * 64, int("9" * 64)),
    ],
)
def test_a_number_is_read_exactly_however_it_is_dressed(raw: str, value: Value) -> None:
    read = number(raw)
    assert read.valid
    assert read.normal == value
    assert type(read.normal) is type(value)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "   ",
        "N/A",
        "$",
        "-",
        ".",
        "k",
        "1.100,50",
        "1,10",
        "1 100",
        "1e5",
        "1.5m",
        "50,000-75,000",
        "100,000+",
        "under 5000",
        "1100 per month",
        "401k plan",
        "--5",
        "(-5)",
        "-$-5",
        "5-",
        "100²",
        "½",
        "NaN",
        "Infinity",
        "9" * 65,
        "9" * 63 + "k",
    ],
)
def test_what_may_mean_several_things_or_none_is_not_made_a_number(raw: str) -> None:
    assert not number(raw).valid
    assert number(raw).raw == raw


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**15), max_value=10**15))
def test_every_amount_survives_commas_and_a_currency(amount: Decimal) -> None:
    dressed = f"${amount:,}" if amount >= 0 else f"(${-amount:,})"
    assert number(dressed).normal == amount
    assert isinstance(number(dressed).normal, int) == (amount == int(amount))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=0, max_value=10**9))
def test_thousands_are_exact(amount: Decimal) -> None:
    assert number(f"{amount}k").normal == amount * 1000
