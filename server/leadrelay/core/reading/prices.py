"""Prices as recipients write them: 12.5, "12.50", "$12.50", "12.50 USD", "EUR 12", "12,50 €", "1.234,50".

A comma is a thousands separator where three digits follow it ("1,250") and a decimal one elsewhere
("12,5"); a point is the other way round only where several of them, or a comma behind one, leave no doubt.
What is below zero or beyond all sense is no price: a recipient does not charge us for taking a lead.
"""

import re
from decimal import Decimal

from leadrelay.core.reading.currencies import CURRENCIES, SIGNS
from leadrelay.core.values import Value, number

MAX_PRICE = 10**9
MAX_WRITTEN = 64  # characters
MAX_DECIMALS = 12

_ROUNDED = Decimal("0.000001")

_SIGN = "|".join(re.escape(sign) for sign in sorted(SIGNS, key=len, reverse=True))
_PRICE = re.compile(
    rf"(?P<before>{_SIGN}|[A-Z]{{3}})?\s*(?P<sign>{_SIGN})?\s*\+?(?P<amount>[0-9.,][0-9.,'’ ]*)"
    rf"\s*(?P<behind>{_SIGN})?\s*(?P<after>[A-Z]{{3}})?",
    re.IGNORECASE,
)
_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f]+")
_NUMERALS = tuple(
    (re.compile(numeral.replace("GROUPED", r"[1-9][0-9]{0,2}")), separators)
    for numeral, separators in (
        (r"(?P<whole>GROUPED(?:,[0-9]{3})+|[0-9]*)(?:\.(?P<part>[0-9]*))?", ","),
        (r"(?P<whole>GROUPED(?:\.[0-9]{3})+),(?P<part>[0-9]+)", "."),
        (r"(?P<whole>GROUPED(?:\.[0-9]{3}){2,})(?P<part>)", "."),
        (r"(?P<whole>GROUPED(?:[ '’][0-9]{3})+)(?:[.,](?P<part>[0-9]+))?", " '’"),
        (r"(?P<whole>[0-9]+),(?P<part>[0-9]+)", ""),
    )
)


def price_of(value: Value) -> tuple[Decimal, str] | None:
    """The amount and its currency, empty where none is named; None for what is no price."""
    if not isinstance(value, str):
        return _sane(number(value), "")
    if len(value) > MAX_WRITTEN:
        return None
    found = _PRICE.fullmatch(_SPACES.sub(" ", value).strip())
    if found is None:
        return None
    named = [mark for mark in found.group("before", "sign", "behind", "after") if mark]
    known = [currency_of(mark) for mark in named]
    if not all(known):
        return None  # "12 per lead"
    # A code says more than a sign: "$12 CAD".
    exact = next((code for mark, code in zip(named, known, strict=True) if mark.isalpha()), "")
    return _sane(_numeral(found["amount"].strip()), exact or (known[0] if known else ""))


def _numeral(written: str) -> Decimal | None:
    for pattern, separators in _NUMERALS:
        found = pattern.fullmatch(written)
        if found is not None:
            whole = found["whole"].translate({ord(sign): None for sign in separators})
            part = found["part"] or ""
            return Decimal(f"{whole or '0'}.{part}" if part else whole) if whole or part else None
    return None


def _sane(amount: int | Decimal | None, currency: str) -> tuple[Decimal, str] | None:
    if amount is None:
        return None
    exact = Decimal(amount)
    if not 0 <= exact < MAX_PRICE:
        return None
    if exact.as_tuple().exponent >= -MAX_DECIMALS:  # type: ignore[operator]  # it is finite
        return exact, currency
    rounded = exact.quantize(_ROUNDED)  # 0.30000000000000004 is what a sum of floats comes to
    return (rounded.normalize(), currency) if rounded else None


def currency_of(value: Value) -> str:
    """An ISO 4217 code from a code or a sign; empty for anything else."""
    if not isinstance(value, str):
        return ""
    sign = value.strip().upper()
    return SIGNS.get(sign) or (sign if sign in CURRENCIES else "")
