"""Dates and times in the shape of moment.js tokens: `MM/DD/YYYY`, `[at] h:mm a`, `LL`.

M Mo MM MMM MMMM · Q Qo · D Do DD · DDD DDDo DDDD · d do dd ddd dddd · e E · w wo ww · W Wo WW ·
YY YYYY Y · gg gggg GG GGGG · A a · H HH h hh k kk · m mm · s ss · S … SSSSSSSSS · z zz Z ZZ · X x ·
LT LTS L LL LLL LLLL l ll lll llll · [literal]
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from leadrelay.core.template.moments import MONTHS, WEEKDAYS, Moment

Write = Callable[[datetime], str]

_LOCAL = {
    "LTS": "h:mm:ss A",
    "LT": "h:mm A",
    "LLLL": "dddd, MMMM D, YYYY h:mm A",
    "LLL": "MMMM D, YYYY h:mm A",
    "LL": "MMMM D, YYYY",
    "L": "MM/DD/YYYY",
    "llll": "ddd, MMM D, YYYY h:mm A",
    "lll": "MMM D, YYYY h:mm A",
    "ll": "MMM D, YYYY",
    "l": "M/D/YYYY",
}


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 11th."""
    tail = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{tail}"


def _weekday(moment: date) -> int:
    """0 is Sunday."""
    return moment.isoweekday() % 7


def _week(moment: date) -> tuple[int, int]:
    """Year and week where weeks begin on Sunday and the first has the first of January."""
    ahead = 6 - _weekday(moment)  # days to Saturday, whose year it is
    if moment.month == 12 and moment.day + ahead > 31:
        return moment.year + 1, 1
    first = _weekday(date(moment.year, 1, 1))
    return moment.year, (moment.timetuple().tm_yday + ahead + first - 1) // 7 + 1


def _offset(moment: datetime, colon: str) -> str:
    seconds = int((moment.utcoffset() or timedelta()).total_seconds())
    hours, minutes = divmod(abs(seconds) // 60, 60)
    return f"{'-' if seconds < 0 else '+'}{hours:02}{colon}{minutes:02}"


def _seconds(moment: datetime) -> int:
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1))


def _counted(letter: str, of: Callable[[datetime], int], width: int = 2) -> dict[str, Write]:
    """`D`, `Do` and `DD` of one number."""
    return {
        letter: lambda moment: str(of(moment)),
        letter + "o": lambda moment: ordinal(of(moment)),
        letter * 2: lambda moment: f"{of(moment):0{width}}",
    }


_TOKENS: dict[str, Write] = {
    **_counted("M", lambda m: m.month),
    "MMM": lambda m: MONTHS[m.month - 1][:3],
    "MMMM": lambda m: MONTHS[m.month - 1],
    "Q": lambda m: str((m.month + 2) // 3),
    "Qo": lambda m: ordinal((m.month + 2) // 3),
    **_counted("D", lambda m: m.day),
    "DDD": lambda m: str(m.timetuple().tm_yday),
    "DDDo": lambda m: ordinal(m.timetuple().tm_yday),
    "DDDD": lambda m: f"{m.timetuple().tm_yday:03}",
    "d": lambda m: str(_weekday(m)),
    "do": lambda m: ordinal(_weekday(m)),
    "dd": lambda m: WEEKDAYS[m.weekday()][:2],
    "ddd": lambda m: WEEKDAYS[m.weekday()][:3],
    "dddd": lambda m: WEEKDAYS[m.weekday()],
    "e": lambda m: str(_weekday(m)),
    "E": lambda m: str(m.isoweekday()),
    **_counted("w", lambda m: _week(m)[1]),
    **_counted("W", lambda m: m.isocalendar().week),
    "YY": lambda m: f"{m.year % 100:02}",
    "YYYY": lambda m: f"{m.year:04}",
    "Y": lambda m: str(m.year),
    "gg": lambda m: f"{_week(m)[0] % 100:02}",
    "gggg": lambda m: f"{_week(m)[0]:04}",
    "GG": lambda m: f"{m.isocalendar().year % 100:02}",
    "GGGG": lambda m: f"{m.isocalendar().year:04}",
    "A": lambda m: "AM" if m.hour < 12 else "PM",
    "a": lambda m: "am" if m.hour < 12 else "pm",
    "H": lambda m: str(m.hour),
    "HH": lambda m: f"{m.hour:02}",
    "h": lambda m: str((m.hour + 11) % 12 + 1),
    "hh": lambda m: f"{(m.hour + 11) % 12 + 1:02}",
    "k": lambda m: str((m.hour + 23) % 24 + 1),
    "kk": lambda m: f"{(m.hour + 23) % 24 + 1:02}",
    "m": lambda m: str(m.minute),
    "mm": lambda m: f"{m.minute:02}",
    "s": lambda m: str(m.second),
    "ss": lambda m: f"{m.second:02}",
    "z": lambda m: m.tzname() or "",
    "zz": lambda m: m.tzname() or "",
    "Z": lambda m: _offset(m, ":"),
    "ZZ": lambda m: _offset(m, ""),
    "X": lambda m: str(_seconds(m)),
    "x": lambda m: str(_seconds(m) * 1000 + m.microsecond // 1000),
}
_PIECE = re.compile(
    r"\[([^\]]*)\]|\\(.)"
    r"|(LTS|LT|L{1,4}|l{1,4}|Mo|M{1,4}|Qo|Q|DDDo|Do|D{1,4}|do|d{1,4}|e|E|wo|ww|w|Wo|WW|W"
    r"|YYYY|YY|Y|gggg|gg|GGGG|GG|A|a|HH|H|hh|h|kk|k|mm|m|ss|s|S{1,9}|zz|z|ZZ|Z|X|x)|(.)",
    re.DOTALL,
)


def compile_moment_format(pattern: str) -> Callable[[Moment], str]:
    """What writes a date or time in this shape."""
    pieces = _pieces(pattern)

    def write(moment: Moment) -> str:
        if not isinstance(moment, datetime):
            moment = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
        return "".join([piece if isinstance(piece, str) else piece(moment) for piece in pieces])

    return write


def _pieces(pattern: str) -> list[str | Write]:
    pieces: list[str | Write] = []
    for found in _PIECE.finditer(pattern):
        literal, escaped, token, other = found.groups()
        if token is None:
            pieces.append(literal or escaped or other or "")
        elif token in _LOCAL:
            pieces.extend(_pieces(_LOCAL[token]))
        else:
            pieces.append(_TOKENS[token] if token[0] != "S" else _fraction(len(token)))
    return pieces


def _fraction(digits: int) -> Write:
    return lambda moment: f"{moment.microsecond:06}000"[:digits]


def is_moment_format(pattern: str) -> bool:
    """Whether a pattern has at least one token of a date or time."""
    return any(found[3] for found in _PIECE.finditer(pattern))


_OF_A_CLOCK = frozenset("AaHhkms") | {"HH", "hh", "kk", "mm", "ss", "LT", "LTS"}


def is_clock_format(pattern: str) -> bool:
    """Whether a pattern asks for nothing but the time of day, so that it needs no day."""
    tokens = [found[3] for found in _PIECE.finditer(pattern) if found[3]]
    return bool(tokens) and all(token in _OF_A_CLOCK or token[0] == "S" for token in tokens)
