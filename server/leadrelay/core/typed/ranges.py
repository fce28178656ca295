"""Ranges of amounts: "$50,000 - $75,000", "50 to 75k", "100k+", "Under $25,000", or one amount.

The normal form is a text, since that is what recipients with ranges take: `50000-75000`, `100000+`,
`<25000`, `700`. Parts: `min`, `max`, their exact average `avg` and `mid`, the same without its fraction;
None where a range is open. Whether the end belongs to an open range is not told: sources do not say.

Where only the end has a `k`, it is meant for both if both are in order without it: "50-75k" starts at
50,000, and "500-1k" at 500. A range whose end lies below its start is none. Ranges of dates, which
LeadConduit turns into milliseconds, are sent as they came.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from leadrelay.core import values
from leadrelay.core.typed.cleaning import cleaned
from leadrelay.core.typed.forms import Invalid, Valid
from leadrelay.core.typed.numbers import EXACT, Amount, amount, simplest
from leadrelay.core.values import Typed

_BETWEEN = re.compile(r"\s*(?:-|to|thru|through|and)\s*")
_BEFORE = re.compile(r"\A(?:between|from)\s+")
_AT_LEAST = re.compile(
    r"(?:>=?|over|above|more than|greater than|at least)\s*(?P<after>.+)"
    r"|(?P<before>.+?)\s*(?:\+|plus|(?:or|and) (?:more|over|above|up|higher|greater))"
)
_AT_MOST = re.compile(
    r"(?:<=?|under|below|less than|up to|at most)\s*(?P<after>.+)"
    r"|(?P<before>.+?)\s*(?:or|and) (?:less|under|below|lower)"
)


def range_(raw: str) -> Typed:
    """A range of amounts, or one amount."""
    words = cleaned(raw).lower()
    return _one(raw, words) or _closed(raw, words) or _open(raw, words) or Invalid(raw)


def _one(raw: str, words: str) -> Typed | None:
    only = amount(words)
    return None if only is None else Valid(raw, values.text(only), _parts(only, only))


def _closed(raw: str, words: str) -> Typed | None:
    for low, high in _splits(_BEFORE.sub("", words)):
        if low <= high:
            return Valid(raw, f"{values.text(low)}-{values.text(high)}", _parts(low, high))
    return None


def _splits(words: str) -> Iterator[tuple[Amount, Amount]]:
    """Every way to see two amounts with something between: a hyphen may be that, or a sign."""
    for between in _BETWEEN.finditer(words):
        left, right = words[: between.start()], words[between.end() :]
        low, high = amount(left), amount(right)
        if low is None or high is None:
            continue
        if right.endswith("k") and not left.endswith("k") and low > 0:
            thousands = simplest(EXACT.multiply(Decimal(low), 1000))
            low = thousands if thousands <= high else low
        yield low, high


def _open(raw: str, words: str) -> Typed | None:
    for pattern, is_least in ((_AT_LEAST, True), (_AT_MOST, False)):
        found = pattern.fullmatch(words)
        end = amount(found["after"] or found["before"]) if found else None
        if end is not None:
            normal = f"{values.text(end)}+" if is_least else f"<{values.text(end)}"
            parts = {"min": end if is_least else None, "max": None if is_least else end}
            return Valid(raw, normal, parts)
    return None


def _parts(low: Amount, high: Amount) -> dict[str, values.Value]:
    average = EXACT.divide(EXACT.add(Decimal(low), Decimal(high)), 2)
    return {"min": low, "max": high, "avg": simplest(average), "mid": int(average)}
