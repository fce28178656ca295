"""`format`: a value in a given shape (behaviour 3.2).

The shape says what it is for: with `#` it is a mask for digits, with `0` a pattern for numbers, else
tokens of a date. What cannot be brought into the shape goes out as it is, with a warning.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, tzinfo

from leadrelay.core.scope import Read, Scope
from leadrelay.core.template.foreign_shapes import moment_meant, numeral_meant
from leadrelay.core.template.helpers.masks import masked
from leadrelay.core.template.moment_format import compile_moment_format, is_clock_format, is_moment_format
from leadrelay.core.template.moments import BadZone, Moment, in_zone, moment_of, moved, zone
from leadrelay.core.template.numeral_format import BadNumeral, compile_numeral
from leadrelay.core.template.registry import Argument, BadCall, Call, prepared
from leadrelay.core.typed.cleaning import cleaned
from leadrelay.core.typed.written_dates import written_time
from leadrelay.core.values import Value, is_blank, number, text

UNITS = ("years", "months", "weeks", "days", "hours", "minutes", "seconds")
_BRACKETED = re.compile(r"\[[^\]]*\]")
DEFAULT_SHAPE = "YYYY-MM-DDTHH:mm:ssZ"
DEFAULT_DATE = "YYYY-MM-DD"
MAX_UNITS = 10**9
MAX_NUMBER = 10**60  # of what a pattern shapes; nothing that people count is larger

Shape = Callable[[Scope, Value], str | None]


@prepared(
    ('{{format "5125550123" "(###) ###-####"}}', "(512) 555-0123"),
    ('{{format "+1 512-555-0123" "###.###.####"}}', "512.555.0123"),
    ('{{format "1988-03-09" "MM/DD/YYYY"}}', "03/09/1988"),
    ('{{format "1988-03-09" format="[Born] MMMM Do"}}', "Born March 9th"),
    ('{{format "2024-07-01 02:30" "L LT z" timezone="America/New_York"}}', "06/30/2024 10:30 PM EDT"),
    ('{{format "2024-01-31" "YYYY-MM-DD" operator="add" months=1}}', "2024-02-29"),
    ('{{format "5pm" "h:mm A"}}', "5:00 PM"),
    ('{{format "$52400.5" "$0,0.00"}}', "$52,400.50"),
    ('{{format 0.1234 "0.[00]%"}}', "12.34%"),
    ('{{format "7" "00000"}}', "00007"),
    name="format",
    takes=(1, 2),
    options=("format", "timezone", "operator", "dataType", *UNITS),
)
def format_(call: Call) -> Read:
    """A value in a shape: a `#` mask, a pattern for numbers such as `0,0.00`, or tokens of a date.

    A shape with a `#` is a mask for digits, one with a `0` (outside of `[brackets]`) a pattern for numbers,
    any other is for dates. What does not fit its shape goes out as it is, and the attempt carries a warning.

    - `format="…"`: the shape, for those who name it.
    - `timezone="America/New_York"`: a time as the clocks there show it; a date, or a time of day, stays.
    - `operator="add"` or `operator="subtract"` with `years`, `months`, `weeks`, `days`, `hours`, `minutes` or
      `seconds`: another date or time, so far away.
    - `dataType="Number"`: the shape is for numbers; `dataType="String"`: it is not.
    """
    value = call.arguments[0]
    pattern = _pattern(call)
    kind = _kind(call, pattern)
    if kind == "mask":
        return masked(value.read, pattern or "", value.label)
    shape = _numeral(pattern or "") if kind == "number" else _moment(call, pattern)
    warning = f"{value.label or 'the value'} is no {kind} that `format` can shape; sent as it is"
    return _shaped(value.read, shape, warning)


def _pattern(call: Call) -> str | None:
    if len(call.arguments) < 2:
        return call.constant_option("format")
    if not call.arguments[1].constant:
        raise BadCall('expected a pattern in quotes, such as "(###) ###-####"')
    return text(call.arguments[1].value)


def _kind(call: Call, pattern: str | None) -> str:
    data_type = (call.constant_option("dataType") or "").lower()
    if data_type not in ("", "string", "number"):
        raise BadCall("the option `dataType` is String or Number")
    has_time_options = bool({"timezone", "operator"} & call.options.keys())
    if pattern is None:
        if has_time_options:
            return "date"
        raise BadCall('expected a pattern in quotes, such as "(###) ###-####"')
    if "#" in pattern and data_type != "number":
        meant = None if data_type else numeral_meant(pattern)
        if meant is not None:
            raise BadCall(f"`#` stands for a digit of a mask; for a number write `{meant}`, not `{pattern}`")
        return "mask"
    if data_type == "number" or (not data_type and "0" in _BRACKETED.sub("", pattern)):
        return "number"
    if is_moment_format(pattern):
        return "date"
    raise BadCall(f"`{pattern}` is neither a `#` mask nor a pattern for numbers or dates")


def _numeral(pattern: str) -> Shape:
    try:
        write = compile_numeral(pattern)
    except BadNumeral as error:
        raise BadCall(str(error)) from error

    def shape(_: Scope, value: Value) -> str | None:
        amount = number(value)
        return write(amount) if amount is not None and -MAX_NUMBER < amount < MAX_NUMBER else None

    return shape


def moment_shape(pattern: str) -> Callable[[Moment], str]:
    """What writes a date or time in tokens. Raises BadCall where they are none, or another system's."""
    if not is_moment_format(pattern):
        raise BadCall(f"`{pattern}` has no token of a date or time; write one such as `MM/DD/YYYY`")
    meant = moment_meant(pattern)
    if meant is not None:
        raise BadCall(f"`{pattern}` is not how a date is shaped here; write `{meant}`")
    return compile_moment_format(pattern)


