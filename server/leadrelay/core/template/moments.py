"""Dates and times: reading what people write, moving them about, and time zones.

A date without a time stays a date: it has no zone, so no conversion can turn it into the day before.
A time without a zone is UTC.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from leadrelay.core.values import Value

Moment = date | datetime

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_MONTH = {name.lower(): number for number, name in enumerate(MONTHS, 1)} | {
    name[:3].lower(): number for number, name in enumerate(MONTHS, 1)
} | {"sept": 9}  # fmt: skip

_TIME = (
    r"(?:[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
)
_WORDED_MONTH = r"(?P<name>[A-Za-z]{3,9})\.?"
_DAY_NAME = r"(?:[A-Za-z]{3,9},?\s+)?"
_SHAPES = tuple(
    re.compile(shape + _TIME)
    for shape in (
        r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})",
        r"(?P<year>\d{4})/(?P<month>\d{1,2})/(?P<day>\d{1,2})",
        r"(?P<month>\d{1,2})[/.-](?P<day>\d{1,2})[/.-](?P<year>\d{4}|\d{2})",
        r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})",
        r"(?P<month>\d{2})(?P<day>\d{2})(?P<year>(?:19|20)\d{2})",
        _DAY_NAME + _WORDED_MONTH + r"\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})",
        _DAY_NAME + r"(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s-]+" + _WORDED_MONTH + r",?[\s-]+(?P<year>\d{4})",
    )
)
_EPOCH = re.compile(r"\d{10}|\d{13}")
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
    return _spelled(value.strip()) if isinstance(value, str) and len(value) <= 64 else None


def _spelled(words: str) -> Moment | None:
    if not words.isascii():
        return None
    if _EPOCH.fullmatch(words):
        return from_epoch(int(words) * (1_000_000_000 if len(words) == 10 else 1_000_000))
    for shape in _SHAPES:
        found = shape.fullmatch(words)
        if found is not None:
            try:
                return _built(found.groupdict())
            except (ValueError, OverflowError):
                return None
    return None


def from_epoch(nanoseconds: int) -> datetime:
    return _START + timedelta(microseconds=nanoseconds // 1000)


def _built(parts: Mapping[str, str | None]) -> Moment | None:
    name = parts.get("name")
    month = _MONTH.get(name.lower()) if name else int(parts["month"] or 0)
    if month is None:
        return None
    day = date(_year(parts["year"] or ""), month, int(parts["day"] or 0))
    if parts["hour"] is None:
        return day
    fraction = (parts["fraction"] or "").ljust(6, "0")[:6]
    return datetime(
        day.year,
        day.month,
        day.day,
        _hour(int(parts["hour"]), parts["half"]),
        int(parts["minute"] or 0),
        int(parts["second"] or 0),
        int(fraction),
        tzinfo=_offset(parts["zone"]),
    )


def _year(digits: str) -> int:
    """Two digits mean the year of this or the last century, as moment reads them: 69 is 1969."""
    year = int(digits)
    return year if len(digits) == 4 else year + (1900 if year > 68 else 2000)


def _hour(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError(hour)
    return hour % 12 + (12 if half[0] in "Pp" else 0)


def _offset(written: str | None) -> tzinfo:
    if written is None or written in ("Z", "UTC", "GMT"):
        return UTC
    offset = datetime.strptime(written.replace(":", ""), "%z").tzinfo
    return offset or UTC


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
