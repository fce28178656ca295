"""What the mapping language computes with, and how such values compare.

A value is a text, a number, a boolean, a date, null, or a list or object of these. Texts come from
people and numbers from machines, so the two meet all the time: "$52,400", "52,400.00" and 52400 are
one number, compared exactly and never as floating point. Null is a missing value: equal only to
null, and neither above nor below anything.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final, Protocol

import orjson

Value = object  # str | int | float | Decimal | bool | date | None | list | dict

MAX_NUMERAL = 64  # characters; a longer text is no number anybody meant
TEXT = "#text"  # the member that holds what an element of XML says, beside its attributes
MAX_EXACT = 10**18  # whole floats below it are written without a fraction


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()  # there is nothing at all, where null would be a value


class Typed(Protocol):
    """What a field's type made of its text (behaviour 3.4)."""

    @property
    def raw(self) -> str:
        """As received."""

    @property
    def valid(self) -> bool:
        """Whether the text is one of the type's."""

    @property
    def normal(self) -> Value:
        """The normal form; only meaningful when valid."""

    def part(self, name: str, now: int | None = None) -> Value:
        """A named part such as a phone's `area`; None for one it does not have.

        `now`, in ns since the epoch, is for parts that change with time, such as an age.
        """


Types = Mapping[str, Callable[[str], Typed]]  # by field name: what reads its text
NO_TYPES: Types = {}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with what a catalog says; or, as a warning, likely to surprise."""

    index: int | None  # of the rule; None: not about one rule
    part: str  # the member it is about: "to", "value", "match[0].path", ...
    message: str
    is_warning: bool = False


class NotCompiled(Exception):
    """What the catalog says cannot be carried out; all reasons at once."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


def is_blank(value: Value) -> bool:
    """Nothing a recipient could use: null, only white space, or an empty list or object."""
    if value is None:
        return True
    if isinstance(value, str):
        return not value or value.isspace()
    return isinstance(value, list | dict | tuple) and not value


def is_plain(value: Value) -> bool:
    """Neither blank nor a list or an object."""
    if isinstance(value, str):
        return bool(value) and not value.isspace()
    return value is not None and not isinstance(value, list | dict | tuple)


def is_true(value: Value) -> bool:
    """How a test reads a value: anything but blank and false.

    A source's `false` becomes text on its way into a flat field, and stands as text in a form or in XML.
    """
    if isinstance(value, str):
        return value.strip().casefold() not in ("", "false")
    return value is not False and not is_blank(value)


