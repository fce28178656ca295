"""Postal codes of the United States, Canada and the United Kingdom.

Normal forms: `78701`, `78701-1234`, `K1A 0B6`, `SW1A 1AA`. Parts: `zip` and `four`; `fsa`, `ldu` and
`district`; `outcode` and `incode`; and `country_code`: US, CA or GB.

What no post office has is not valid: a ZIP below 00501 or above 99950, a Canadian code with a letter that
is not used there. Four digits are not taken for a ZIP that lost its zero in a spreadsheet: they may as
well have lost another digit, and the lead would be sold in the wrong state.
"""

import re

from leadrelay.core.typed.cleaning import cleaned
from leadrelay.core.typed.forms import Invalid, Valid
from leadrelay.core.values import Typed

LOWEST, HIGHEST = "00501", "99950"

_US = re.compile(r"(\d{5})(?:\s*-?\s*(\d{4})|\s*-)?", re.ASCII)
_CANADA = re.compile(r"(([ABCEGHJ-NPRSTVXY])\d[ABCEGHJ-NPRSTV-Z])[\s-]*(\d[ABCEGHJ-NPRSTV-Z]\d)", re.ASCII)
_BRITAIN = re.compile(r"(GIR(?=\s*0AA)|[A-Z]{1,2}\d[A-Z\d]?)\s*(\d[ABD-HJLNP-UW-Z]{2})", re.ASCII)


def postal_code(raw: str) -> Typed:
    """A postal code."""
    if len(raw) == 5 and raw.isdigit() and raw.isascii():
        return _zip(raw, raw, None)
    words = cleaned(raw).upper()
    if found := _US.fullmatch(words):
        return _zip(raw, found[1], found[2])
    if found := _CANADA.fullmatch(words):
        parts = {"fsa": found[1], "ldu": found[3], "district": found[2], "country_code": "CA"}
        return Valid(raw, f"{found[1]} {found[3]}", parts)
    if found := _BRITAIN.fullmatch(words):
        parts = {"outcode": found[1], "incode": found[2], "country_code": "GB"}
        return Valid(raw, f"{found[1]} {found[2]}", parts)
    return Invalid(raw)


def _zip(raw: str, five: str, four: str | None) -> Typed:
    if not LOWEST <= five <= HIGHEST:
        return Invalid(raw)
    normal = f"{five}-{four}" if four else five
    return Valid(raw, normal, {"zip": five, "four": four, "country_code": "US"})
