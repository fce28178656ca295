"""Prices as recipients write them (behaviour 6)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.reading.currencies import CURRENCIES, SIGNS
from leadrelay.core.reading.prices import MAX_PRICE, currency_of, price_of
from leadrelay.core.values import Value


@pytest.mark.parametrize(
    ("said", "amount", "currency"),
    [
        (12.5, "12.5", ""),
        (12, "12", ""),
        (0, "0", ""),
        ("0", "0", ""),
        ("12.50", "12.50", ""),
        ("+12.50", "12.50", ""),
        ("$12.50", "12.50", "USD"),
        ("$ 12.50", "12.50", "USD"),
        ("12.50$", "12.50", "USD"),
        ("12.50 USD", "12.50", "USD"),
        ("12.50usd", "12.50", "USD"),
        ("USD 12.50", "12.50", "USD"),
        ("USD12.50", "12.50", "USD"),
        ("$12.50 USD", "12.50", "USD"),
        ("$12.50 CAD", "12.50", "CAD"),
        ("CAD $12.50", "12.50", "CAD"),
        ("US$5", "5", "USD"),
        ("US $5", "5", "USD"),
        ("CA$5", "5", "CAD"),
        ("eur 12", "12", "EUR"),
        ("12,50 €", "12.50", "EUR"),
        ("12,50\u00a0€", "12.50", "EUR"),
        ("€1,012.50", "1012.50", "EUR"),
        ("1.012,50 EUR", "1012.50", "EUR"),
        ("1 012,50 EUR", "1012.50", "EUR"),
        ("1\u202f234\u202f567,8 €", "1234567.8", "EUR"),
        ("CHF 1'250.00", "1250.00", "CHF"),
        ("£7", "7", "GBP"),
        ("¥1000", "1000", "JPY"),
        ("R$ 12,5", "12.5", "BRL"),
        ("25 zł", "25", "PLN"),
        ("1,250", "1250", ""),
        ("1,234,567.891", "1234567.891", ""),
        ("1.234.567", "1234567", ""),
        ("1.250", "1.250", ""),
        ("12,5", "12.5", ""),
        ("0,125", "0.125", ""),
        ("0,75", "0.75", ""),
        ("12.", "12", ""),
        (" .50 ", "0.50", ""),
        (Decimal("0.1") + Decimal("0.2"), "0.3", ""),
        (0.1 + 0.2, "0.3", ""),
    ],
)
def test_a_price_is_an_exact_amount_with_its_currency(said: Value, amount: str, currency: str) -> None:
    assert price_of(said) == (Decimal(amount), currency)


@pytest.mark.parametrize(
    "said",
    [
        None,
        "",
        "n/a",
        True,
        False,
        "12.5.0",
        "1e9",
        float("inf"),
        [1],
        {"a": 1},
        "9" * 30,
        10**12,
        1e-300,
        "-3",
        -3,
        -0.01,
        "$-5",
        "-$5",
        "(12.50)",
        "- 5",
        "−5",
        MAX_PRICE,
        str(MAX_PRICE),
        "1" * 65,
        "12 per lead",
        "5 pts",
        "12 XYZ",
        "ABC 12",
        "$",
        "USD",
        ".",
        ",",
        "1,23,4",
        "1,2345.6",
        "1.23.4,5",
        "12 12",
        "$12 - $15",
        "twelve",
        "12%",
        "0x10",
        "١٢",
    ],
)
def test_what_is_no_price_is_none(said: Value) -> None:
    assert price_of(said) is None


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("usd", "USD"),
        (" Eur ", "EUR"),
        ("£", "GBP"),
        ("dollars", ""),
        ("XYZ", ""),
        ("", ""),
        (None, ""),
        (5, ""),
    ],
)
def test_a_currency_is_one_of_iso_4217_or_a_known_sign(said: Value, code: str) -> None:
    assert currency_of(said) == code


def test_every_sign_stands_for_a_currency() -> None:
    assert set(SIGNS.values()) <= CURRENCIES


@given(st.text(max_size=80) | st.floats() | st.integers() | st.decimals())
def test_no_price_crashes_and_none_is_below_zero(said: Value) -> None:
    found = price_of(said)
    assert found is None or 0 <= found[0] < MAX_PRICE


@given(st.decimals(0, 10**6, places=2), st.sampled_from(sorted(CURRENCIES)))
def test_a_price_written_plainly_is_read_exactly(amount: Decimal, currency: str) -> None:
    for written in (f"{amount:f} {currency}", f"{currency} {amount:,f}", f"{amount:f}{currency}"):
        assert price_of(written) == (amount, currency)