def text(value: Value) -> str:
    """How a value stands in a text. Null is empty; whole floats lose their fraction."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < MAX_EXACT else _digits(repr(value))
    if isinstance(value, Decimal):
        return format(value, "f")
    return _composed(value)


def _digits(numeral: str) -> str:
    """A small share such as 5e-05 written out: in a form, a recipient reads an exponent as no number."""
    return format(Decimal(numeral), "f") if "e-" in numeral else numeral


def _composed(value: Value) -> str:
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return ",".join(text(item) for item in value)
    if isinstance(value, dict):
        return to_json(value).decode()
    return str(value)


def moment_text(value: datetime) -> str:
    """ISO 8601 to the millisecond, with `Z` for UTC."""
    written = value.isoformat(timespec="milliseconds")
    return written.removesuffix("+00:00") + "Z" if value.utcoffset() == UTC.utcoffset(None) else written


def plain(value: object) -> object:
    """What orjson is to write for a value it does not know: decimals exactly, as numbers."""
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f")) if value.is_finite() else None
    if isinstance(value, Mapping):
        return dict(value)
    return text(value)


def to_json(value: Value) -> bytes:
    """JSON, with decimals as numbers and exact, and times as everywhere else."""
    try:
        return orjson.dumps(value, default=plain, option=orjson.OPT_PASSTHROUGH_DATETIME)
    except orjson.JSONEncodeError:  # numbers above 64 bits and lone surrogates: rare, slow, and right
        return json.dumps(_simple(value), separators=(",", ":")).encode()


def _simple(value: Value) -> Value:
    if isinstance(value, Mapping):
        return {text(name): _simple(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_simple(item) for item in value]
    if isinstance(value, Decimal):
        return float(value) if value.is_finite() else None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, str | int) else text(value)


_NUMERAL = re.compile(
    r"\s*(?P<sign>[-+]?)\s*[$€£¥]?\s*(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+|(?=\.[0-9]))(?P<part>\.[0-9]*)?\s*"
)


def number(value: Value) -> int | Decimal | None:
    """The number that a value is or spells, exactly; None when it is none."""
    if isinstance(value, str):
        return _spelled(value)
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        value = Decimal(repr(value))
    return value if isinstance(value, Decimal) and value.is_finite() else None


def _spelled(numeral: str) -> int | Decimal | None:
    if len(numeral) > MAX_NUMERAL:
        return None
    if numeral.isdigit() and numeral.isascii():
        return int(numeral)
    found = _NUMERAL.fullmatch(numeral)
    if found is None:
        return None
    digits = found["sign"] + (found["whole"].replace(",", "") or "0")
    return Decimal(digits + found["part"]) if found["part"] else int(digits)


_YES, _NO = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")
_BOOLEANS = dict.fromkeys(_YES, True) | dict.fromkeys(_NO, False)


def boolean(value: Value) -> bool | None:
    """The boolean that a value is or spells; None when it is none."""
    if isinstance(value, bool):
        return value
    return _BOOLEANS.get(text(value).strip().lower()) if isinstance(value, str | int | float) else None


def same(left: Value, right: Value) -> bool:
    """Equality as people mean it: case and outer white space do not count, numbers equal their text."""
    if isinstance(left, str) and isinstance(right, str):
        return left.strip().casefold() == right.strip().casefold() or _same_numerals(left, right)
    if left is None or right is None:
        return left is right
    if isinstance(left, bool) or isinstance(right, bool):
        return boolean(left) is not None and boolean(left) is boolean(right)
    if isinstance(left, list | dict) or isinstance(right, list | dict):
        return left == right
    if _is_long_code(left) or _is_long_code(right):
        return text(left).strip() == text(right).strip()
    order = compare(left, right)
    return order == 0 if order is not None else text(left).casefold() == text(right).casefold()


def _same_numerals(left: str, right: str) -> bool:
    if is_code(left) or is_code(right):
        return False
    one = _spelled(left)
    return one is not None and one == _spelled(right)


def is_code(numeral: str) -> bool:
    """A leading zero makes it a code such as a ZIP: "02134" is not "2134"."""
    stripped = numeral.strip()
    return len(stripped) > 1 and stripped[0] == "0" and stripped[1].isdigit()


def _is_long_code(value: Value) -> bool:
    """A code that is no number when it meets one: 2134 is not the ZIP "02134", but 9 is the hour "09"."""
    return isinstance(value, str) and is_code(value) and len(value.strip()) > 2


def compare(left: Value, right: Value) -> int | None:
    """Below 0, 0 or above 0 as `left` is below, at or above `right`; None: they have no order."""
    one, other = number(left), number(right)
    if one is not None and other is not None:
        return (one > other) - (one < other)
    if one is not None or other is not None:
        return None
    if isinstance(left, date) or isinstance(right, date):
        return _compare_moments(left, right)
    if isinstance(left, str) and isinstance(right, str):
        first, second = left.strip().casefold(), right.strip().casefold()
        return (first > second) - (first < second)
    return None


def _compare_moments(left: Value, right: Value) -> int | None:
    one, other = moment(left), moment(right)
    if one is None or other is None:
        return None
    return (one > other) - (one < other)


def moment(value: Value) -> datetime | None:
    """A date, or a text in ISO 8601, as a point in time; without a zone it is UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if not isinstance(value, datetime):
        if not isinstance(value, date):
            return None
        value = datetime(value.year, value.month, value.day)
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def leaf(value: Any) -> Value:
    """What an element of XML says that has attributes and no elements, which is read as an object."""
    if isinstance(value, list):
        return [leaf(item) for item in value]
    is_leaf = isinstance(value, Mapping) and TEXT in value and all(n == TEXT or n[:1] == "@" for n in value)
    return value[TEXT] if is_leaf else value


def walk(value: Any, segments: tuple[str, ...]) -> Value:
    """Follow a path into lists and objects; None where it leads nowhere."""
    for segment in segments:
        if isinstance(value, Mapping):
            value = value.get(segment)
        elif isinstance(value, list | tuple) and segment.isdigit() and len(segment) < 10:
            place = int(segment)
            value = value[place] if place < len(value) else None
        else:
            return None
    return value
