"""The clock on the wall of a time zone, on days of 23 and of 25 hours too.

Moments are nanoseconds since the epoch. An hour that the clock leaps over begins where it lands; one
that it shows twice begins the first time.
"""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

SECOND: Final = 1_000_000_000  # ns


def showing(moment: int, zone: ZoneInfo) -> datetime:
    """What the clock shows, to the second."""
    return datetime.fromtimestamp(moment // SECOND, zone)


def first_showing(wall: datetime, zone: ZoneInfo) -> int:
    """The first moment at which the clock shows this time (which has no zone itself) or a later one."""
    late = _seconds(wall.replace(tzinfo=zone, fold=0))
    if datetime.fromtimestamp(late, zone).replace(tzinfo=None) == wall:
        return late * SECOND
    early = _seconds(wall.replace(tzinfo=zone, fold=1))  # the clock leaps between the two
    while late - early > 1:
        middle = (early + late) // 2
        if datetime.fromtimestamp(middle, zone).replace(tzinfo=None) < wall:
            early = middle
        else:
            late = middle
    return late * SECOND


def midnight(day: datetime, zone: ZoneInfo, later: int = 0) -> int:
    """The beginning of a day, or of one that is so many days later."""
    wall = day.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return first_showing(wall + timedelta(days=later), zone)


def written(moment: int, zone: ZoneInfo) -> str:
    """For people, with the distance from UTC: `2026-12-01T00:00-06:00`."""
    shown = showing(moment, zone)
    return shown.isoformat(timespec="seconds" if shown.second else "minutes")


def in_utc(moment: int) -> str:
    """For people: `2026-11-30T12:00:30Z`."""
    return f"{datetime.fromtimestamp(moment // SECOND, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _seconds(moment: datetime) -> int:
    return round((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
