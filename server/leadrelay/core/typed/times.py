"""Times: a point in time, or a time of day such as the best one to call.

A point in time has LeadConduit's normal form, UTC to the millisecond: `2014-06-14T18:27:33.000Z`; one
without a zone is taken for UTC, as everywhere here. Ten digits are seconds since 1970 and thirteen
milliseconds. A time of day is `17:00`, with seconds if it has any. Parts: `hour`, `minute`, `second`, and
`date` for a point in time, all in UTC. A date alone is no time; neither is "evening".
"""

from datetime import UTC, datetime, time, timedelta

from leadrelay.core.typed.cleaning import cleaned
from leadrelay.core.typed.dates import LAST_OF_2000S
from leadrelay.core.typed.forms import Invalid, Valid
from leadrelay.core.typed.written_dates import at_once, time_after_date, written_date, written_time
from leadrelay.core.values import Typed, moment_text

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS_OF_EPOCH = {10: 1_000, 13: 1}  # how many digits: ms in one


def time_(raw: str) -> Typed:
    """A point in time, or a time of day."""
    words = cleaned(raw)
    if words.isdecimal() and len(words) in _DIGITS_OF_EPOCH:
        elapsed = timedelta(milliseconds=int(words) * _DIGITS_OF_EPOCH[len(words)])
        return _moment(raw, _EPOCH + elapsed)
    clock = written_time(words)
    if clock is not None:
        return _clock(raw, clock)
    found = written_date(words, LAST_OF_2000S)
    clock = time_after_date(found[1]) if found else None
    moment = at_once(found[0], clock) if found and clock else None
    return Invalid(raw) if moment is None else _moment(raw, moment)


def _moment(raw: str, moment: datetime) -> Valid:
    return Valid(raw, moment_text(moment), {"date": moment.date().isoformat(), **_parts(moment)})


def _clock(raw: str, clock: time) -> Typed:
    if clock.tzinfo is not None:
        return Invalid(raw)  # what day it is in another zone is anybody's guess
    precision = "seconds" if clock.second else "minutes"
    return Valid(raw, clock.isoformat(timespec=precision), _parts(clock))


def _parts(moment: datetime | time) -> dict[str, int]:
    return {"hour": moment.hour, "minute": moment.minute, "second": moment.second}
