"""Dates: `date`, and `dob` for a date of birth, which has an age.

The normal form is ISO 8601, `1988-03-09`; parts: `year`, `month` and `day`. A time of day behind the date
(".NET and Excel always write one") is left out, and the date stays the one that was written: no zone can
turn a birthday into the day before.

Two digits of a year mean what moment.js takes them for, up to 68 this century; for a date of birth up to
19, so that "3/9/54" is somebody born in 1954 and not in 2054. That holds for everyone between 18 and 100
until the year 2037.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from leadrelay.core.typed.cleaning import cleaned
from leadrelay.core.typed.forms import Invalid, Valid
from leadrelay.core.typed.written_dates import time_after_date, written_date
from leadrelay.core.values import Typed, Value

LAST_OF_2000S = 68
LAST_BIRTH_OF_2000S = 19
BIRTHS = range(1900, 2100)  # years

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def date_(raw: str) -> Typed:
    """A day."""
    day = _day(raw, LAST_OF_2000S)
    return Invalid(raw) if day is None else Valid(raw, day.isoformat(), _parts(day))


def dob(raw: str) -> Typed:
    """A date of birth, with the part `age`."""
    day = _day(raw, LAST_BIRTH_OF_2000S)
    return Invalid(raw) if day is None or day.year not in BIRTHS else _Born(raw, day)


class _Born(Valid):
    """A date of birth."""

    __slots__ = ("day",)

    def __init__(self, raw: str, day: date) -> None:
        super().__init__(raw, day.isoformat(), _parts(day))
        self.day = day

    def part(self, name: str, now: int | None = None) -> Value:
        if name == "age":
            return None if now is None else age(self.day, now)
        return super().part(name)


def age(born: date, now: int) -> int | None:
    """Full years on the day of `now` (ns since the epoch, UTC); None before the birth.

    Whole years, as a condition such as `dob.age >= 18` needs them; LeadConduit divides days by 365, which
    is off by days around every birthday. Somebody born on 29 February is a year older on 1 March.
    """
    today = (_EPOCH + timedelta(seconds=now // 1_000_000_000)).date()
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return years if years >= 0 else None


def _day(raw: str, last_of_2000s: int) -> date | None:
    found = written_date(cleaned(raw), last_of_2000s)
    if found is None:
        return None
    day, rest = found
    return day if not rest or time_after_date(rest) is not None else None


def _parts(day: date) -> Mapping[str, Value]:
    return {"year": day.year, "month": day.month, "day": day.day}
