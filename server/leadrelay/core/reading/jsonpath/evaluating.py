"""What a path finds in data, within a budget."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from leadrelay.core.reading.budget import Budget
from leadrelay.core.values import Value

MAX_FOUND = 1000  # values that a path gives


class Walk(Budget):
    """One evaluation, with the whole reply."""

    __slots__ = ("root",)

    def __init__(self, root: Value) -> None:
        super().__init__()
        self.root = root


Select = Callable[[Walk, Value], Iterator[Value]]


@dataclass(frozen=True, slots=True)
class Segment:
    """What is taken from each value that was found so far."""

    selectors: tuple[Select, ...]
    is_deep: bool = False  # and from everything inside it
    name: str | None = None  # where it is a plain member or place, as a dotted path has it

    def take(self, walk: Walk, values: list[Value]) -> list[Value]:
        found: list[Value] = []
        for value in values:
            for inside in _everything(walk, value) if self.is_deep else (value,):
                for select in self.selectors:
                    found += select(walk, inside)
        return found


def find(root: Value, segments: tuple[Segment, ...]) -> Value:
    """One value, several as a list, or None. Raises TooMuch."""
    found = found_from(Walk(root), root, segments)[:MAX_FOUND]
    if not found:
        return None
    return found[0] if len(found) == 1 else found


def found_from(walk: Walk, value: Value, segments: tuple[Segment, ...]) -> list[Value]:
    """Everything that the segments lead to."""
    values = [value]
    for segment in segments:
        values = segment.take(walk, values)
    return values


def member(name: str) -> Select:
    """A member of an object, or a place in a list."""
    place = int(name) if name.isascii() and name.isdigit() and len(name) < 10 else None

    def select(walk: Walk, value: Value) -> Iterator[Value]:
        walk.spend()
        if isinstance(value, Mapping):
            if name in value:
                yield value[name]
        elif place is not None and isinstance(value, list) and place < len(value):
            yield value[place]

    return select


def place(index: int) -> Select:
    """A place in a list, counted from its end where it is negative."""
    if index >= 0:
        return member(str(index))

    def select(walk: Walk, value: Value) -> Iterator[Value]:
        walk.spend()
        if isinstance(value, list) and -index <= len(value):
            yield value[index]

    return select


def part(start: int | None, stop: int | None, step: int | None) -> Select:
    """A slice of a list."""

    def select(walk: Walk, value: Value) -> Iterator[Value]:
        if isinstance(value, list) and step != 0:
            chosen = value[start:stop:step]
            walk.spend(len(chosen))
            yield from chosen

    return select


def every(walk: Walk, value: Value) -> Iterator[Value]:
    """All members of an object, or all items of a list."""
    inside = _inside(value)
    walk.spend(1 + len(inside))
    yield from inside


def _inside(value: Value) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list) else []


def _everything(walk: Walk, value: Value) -> Iterator[Value]:
    """The value and all below it, in order."""
    waiting = [iter((value,))]
    while waiting:
        below = next(waiting[-1], waiting)
        if below is waiting:
            waiting.pop()
            continue
        walk.spend()
        yield below
        waiting.append(iter(_inside(below)))
