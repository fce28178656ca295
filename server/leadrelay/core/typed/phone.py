"""Phone numbers.

The normal form of a North American number is its ten national digits, `5125550148`: what recipients here
expect, what LeadConduit sends, and what masks such as `(###) ###-####` count. A number from elsewhere
means nothing without its country and goes out as E.164, `+442079460958`. An extension follows as `x12`,
as with LeadConduit: without it, the call would end at a switchboard. For one notation for all there are
the parts.

Parts: `area`, `exchange` and `line` (the last two in North America only), `number` (without the area),
`extension`, `country_code` (ISO, as with LeadConduit: US, CA, GB …), `calling_code` (1, 44 …), `e164`,
`is_tollfree`, and `type` where the source hints at it ("5125550148 c": home, work or mobile).

A number without a country is read as one of the United States. Valid means that such a number can have
been given out, by the library's numbering plans; one that is newer than the library goes out as it came.
Letters are never dialled: "(973) 555 home" must not become 973 555 4663.

The notations that nearly all sources use take a short cut around the library, which takes tens of times
as long; that both agree is held by a test.
"""

import re
from typing import Final

from phonenumbers import (
    NumberParseException,
    PhoneMetadata,
    is_valid_number,
    length_of_national_destination_code,
    national_significant_number,
    parse,
    region_code_for_number,
)

from leadrelay.core.typed.cleaning import cleaned
from leadrelay.core.typed.forms import Invalid, Valid
from leadrelay.core.values import Typed, Value

HOME: Final = "US"  # of numbers that do not say where they are from
NORTH_AMERICA = "1"
NOWHERE = "001"  # the library's region of numbers that belong to no country
DIGITS_AT_HOME = 10  # with fewer, its area is missing
MAX_EXTENSION = 7  # digits; more are another number
TOLL_FREE = frozenset({"800", "833", "844", "855", "866", "877", "888"})

_COMMON = re.compile(r"(?:\+?1[-. ]?)?(?:\((\d{3})\)[-. ]?|(\d{3})[-. ]?)(\d{3})[-. ]?(\d{4})", re.ASCII)
_EXTENSION = re.compile(r"[\s,;]*(?:x|ext\.?|extn\.?|extension|#)[\s:.=]*(\d+)\Z", re.ASCII | re.I)
_HINT = re.compile(r"\s*\(?(h|home|w|work|c|cell|m|mobile)\)?\Z", re.IGNORECASE)
_HINTED = {"h": "home", "w": "work", "c": "mobile", "m": "mobile"}
_NO_DIGIT = re.compile(r"\D+")
_LETTER_AFTER_DIGIT = re.compile(r"\d.*[^\W\d_]", re.DOTALL)


def phone(raw: str) -> Typed:
    """A phone number."""
    short = _short_cut(raw, raw)
    if short is not None:
        return short
    words, extension, type_ = _taken_apart(cleaned(raw))
    return _short_cut(raw, words, extension, type_) or _by_library(raw, words, extension, type_)


def _short_cut(raw: str, words: str, extension: str | None = None, type_: str | None = None) -> Valid | None:
    """The common notations of numbers in the United States and Canada; None: the library has to see it."""
    found = _COMMON.fullmatch(words)
    if found is None or len(extension or "") > MAX_EXTENSION:
        return None
    national = "".join(filter(None, found.groups()))
    for region, plan in _PLANS:
        if plan.fullmatch(national):
            return _north_american(raw, national, region, extension, type_)
    return None


def _by_library(raw: str, words: str, extension: str | None, type_: str | None) -> Typed:
    is_local = "+" not in words and len(_NO_DIGIT.sub("", words)) < DIGITS_AT_HOME
    if is_local or _LETTER_AFTER_DIGIT.search(words):
        return Invalid(raw)
    try:
        number = parse(words, HOME)
    except NumberParseException:
        return Invalid(raw)
    extension = extension or number.extension
    if not is_valid_number(number) or len(extension or "") > MAX_EXTENSION:
        return Invalid(raw)
    region = region_code_for_number(number)
    national = national_significant_number(number)
    calling_code = str(number.country_code)
    if calling_code == NORTH_AMERICA:
        if len(national) != DIGITS_AT_HOME:
            return Invalid(raw)  # some services of Canada have seven
        return _north_american(raw, national, region, extension, type_)
    area_length = length_of_national_destination_code(number)
    e164 = f"+{calling_code}{national}"
    parts: dict[str, Value] = {
        "area": national[:area_length] or None,
        "number": national[area_length:],
        "extension": extension,
        "country_code": None if region == NOWHERE else region,
        "calling_code": calling_code,
        "e164": e164,
        "type": type_,
    }
    return Valid(raw, _extended(e164, extension), parts)


def _north_american(
    raw: str, national: str, region: str | None, extension: str | None, type_: str | None
) -> Valid:
    area = national[:3]
    parts: dict[str, Value] = {
        "area": area,
        "exchange": national[3:6],
        "line": national[6:],
        "number": national[3:],
        "extension": extension,
        "country_code": region,
        "calling_code": NORTH_AMERICA,
        "e164": "+1" + national,
        "is_tollfree": area in TOLL_FREE,
        "type": type_,
    }
    return Valid(raw, _extended(national, extension), parts)


def _extended(number: str, extension: str | None) -> str:
    return f"{number}x{extension}" if extension else number


def _taken_apart(words: str) -> tuple[str, str | None, str | None]:
    """The number itself, its extension, and the type that a letter or word at the end hints at."""
    type_ = None
    if words and not words[-1].isdigit():
        words, hint = _without_end(words, _HINT)
        type_ = _HINTED[hint[0].lower()] if hint else None
    words, extension = _without_end(words, _EXTENSION)
    return words, extension, type_


def _without_end(words: str, end: re.Pattern[str]) -> tuple[str, str | None]:
    found = end.search(words)
    return (words[: found.start()], found[1]) if found else (words, None)


def _plans() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """What numbers the United States and Canada give out, from the library's own data."""
    kinds = ("fixed_line", "mobile", "toll_free", "premium_rate", "personal_number", "uan", "voip")
    plans = []
    for region in ("US", "CA"):
        metadata = PhoneMetadata.metadata_for_region(region)
        described = [getattr(metadata, kind) for kind in kinds]
        patterns = dict.fromkeys(each.national_number_pattern for each in described if each is not None)
        plans.append((region, re.compile("|".join(f"(?:{each})" for each in patterns if each))))
    return tuple(plans)


_PLANS = _plans()
