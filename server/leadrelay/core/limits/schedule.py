"""When a recipient takes leads: weekly hours, holidays and days with hours of their own (behaviour 7).

Hours are those of the clock on the recipient's wall, so an opening hour that the clock leaps over
begins where it lands, and a day of 25 hours is open an hour longer where it is open over the change.
Hours that go over midnight belong to the day on which they begin, and end with it where the next day
is a holiday.
"""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from leadrelay.core.limits.full import Full
from leadrelay.core.limits.wall import first_showing, midnight, showing, written
from leadrelay.core.outcome import ReasonCode

LOOKS_AHEAD = 400  # days; hours that come only later are as good as none
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """From `opens` until just before `closes`; not later than `opens`: on the next day."""

    opens: time
    closes: time  # midnight: the end of the day


@dataclass(frozen=True, slots=True)
class Shift:
    """How it is until a moment at least."""

    until: int  # ns since the epoch
    closed: Full | None = None  # None: it is open


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    zone: ZoneInfo
    week: Mapping[int, tuple[Hours, ...]]  # by weekday, from 0 for Monday
    holidays: Set[date] = frozenset()
    special: Mapping[date, tuple[Hours, ...]] = field(default_factory=dict)  # instead of the weekday's

    def at(self, moment: int) -> Shift:
        """Whether it is open at a moment."""
        today = showing(moment, self.zone)
        for opens, closes in self._spans(today.date() - _DAY):
            if moment < opens:
                return self._closed(today, opens)
            if moment < closes:
                return Shift(closes)
        return self._closed(today, None)

    def _closed(self, today: datetime, opens_at: int | None) -> Shift:
        is_holiday = today.date() in self.holidays and today.date() not in self.special
        why = f"closed for the holiday of {today:%Y-%m-%d}" if is_holiday else "closed"
        tomorrow = midnight(today, self.zone, later=1)
        if opens_at is None:
            return Shift(tomorrow, Full(code=ReasonCode.CLOSED, words=f"{why}, and no opening hours follow"))
        words = f"{why}, opens {written(opens_at, self.zone)}"
        full = Full(code=ReasonCode.CLOSED, words=words, opens_at=opens_at)
        return Shift(min(opens_at, tomorrow), full)

    def _spans(self, first: date) -> Iterator[tuple[int, int]]:
        """Open from and until, by the moment of opening."""
        for number in range(LOOKS_AHEAD):
            day = first + timedelta(days=number)
            for hours in sorted(self._hours(day), key=lambda each: each.opens):
                opens, closes = (first_showing(wall, self.zone) for wall in self._walls(day, hours))
                if opens < closes:  # else the clock leaps over all of it
                    yield opens, closes

    def _hours(self, day: date) -> tuple[Hours, ...]:
        if day in self.special:
            return self.special[day]
        return () if day in self.holidays else self.week.get(day.weekday(), ())

    def _walls(self, day: date, hours: Hours) -> tuple[datetime, datetime]:
        opens = datetime.combine(day, hours.opens)
        if hours.opens < hours.closes:
            return opens, datetime.combine(day, hours.closes)
        ends = day + _DAY
        if ends in self.holidays:
            return opens, datetime.combine(ends, time())
        return opens, datetime.combine(ends, hours.closes)
