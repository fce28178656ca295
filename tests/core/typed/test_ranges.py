"""Ranges of amounts (behaviour 3.4)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.typed import range_
from leadrelay.core.values import Value


@pytest.mark.parametrize(
    ("raw", "normal", "low", "high", "average"),
    [
        ("1 - 10", "1-10", 1, 10, Decimal("5.5")),
        ("1 to 10", "1-10", 1, 10, Decimal("5.5")),
        ("$50,000 - $75,000", "50000-75000", 50000, 75000, 62500),
        ("$50,000–$75,000", "50000-75000", 50000, 75000, 62500),
        ("50k-75k", "50000-75000", 50000, 75000, 62500),
        ("50-75k", "50000-75000", 50000, 75000, 62500),
        ("500-1k", "500-1000", 500, 1000, 750),
        ("between 50 and 75", "50-75", 50, 75, Decimal("62.5")),
        ("999.95 to 10000.95", "999.95-10000.95", Decimal("999.95"), Decimal("10000.95"), Decimal("5500.45")),
        ("-8 - 100.5", "-8-100.5", -8, Decimal("100.5"), Decimal("46.25")),
        ("-10--5", "-10--5", -10, -5, Decimal("-7.5")),
        ("10", "10", 10, 10, 10),
        ("$5.50", "5.50", Decimal("5.5"), Decimal("5.5"), Decimal("5.5")),
        ("10+", "10+", 10, None, None),
        ("100k+", "100000+", 100000, None, None),
        ("$100,000 or more", "100000+", 100000, None, None),
        ("Over $100,000", "100000+", 100000, None, None),
        (">= 700", "700+", 700, None, None),
        ("Under $25,000", "<25000", None, 25000, None),
        ("up to 25k", "<25000", None, 25000, None),
        ("600 or below", "<600", None, 600, None),
    ],
)
def test_a_range_has_ends_and_an_exact_average(
    raw: str, normal: str, low: Value, high: Value, average: Value
) -> None:
    read = range_(raw)
    assert read.normal == normal
    assert (read.part("min"), read.part("max"), read.part("avg")) == (low, high, average)


def test_the_middle_is_the_average_without_its_fraction() -> None:
    assert range_("999.95 to 10000.95").part("mid") == 5500
    assert range_("10+").part("mid") is None


@pytest.mark.parametrize(
    "raw", ["", " ", "asdf", "N/A", "75-50", "1-2-3", "to", "-", "+", "under", "2015-07-01 - 2015-07-25"]
)
def test_what_is_no_range_goes_out_as_it_came(raw: str) -> None:
    assert not range_(raw).valid


@given(st.integers(-(10**9), 10**9), st.integers(0, 10**9))
def test_any_two_amounts_in_order_are_a_range(low: int, more: int) -> None:
    read = range_(f"{low:,} - ${low + more:,}" if low + more >= 0 else f"{low} to {low + more}")
    assert (read.part("min"), read.part("max")) == (low, low + more)
