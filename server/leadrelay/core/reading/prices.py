"""Prices as recipients write them: 12.5, "12.50", "$12.50", "12.50 USD", "EUR 12"."""

import re
from decimal import Decimal

from leadrelay.core.values import Value, number

_SIGNS = {"$": "USD", "US$": "USD", "€": "EUR", "£": "GBP", "C$": "CAD", "CA$": "CAD", "A$": "AUD"}
_PRICE = re.compile(
    r"\s*(?P<before>US\$|CA?\$|A\$|[$€£]|[A-Za-z]{3})?\s*(?P<amount>-?[0-9][0-9,]*(?:\.[0-9]*)?|-?\.[0-9]+)"
    r"\s*(?P<after>[€£$]|[A-Za-z]{3})?\s*"
)
MAX_PRICE = 10**12


def price_of(value: Value) -> tuple[Decimal, str] | None:
    """The amount and its currency, empty where none is named; None for what is no price."""
    if not isinstance(value, str):
        return _sane(number(value), "")
    found = _PRICE.fullmatch(value[:64])
    if found is None:
        return None
    return _sane(number(found["amount"]), currency_of(found["before"] or found["after"]))


def _sane(amount: int | Decimal | None, currency: str) -> tuple[Decimal, str] | None:
    if amount is None:
        return None
    exact = Decimal(amount)
    if abs(exact) >= MAX_PRICE:
        return None
    exponent = exact.as_tuple().exponent
    return (exact, currency) if isinstance(exponent, int) and exponent >= -12 else None


def currency_of(value: Value) -> str:
    """An ISO 4217 code from a code or a sign; empty for anything else."""
    if not isinstance(value, str):
        return ""
    sign = value.strip().upper()
    if sign in _SIGNS:
        return _SIGNS[sign]
    return sign if len(sign) == 3 and sign.isascii() and sign.isalpha() else ""