def _moment(call: Call, pattern: str | None) -> Shape:
    write = moment_shape(pattern) if pattern else None
    of_clock = is_clock_format(pattern) if pattern else False
    place = time_zone(call)
    move = movement(call)

    def shape(scope: Scope, value: Value) -> str | None:
        moment = moment_of(value)
        has_day = moment is not None
        if moment is None and of_clock:
            moment = _clock(value)
        if moment is not None and place is not None and has_day:  # without one nobody knows the zone
            moment = in_zone(moment, place)
        if moment is not None and move is not None:
            moment = move(scope, moment)
        if moment is None:
            return None
        return write(moment) if write else written(moment)

    return shape


def _clock(value: Value) -> Moment | None:
    """A time of day as a moment of some day."""
    clock = written_time(cleaned(value)) if isinstance(value, str) else value
    if not isinstance(clock, time) or clock.tzinfo:
        return None
    return datetime.combine(_SOME_DAY, clock, tzinfo=UTC)


_SOME_DAY = date(2000, 1, 1)
_WRITE_DATE, _WRITE_TIME = compile_moment_format(DEFAULT_DATE), compile_moment_format(DEFAULT_SHAPE)


def written(moment: Moment) -> str:
    """In ISO 8601, where no shape is asked for."""
    return _WRITE_TIME(moment) if hasattr(moment, "hour") else _WRITE_DATE(moment)


def time_zone(call: Call) -> tzinfo | None:
    name = call.constant_option("timezone")
    try:
        return None if name is None else zone(name)
    except BadZone as error:
        raise BadCall(str(error)) from error


def movement(call: Call) -> Callable[[Scope, Moment], Moment | None] | None:
    """What `operator="add" days=30` does to a moment."""
    amounts = {unit: call.options[unit] for unit in UNITS if unit in call.options}
    operator = call.constant_option("operator")
    if operator is None:
        if amounts:
            raise BadCall(f'`{next(iter(amounts))}` needs `operator="add"` or `operator="subtract"`')
        return None
    if operator not in ("add", "subtract"):
        raise BadCall("the option `operator` is add or subtract")
    if not amounts:
        raise BadCall(f"`operator` needs an amount, such as `days=30`; there are {', '.join(UNITS)}")
    sign = 1 if operator == "add" else -1
    return lambda scope, moment: moved(
        moment, {unit: sign * _whole(by, scope) for unit, by in amounts.items()}
    )


def _whole(amount: Argument, scope: Scope) -> int:
    """A whole number of units; what is no number moves nothing."""
    value = number(amount.read(scope))
    return int(value) if value is not None and -MAX_UNITS <= value <= MAX_UNITS else 0


def _shaped(read: Read, shape: Shape, warning: str) -> Read:
    def formatted(scope: Scope) -> Value:
        value = read(scope)
        if is_blank(value):
            return value
        printed = shape(scope, value)
        if printed is None:
            scope.warnings.append(warning)
            return value
        return printed

    return formatted
