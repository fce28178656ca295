"""The payload: what a recipient is sent, by path, before it is written in a format.

Paths stay as the mapping wrote them, because formats read them differently: for a form `a.b` is a
name and for JSON two levels. `nest` gives the tree that JSON, XML and SOAP have in mind.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from leadrelay.core.values import Value

MAX_SEGMENTS = 32

Tree = dict[str, Value] | list[Value]


class Payload(dict[str, Value]):
    """Values by path, in the order in which they were first given."""

    __slots__ = ("is_flat",)

    def __init__(self, items: Mapping[str, Value] | Iterable[tuple[str, Value]] = (), /) -> None:
        super().__init__(items)
        self.is_flat = False  # True: certainly no path nests and no value is a list or an object


def is_nested(path: str) -> bool:
    """Whether JSON reads more than a plain member name in a path."""
    return "." in path or path.isdigit() or path.startswith("[")


@lru_cache(maxsize=8192)
def segments_of(path: str) -> tuple[str, ...]:
    """Segments of a dotted path. Brackets round one keep its dots: `a.[b.c]` has two."""
    parts: list[str] = []
    at = 0
    while at <= len(path):
        if path[at : at + 1] == "[" and (end := _closing(path, at)) > 0:
            parts.append(path[at + 1 : end])
            at = end + 2
            continue
        end = path.find(".", at)
        end = len(path) if end < 0 else end
        parts.append(path[at:end])
        at = end + 1
    return tuple(parts) if len(parts) <= MAX_SEGMENTS else (path,)


def _closing(path: str, at: int) -> int:
    """Where a bracketed segment ends: at a bracket before a dot or the end; -1: it is none."""
    end = path.find("]", at)
    return end if end > at + 1 and path[end + 1 : end + 2] in ("", ".") else -1


class _Node(dict[str, Value]):
    """An object that came from paths; it turns into a list if all its names are numbers."""

    __slots__ = ()


def nest(payload: Mapping[str, Value]) -> Tree:
    """The tree of a payload. Numeric segments make lists; gaps and nulls in lists close up."""
    root = _Node()
    for path, value in payload.items():
        segments = segments_of(path)
        node = root
        for segment in segments[:-1]:
            below = node.get(segment)
            if below.__class__ is not _Node:  # nothing there, or a value that the later path opens up
                below = node[segment] = _opened(below)
            node = below
        node[segments[-1]] = value
    return _closed(root)


def _opened(value: Value) -> _Node:
    if isinstance(value, list | tuple):
        return _Node((str(place), item) for place, item in enumerate(value))
    return _Node(value if isinstance(value, Mapping) else ())


def _closed(node: _Node) -> Tree:
    """The node as an object, or as a list if all its names are numbers; what is below it likewise."""
    for name, value in node.items():
        kind = value.__class__
        if kind is _Node:
            node[name] = _closed(value)  # type: ignore[arg-type]
        elif kind is not str and isinstance(value, _CONTAINERS):
            node[name] = _without_nulls(value)
    if node and _is_place(next(iter(node))) and all(map(_is_place, node)):
        items = (node[place] for place in sorted(node, key=int))
        return [item for item in items if item is not None]
    return node


_CONTAINERS = (list, tuple, Mapping)


def _without_nulls(value: Value) -> Value:
    """A list or object of the lead's own, copied without the nulls in its lists."""
    if isinstance(value, Mapping):
        return {str(name): _without_nulls(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nulls(item) for item in value if item is not None]
    return value


def _is_place(segment: str) -> bool:
    return segment.isascii() and segment.isdigit() and len(segment) < 10
