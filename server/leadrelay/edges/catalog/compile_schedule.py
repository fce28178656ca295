"""When a recipient takes leads (behaviour 7)."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, time

from leadrelay.core.limits.schedule import Hours, Schedule
from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.findings import Path
from leadrelay.edges.catalog.problems import listed, named, nearest
from leadrelay.edges.catalog.time_zones import time_zone
from leadrelay.v1 import destination_pb2 as pb

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONG = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK = re.compile(r"(\d\d?):(\d\d)(?::(\d\d))?")
_DAY, _WEEK = 24 * 60, 7 * 24 * 60  # minutes

Span = tuple[int, int]  # of one week, in minutes since the beginning of Monday


def compile_schedule(context: Context, path: Path, message: pb.Schedule) -> Schedule:
    """The schedule, after every problem with it has been noted."""
    week = _week(context, path, message)
    holidays = frozenset(_holidays(context, path, message))
    special = _special(context, path, message)
    if not message.open and not message.special:
        words = 'has no open hour at all; write `open: [{days: [mon-fri], from: "09:00", to: "17:00"}]`'
        context.findings.absence(path, words)
    for index, day in enumerate(message.special):
        if day.date in message.holidays:
            words = "is a holiday as well; remove one of the two"
            context.findings.problem((*path, "special", index, "date"), words)
    return Schedule(
        zone=time_zone(context, (*path, "time_zone"), message.time_zone),
        week=week,
        holidays=holidays,
        special=special,
    )


def weekday(context: Context, path: Path, word: str) -> str | None:
    """The day that a word means; None after the problem with it has been noted."""
    plain = word.strip().lower()
    if plain in DAYS:
        return plain
    if plain in _LONG:
        return plain[:3]
    meant = nearest(word, (*DAYS, *_LONG))
    hint = f"; did you mean {named(meant)}?" if meant else f"; there are: {listed(DAYS)}"
    context.findings.problem(path, f"no day is called {named(word)}{hint}")
    return None


def _week(context: Context, path: Path, message: pb.Schedule) -> dict[int, tuple[Hours, ...]]:
    week: dict[int, tuple[Hours, ...]] = {}
    taken: list[tuple[Span, Path]] = []
    for index, hours in enumerate(message.open):
        below = (*path, "open", index)
        if not hours.days:
            context.findings.absence(below, "names no days; write `days: [mon-fri]`")
        found = _hours(context, below, getattr(hours, "from"), hours.to)
        numbers = sorted({number for word in _days(context, below, hours) for number in word})
        if found is not None:
            week |= {number: (*week.get(number, ()), found) for number in numbers}
            spans = [_span(number, found) for number in numbers]
            _overlap(context, taken, spans, below)
            taken += [(span, below) for span in spans]
    return week


def _days(context: Context, path: Path, hours: pb.OpenHours) -> Iterator[list[int]]:
    """The weekdays that each word of `days` names."""
    for index, word in enumerate(hours.days):
        below = (*path, "days", index)
        first, dash, last = word.partition("-")
        begin = weekday(context, below, first)
        end = weekday(context, below, last) if dash and begin else begin
        if begin and end:
            start = DAYS.index(begin)
            yield [(start + step) % 7 for step in range((DAYS.index(end) - start) % 7 + 1)]


def _hours(context: Context, path: Path, opens: str, closes: str) -> Hours | None:
    at, until = _clock(context, (*path, "from"), opens), _clock(context, (*path, "to"), closes, ends=True)
    if at is None or until is None:
        return None
    if at == until and closes.strip() != "24:00":
        words = f"opens and closes at {opens}; the whole day is from 00:00 to 24:00"
        context.findings.problem((*path, "to"), words)
        return None
    return Hours(at, until)


def _clock(context: Context, path: Path, text: str, *, ends: bool = False) -> time | None:
    if not text:
        context.findings.absence(path[:-1], f'needs `{path[-1]}`, a time of day such as "09:00"')
        return None
    if ends and text.strip() in ("24:00", "24:00:00"):
        return time()
    match = _CLOCK.fullmatch(text.strip())
    if match is not None:
        hour, minute, second = (int(part or 0) for part in match.groups())
        if hour < 24 and minute < 60 and second < 60:
            return time(hour, minute, second)
    words = f"{named(text)} is no time of day; write it from 00:00 to 23:59" + (", or 24:00" if ends else "")
    context.findings.problem(path, words)
    return None


def _holidays(context: Context, path: Path, message: pb.Schedule) -> Iterator[date]:
    seen: set[date] = set()
    for index, text in enumerate(message.holidays):
        below = (*path, "holidays", index)
        day = _date(context, below, text)
        if day is not None and day in seen:
            context.findings.warning(below, f"{text} is listed twice")
        if day is not None:
            seen.add(day)
            yield day


def _special(context: Context, path: Path, message: pb.Schedule) -> dict[date, tuple[Hours, ...]]:
    special: dict[date, tuple[Hours, ...]] = {}
    for index, each in enumerate(message.special):
        below = (*path, "special", index)
        day = _date(context, (*below, "date"), each.date) if each.date else None
        if not each.date:
            context.findings.absence(below, "needs a `date`, such as 2026-12-24")
        hours = _hours(context, below, getattr(each, "from"), each.to)
        if day is not None and hours is not None:
            special[day] = (*special.get(day, ()), hours)
    return special


def _date(context: Context, path: Path, text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        words = f"{named(text)} is no date; write it as 2026-12-25"
        context.findings.problem(path, words)
        return None


def _overlap(context: Context, taken: Sequence[tuple[Span, Path]], spans: Sequence[Span], path: Path) -> None:
    """A warning for hours that are open already: harmless, and hardly meant."""
    for begin, end in spans:
        for (other_begin, other_end), where in taken:
            if any(begin + week < other_end and other_begin < end + week for week in (-_WEEK, 0, _WEEK)):
                day = DAYS[begin // _DAY]
                words = f"overlaps with the hours at {context.findings.where(where)} on {day}"
                context.findings.warning(path, words)
                return


def _span(day: int, hours: Hours) -> Span:
    opens, closes = (each.hour * 60 + each.minute for each in (hours.opens, hours.closes))
    return day * _DAY + opens, day * _DAY + closes + (_DAY if closes <= opens else 0)
