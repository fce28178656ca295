"""What filters of JSONPath test: `[?@.code == 'DUP' && @.level > 2]` (RFC 9535, 2.3.5)."""

from collections.abc import Callable, Iterator, Mapping

from leadrelay.core.reading.jsonpath.evaluating import Segment, Select, Walk, every, found_from
from leadrelay.core.template.pattern import compile_pattern
from leadrelay.core.values import Value, compare, same, text

NOTHING = object()  # what is not there; null is
Operand = Callable[[Walk, Value], Value]
Holds = Callable[[Walk, Value], bool]


class BadPath(Exception):
    """No path that replies are read by; says why."""


def filtered(holds: Holds) -> Select:
    """Takes the members or items of which it holds."""

    def select(walk: Walk, value: Value) -> Iterator[Value]:
        for inside in every(walk, value):
            if holds(walk, inside):
                yield inside

    return select


def from_here(segments: tuple[Segment, ...]) -> Operand:
    return lambda walk, value: _one(found_from(walk, value, segments))


def from_root(segments: tuple[Segment, ...]) -> Operand:
    return lambda walk, _: _one(found_from(walk, walk.root, segments))


def _one(found: list[Value]) -> Value:
    if not found:
        return NOTHING
    return found[0] if len(found) == 1 else found


def is_there(value: Value) -> bool:
    return value is not NOTHING and value is not False


def length(value: Value) -> Value:
    return len(value) if isinstance(value, str | list | Mapping) else NOTHING


def searching(pattern: str, *, is_whole: bool = False) -> Callable[[Value], bool]:
    try:
        search = compile_pattern(f"^(?:{pattern})$" if is_whole else pattern, ignore_case=True).search
    except ValueError as error:
        raise BadPath(str(error)) from error
    return lambda value: isinstance(value, str | int | float) and search(text(value)) is not None


_ORDERS = {"<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (0, 1)}


def compared(sign: str, left: Operand, right: Operand) -> Holds:
    if sign in ("==", "!="):
        is_same = sign == "=="
        return lambda walk, value: _same(left(walk, value), right(walk, value)) is is_same

    def holds(walk: Walk, value: Value) -> bool:
        order = compare(left(walk, value), right(walk, value))
        return order in _ORDERS[sign]

    return holds


def _same(left: Value, right: Value) -> bool:
    if left is NOTHING or right is NOTHING:
        return left is right
    return same(left, right)
