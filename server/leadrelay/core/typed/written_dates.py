"""Dates and times of day as people and programs write them.

An ambiguous order is read the American way, month first; a first number above 12 can only be the day.
Years have four digits, or two that mean the century which the caller says. Nothing is guessed: a text is
read as a whole or not at all. (python-dateutil was weighed and left: it fills what is missing from the
clock, so that "10" becomes a day of this month.)
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

OLDEST = 1800  # an earlier year is no date in a lead but a zero of some program's calendar

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NUMBERS = {name: number for number, name in enumerate(_MONTHS, 1)}
_NAME = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,?\s+)?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_MARK = r"(?P<mark>\s?[-/.]\s?)"
_SHORT_YEAR = r"(?P<year>\d{4}|\d{2})(?!\d)"
_FLAGS = re.ASCII | re.IGNORECASE
_SHAPES = tuple(
    re.compile(shape, _FLAGS)
    for shape in (
        rf"(?P<year>\d{{4}}){_MARK}(?P<month>\d{{1,2}})(?P=mark)(?P<day>\d{{1,2}})(?!\d)",
        rf"(?P<month>\d{{1,2}}){_MARK}(?P<day>\d{{1,2}})(?P=mark){_SHORT_YEAR}",
        rf"{_WEEKDAY}{_NAME}\s*{_DAY},?\s+(?P<year>\d{{4}})(?!\d)",
        rf"{_WEEKDAY}{_DAY}[\s-]*{_NAME},?[\s-]*{_SHORT_YEAR}",
    )
)
_MONTH_FIRST = _SHAPES[1]
_PACKED = re.compile(r"(\d{2})(\d{2})(\d{2})(\d{2})(?!\d)", re.ASCII)
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?"
    r"\s*(?P<zone>z|utc|gmt)?\s*(?P<offset>[-+]\d{2}(?::?\d{2})?)?(?:\s*\([a-z ]+\))?",
    _FLAGS,
)


def written_date(words: str, last_of_2000s: int) -> tuple[date, str] | None:
    """The date with which words begin, and what follows it. A year of two digits up to the given is 20xx."""
    for shape in _SHAPES:
        found = shape.match(words)
        if found is not None:
            break
    else:
        found = _PACKED.match(words)
    if found is None:
        return None
    day = _unpacked(found) if found.re is _PACKED else _dated(found, last_of_2000s)
    return None if day is None else (day, words[found.end() :])


def written_moment(words: str, last_of_2000s: int) -> date | datetime | None:
    """The day that words are, or the point in time in the zone they name; without one it is UTC."""
    found = written_date(words, last_of_2000s)
    if found is None or not found[1]:
        return found and found[0]
    clock = time_after_date(found[1])
    if clock is None or at_once(found[0], clock) is None:
        return None
    return datetime.combine(found[0], clock, tzinfo=clock.tzinfo or UTC)


def written_time(words: str) -> time | None:
    """The time of day that words are, with its zone if they name one."""
    found = _CLOCK.fullmatch(words)
    if found is None or not (found["minute"] or found["half"]):
        return None
    hour, half = int(found["hour"]), found["half"]
    if half is not None and not 1 <= hour <= 12:
        return None
    if half is not None:
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    fraction = int((found["fraction"] or "").ljust(6, "0")[:6])
    try:
        zone = _zone(found["zone"], found["offset"])
        return time(hour, int(found["minute"] or 0), int(found["second"] or 0), fraction, tzinfo=zone)
    except ValueError:
        return None


def time_after_date(words: str) -> time | None:
    """The time of day in what follows a date."""
    after = words.lstrip(" \t,")
    is_apart = len(after) < len(words)
    if after[:1] in ("T", "t"):
        after, is_apart = after[1:], True
    return written_time(after) if is_apart else None


def _dated(found: re.Match[str], last_of_2000s: int) -> date | None:
    digits, written_month = found["year"], found["month"]
    month = int(written_month) if written_month.isdigit() else _MONTH_NUMBERS[written_month[:3].lower()]
    day = int(found["day"])
    if month > 12 and found.re is _MONTH_FIRST:
        month, day = day, month
    year = int(digits)
    if len(digits) == 2:
        year += 2000 if year <= last_of_2000s else 1900
    return _date(year, month, day)


def _unpacked(found: re.Match[str]) -> date | None:
    """Eight digits: MMDDYYYY or YYYYMMDD, which cannot be both; or else DDMMYYYY."""
    one, two, three, four = found.groups()
    orders = ((three + four, one, two), (one + two, three, four), (three + four, two, one))
    days = (_date(int(year), int(month), int(day)) for year, month, day in orders if year[:2] in ("19", "20"))
    return next((day for day in days if day is not None), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year >= OLDEST else None
    except ValueError:
        return None


def _zone(name: str | None, offset: str | None) -> timezone | None:
    if offset is None:
        return UTC if name else None
    hours, minutes = int(offset[1:3]), int(offset[3:].lstrip(":") or 0)
    if minutes > 59:
        raise ValueError(offset)
    ahead = timedelta(hours=hours, minutes=minutes)
    return timezone(-ahead if offset[0] == "-" else ahead)


def at_once(day: date, clock: time) -> datetime | None:
    """Date and time of day as a point in time; without a zone it is UTC. None: beyond the calendar."""
    moment = datetime.combine(day, clock)
    try:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        return None
    return moment if moment.year >= OLDEST else None
