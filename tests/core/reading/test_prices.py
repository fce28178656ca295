"""Prices as recipients write them."""

from decimal import Decimal

import pytest

from leadrelay.core.reading.prices import currency_of, price_of
from leadrelay.core.values import Value


@pytest.mark.parametrize(
    ("said", "amount", "currency"),
    [
        (12.5, "12.5", ""),
        (12, "12", ""),
        (0, "0", ""),
        ("12.50", "12.50", ""),
        ("$12.50", "12.50", "USD"),
        ("12.50 USD", "12.50", "USD"),
        ("eur 12", "12", "EUR"),
        ("€1,012.50", "1012.50", "EUR"),
        ("CA$5", "5", "CAD"),
        (" .50 ", "0.50", ""),
        ("-3", "-3", ""),
    ],
)
def test_a_price_is_an_exact_amount_with_its_currency(said: Value, amount: str, currency: str) -> None:
    assert price_of(said) == (Decimal(amount), currency)


@pytest.mark.parametrize(
    "said", [None, "", "n/a", True, "12.5.0", "1e9", float("inf"), [1], "9" * 30, 10**12, 1e-300]
)
def test_what_is_no_price_is_none(said: Value) -> None:
    assert price_of(said) is None


@pytest.mark.parametrize(
    ("said", "code"), [("usd", "USD"), ("£", "GBP"), ("dollars", ""), (None, ""), (5, "")]
)
def test_a_currency_is_three_letters_or_a_known_sign(said: Value, code: str) -> None:
    assert currency_of(said) == code
