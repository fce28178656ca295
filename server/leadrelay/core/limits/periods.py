"""The minute, hour, day, week or month in which a cap counts, by the calendar of its time zone.

A period is known by its label and not by its first moment, so that a cap whose time zone is changed
goes on counting the same day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from leadrelay.core.limits.wall import SECOND, first_showing, midnight, showing

MONDAY = 0


class PeriodKind(StrEnum):
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Period:
    """From `starts` until just before `ends`."""

    label: str
    starts: int
    ends: int

    def holds(self, moment: int) -> bool:
        return self.starts <= moment < self.ends


def period_at(moment: int, kind: PeriodKind, zone: ZoneInfo, week_starts: int = MONDAY) -> Period:
    """The period that a moment belongs to. A week starts on the `week_starts`th day after Monday."""
    shown = showing(moment, zone)
    match kind:
        case PeriodKind.MINUTE:
            return _elapsed(moment, zone, seconds=shown.second, length=60)
        case PeriodKind.HOUR:
            return _elapsed(moment, zone, seconds=shown.minute * 60 + shown.second, length=3600)
        case PeriodKind.DAY:
            return _days(shown, zone, length=1)
        case PeriodKind.WEEK:
            first = shown.replace(tzinfo=None) - timedelta(days=(shown.weekday() - week_starts) % 7)
            return _days(first, zone, length=7)
        case PeriodKind.MONTH:
            first = shown.replace(tzinfo=None, day=1, hour=0, minute=0, second=0)
            following = (first + timedelta(days=31)).replace(day=1)
            return Period(f"{first:%Y-%m}", first_showing(first, zone), first_showing(following, zone))


def _elapsed(moment: int, zone: ZoneInfo, *, seconds: int, length: int) -> Period:
    """Minutes and hours are lengths of time: one that the clock shows twice is two of them."""
    start = (moment // SECOND - seconds) * SECOND
    return Period(f"{showing(start, zone):%Y-%m-%dT%H:%M%z}", start, start + length * SECOND)


def _days(first: datetime, zone: ZoneInfo, *, length: int) -> Period:
    return Period(f"{first:%Y-%m-%d}", midnight(first, zone), midnight(first, zone, later=length))
