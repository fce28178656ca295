"""Dates and times: reading what people write, moving them about, and time zones.

They are read as typed fields read them (`typed.written_dates`): what a field of type date takes for a
day, a template takes for the same day. A date without a time stays a date: it has no zone, so no
conversion can turn it into the day before. A time without a zone is UTC.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from leadrelay.core.typed.cleaning import cleaned
from leadrelay.core.typed.dates import LAST_OF_2000S
from leadrelay.core.typed.written_dates import written_moment
from leadrelay.core.values import Value

Moment = date | datetime

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_EPOCH = re.compile(r"\d{10}|\d{13}", re.ASCII)
_START = datetime(1970, 1, 1, tzinfo=UTC)


class BadZone(Exception):
    """No such time zone."""


@lru_cache(maxsize=512)
def zone(name: str) -> tzinfo:
    """A time zone by its IANA name. Raises BadZone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadZone(
            f"there is no time zone `{name}`; expected a name such as `America/New_York`"
        ) from error


def moment_of(value: Value) -> Moment | None:
    """The date or time that a value is or spells, day and month in the American order; or None."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return _spelled(value) if isinstance(value, str) else None


def _spelled(raw: str) -> Moment | None:
    words = cleaned(raw)
    if _EPOCH.fullmatch(words):
        return from_epoch(int(words) * (1_000_000_000 if len(words) == 10 else 1_000_000))
    return written_moment(words, LAST_OF_2000S)


def from_epoch(nanoseconds: int) -> datetime:
    return _START + timedelta(microseconds=nanoseconds // 1000)


def moved(moment: Moment, amounts: Mapping[str, int]) -> Moment | None:
    """Moved by years, months, … seconds. Days are wall-clock days; None: beyond the calendar."""
    try:
        moment = _moved_months(moment, amounts.get("years", 0) * 12 + amounts.get("months", 0))
        moment += timedelta(days=amounts.get("weeks", 0) * 7 + amounts.get("days", 0))
        seconds = sum(amounts.get(unit, 0) * size for unit, size in _SECONDS.items())
        return _moved_seconds(moment, seconds) if seconds else moment
    except (ValueError, OverflowError):
        return None


_SECONDS = {"hours": 3600, "minutes": 60, "seconds": 1}


def _moved_months(moment: Moment, months: int) -> Moment:
    if not months:
        return moment
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    month += 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day if year < 9999 else 28
    return moment.replace(year=year, month=month, day=min(moment.day, last))


def _moved_seconds(moment: Moment, seconds: int) -> datetime:
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    here = moment.tzinfo
    return (moment.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(here)


def in_zone(moment: Moment, place: tzinfo) -> Moment:
    """A time on the clocks of a zone; a date stays as it is."""
    if not isinstance(moment, datetime):
        return moment
    try:
        return moment.astimezone(place)
    except (ValueError, OverflowError):
        return moment
