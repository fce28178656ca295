"""Tests in which one side is a date or a time: compared as such, in whatever notation either is written.

What a side is can be known when a template is compiled: a field of type date, dob or time, the time of
submission, `now`, a time of day that `now` or `format` writes, or a constant that can only be a date. The
other side is then read as one, too. A constant that cannot be read is an error; a value of the lead that
cannot be read is neither before nor after anything, and equal to nothing.

Where one side has no time of day, days are compared, and where one has no day, times of day; both in UTC.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from enum import StrEnum

from leadrelay.core.scope import Read, Scope, resolver
from leadrelay.core.template.comparing import ORDERS, Test
from leadrelay.core.template.moments import moment_of
from leadrelay.core.template.syntax import Call, Literal, Node, Path
from leadrelay.core.typed import date_, dob, time_
from leadrelay.core.typed.cleaning import cleaned
from leadrelay.core.typed.written_dates import written_time
from leadrelay.core.values import Types, Value, text

When = date | datetime | time
ReadWhen = Callable[["Scope"], When | None]


class Sort(StrEnum):
    """What a side certainly is."""

    DATE = "date"
    TIME = "time"  # of day, or a point in time


class NoSuchTime(Exception):
    """A constant beside a date or time is none; says what to write."""

    def __init__(self, constant: Literal, sort: Sort) -> None:
        words = text(constant.value)
        example = {Sort.DATE: '"3/9/1988" or "1988-03-09"', Sort.TIME: '"9:00" or "5 PM"'}[sort]
        remedy = f"write one such as {example}" if words.strip() else "ask `is blank` or `is not blank`"
        super().__init__(f'"{words}" is no {sort} that can be compared; {remedy}')
        self.constant = constant


# Shapes that write a time of day as people compare it; `H` alone is a number.
_OF_DAY = re.compile(r"(?:[Hhk]{1,2}:mm(?::ss)?(?:\s*[Aa])?|LTS?)")
_ONLY_A_DATE = re.compile(r"\s*(?:\d{1,2}[/-]\d{1,2}[/-]\d{4}|\d{4}[/-]\d{1,2}[/-]\d{1,2})(?!\d)", re.ASCII)


def sort_of(nodes: Sequence[Node], types: Types, *, is_order: bool) -> Sort | None:
    """What the sides of a test have to be read as; None: as any values.

    Before and after a constant such as "1/1/2000" there can only be dates; equal to it any text may be.
    """
    sorts = [_sort(node, types) for node in nodes]
    if Sort.TIME in sorts:
        return Sort.TIME
    if Sort.DATE in sorts or (is_order and any(map(_is_only_a_date, nodes))):
        return Sort.DATE
    return None


def _sort(node: Node, types: Types) -> Sort | None:
    if isinstance(node, Call):
        if node.name == "now" and _shape(node) is None:
            return Sort.DATE
        shape = _shape(node) if node.name in ("now", "format") else None
        is_of_day = isinstance(shape, Literal) and _OF_DAY.fullmatch(text(shape.value).strip()) is not None
        return Sort.TIME if is_of_day else None
    if not isinstance(node, Path) or node.in_each:
        return None
    name, parts = _field(node)
    read = types.get(name)
    if read is None:
        return Sort.DATE if node.segments == ("submission", "timestamp") else None
    if read in (date_, dob) and parts in ((), ("normal",)):
        return Sort.DATE
    if read is time_:
        return {(): Sort.TIME, ("normal",): Sort.TIME, ("date",): Sort.DATE}.get(parts)
    return None


def _shape(call: Call) -> Node | None:
    """In what shape `now` and `format` write a time."""
    at = 0 if call.name == "now" else 1
    return call.arguments[at] if len(call.arguments) > at else dict(call.options).get("format")


def _field(path: Path) -> tuple[str, tuple[str, ...]]:
    segments = path.segments[1:] if path.segments[0] == "lead" and len(path.segments) > 1 else path.segments
    return segments[0], segments[1:]


def _is_only_a_date(node: Node) -> bool:
    words = node.value if isinstance(node, Literal) else None
    return isinstance(words, str) and _ONLY_A_DATE.match(words) is not None and moment_of(words) is not None


def sides(nodes: Sequence[Node], reads: Sequence[Read], sort: Sort, types: Types) -> list[ReadWhen]:
    """What reads each side. Raises NoSuchTime."""
    birthday = any(types.get(_field(node)[0]) is dob for node in nodes if isinstance(node, Path))
    return [
        _fixed(node, sort, is_birthday=birthday)
        if isinstance(node, Literal) and node.value is not None
        else _varying(node, read, types)
        for node, read in zip(nodes, reads, strict=True)
    ]


def _fixed(constant: Literal, sort: Sort, *, is_birthday: bool) -> ReadWhen:
    words = text(constant.value)
    born = dob(words) if is_birthday else None  # whose two digits of a year are another century's
    found = when(born.normal if born and born.valid else words)
    if found is None or (sort is Sort.DATE and isinstance(found, time)):
        raise NoSuchTime(constant, sort)
    return lambda _: found


def _varying(node: Node, read: Read, types: Types) -> ReadWhen:
    if isinstance(node, Path) and _sort(node, types) and _field(node)[0] in types:
        name, parts = _field(node)
        read = resolver((name, *(parts or ("normal",))), types)  # null where its type cannot read it
    return lambda scope: when(read(scope))


def when(value: Value) -> When | None:
    """The day, point in time (in UTC) or time of day that a value is or spells."""
    if isinstance(value, time):
        return value if value.tzinfo is None else None  # what time it is elsewhere depends on the day
    if isinstance(value, str):
        if len(value) == 10 and value[4] == "-":  # nearly always: the normal form of a date
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        clock = written_time(cleaned(value))
        if clock is not None:
            return clock if clock.tzinfo is None else None
    moment = moment_of(value)
    try:
        return moment.astimezone(UTC) if isinstance(moment, datetime) else moment
    except (OverflowError, ValueError):  # beyond the calendar
        return None


def order_of(left: When | None, right: When | None) -> int | None:
    """Below 0, 0 or above 0 as `left` is before, at or after `right`; None: they have no order."""
    if left is None or right is None:
        return None
    if isinstance(left, time) or isinstance(right, time):
        return _sign(_clock(left), _clock(right))
    if isinstance(left, datetime) and isinstance(right, datetime):
        return _sign(left, right)
    return _sign(_day(left), _day(right))


def _clock(moment: When) -> time | None:
    if isinstance(moment, datetime):
        return moment.time()
    return moment if isinstance(moment, time) else None


def _day(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _sign(left: date | time | None, right: date | time | None) -> int | None:
    if left is None or right is None:
        return None
    return (left > right) - (left < right)  # type: ignore[operator]


def compared(sign: str, left: ReadWhen, right: ReadWhen) -> Test:
    """`==`, `<` and their like."""
    if sign == "==":
        return lambda scope: order_of(left(scope), right(scope)) == 0
    if sign == "!=":
        return lambda scope: order_of(left(scope), right(scope)) != 0
    holds = ORDERS[sign]

    def test(scope: Scope) -> bool:
        order = order_of(left(scope), right(scope))
        return order is not None and holds(order, 0)

    return test


def between(subject: ReadWhen, low: ReadWhen, high: ReadWhen) -> Test:
    """Both ends included."""
    from_low, to_high = compared(">=", subject, low), compared("<=", subject, high)
    return lambda scope: from_low(scope) and to_high(scope)


def is_in(subject: ReadWhen, choices: Sequence[ReadWhen]) -> Test:
    tests = [compared("==", subject, choice) for choice in choices]
    return lambda scope: any(test(scope) for test in tests)
