"""Numbers as forms and spreadsheets send them; also the amounts of which ranges are made.

The normal form is a number: whole where it is whole ("$52,400.00" is 52400), else the exact decimal, and
a number in JSON too.

Read: a sign before or after the currency, accounting brackets for a negative amount, commas between
thousands, a currency as sign, code or word, `%` (the number before it) and `k` for thousands: people do
type "25k", and it means one thing only.
Not read, and so sent as they came:
- "1.100,50": a comma for the decimals would make "1.100" mean either eleven hundred or 1.1;
- "1.5m": millions to most, thousands to a bank, months to a lender; "1e5": a broken export and no answer;
- "1100 per month": the unit is part of what was said. LeadConduit drops every letter here, which makes
  25 of "25k" and 401 of "401k plan".
- "50,000-75,000": a range, which is a type of its own.
"""

import re
from decimal import Context, Decimal

from leadrelay.core.typed.cleaning import cleaned
from leadrelay.core.typed.forms import Invalid, Valid
from leadrelay.core.values import MAX_NUMERAL, Typed, text

Amount = int | Decimal

LONG = 32  # characters; the number that fewer spell is never too long itself
EXACT = Context(prec=4 * MAX_NUMERAL)  # no sum of two such numerals, nor half of it, is rounded

_CURRENCY = r"(?:US|CA|C)?\$|[€£¥]|USD|CAD|EUR|GBP"
_AMOUNT = re.compile(
    rf"(?P<sign>[-+])?\s*(?:{_CURRENCY})?\s*(?P<late>[-+])?"
    r"(?P<whole>\d{1,3}(?:,\d{3})+|\d+|(?=\.\d))(?P<part>\.\d*)?"
    rf"\s?(?P<thousands>k)?\s*(?:{_CURRENCY}|dollars?|%)?",
    re.ASCII | re.IGNORECASE,
)


def number(raw: str) -> Typed:
    """A number."""
    if raw.isdigit() and raw.isascii() and len(raw) <= MAX_NUMERAL:
        return Valid(raw, int(raw))
    value = amount(cleaned(raw))
    return Invalid(raw) if value is None else Valid(raw, value)


def amount(words: str) -> Amount | None:
    """The number that cleaned words spell, exactly; None where they spell none."""
    if len(words) > MAX_NUMERAL:
        return None
    is_bracketed = words[:1] == "(" and words[-1:] == ")"
    found = _AMOUNT.fullmatch(words[1:-1].strip() if is_bracketed else words)
    if found is None:
        return None
    sign, late, whole, part, thousands = found.groups()
    if (sign is not None) + (late is not None) + is_bracketed > 1:
        return None
    sign = "-" if is_bracketed else sign or late or ""
    value = Decimal(sign + (whole.replace(",", "") or "0") + (part or ""))
    result = simplest(EXACT.multiply(value, 1000) if thousands else value)
    return result if len(words) < LONG or len(text(result)) <= MAX_NUMERAL else None


def simplest(value: Decimal) -> Amount:
    """A whole number as such."""
    whole = int(value)
    return whole if whole == value else value
