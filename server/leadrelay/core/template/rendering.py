"""Printing: texts from values, loops and calls, each within the limits that hostile values meet."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from leadrelay.core.scope import Read, Scope
from leadrelay.core.template.errors import MAX_OUTPUT, checked_size
from leadrelay.core.template.registry import Helper
from leadrelay.core.values import Value, is_blank, text

MAX_ROUNDS = 10_000  # of all `#each` of one scope

R = TypeVar("R")
ReadText = Callable[[Scope], str]


def constant(value: R) -> Callable[[Scope], R]:
    """The same for every scope."""

    def read(_: Scope) -> R:
        return value

    return read


def as_text(read: Read) -> ReadText:
    def printed(scope: Scope) -> str:
        value = read(scope)
        return value if value.__class__ is str else text(value)

    return printed


def counted(pattern: str, reads: Sequence[ReadText]) -> ReadText:
    def read(scope: Scope) -> str:
        printed: list[str] = []
        room = MAX_OUTPUT
        for one in reads:
            printed.append(one(scope))
            room -= len(printed[-1])
            if room < 0:
                checked_size(MAX_OUTPUT - room)
        return pattern % tuple(printed)

    return read


def rounds_of(items: Value) -> list[dict[str, Value]]:
    """The names that each round of an `#each` adds. A lone value is a list of one."""
    if isinstance(items, Mapping):
        pairs = list(items.items())
    elif isinstance(items, list | tuple):
        pairs = list(enumerate(items))
    else:
        pairs = [] if is_blank(items) else [(0, items)]
    last = len(pairs) - 1
    return [
        {"this": item, "@index": place, "@key": key, "@first": place == 0, "@last": place == last}
        for place, (key, item) in enumerate(pairs[: MAX_ROUNDS + 1])
    ]


def repeated(scope: Scope, rounds: Sequence[dict[str, Value]], body: ReadText) -> str:
    printed: list[str] = []
    room = MAX_OUTPUT
    for frame in rounds:
        scope.locals.append(frame)
        try:
            printed.append(body(scope))
        finally:
            scope.locals.pop()
        room -= len(printed[-1])
        if room < 0:
            checked_size(MAX_OUTPUT - room)
    return "".join(printed)


def bound(helper: Helper, arguments: Sequence[Read], options: Sequence[tuple[str, Read]]) -> Read:
    """A call of a helper. No helper hands on a text above the limit, so nesting cannot multiply."""
    function = helper.function
    if helper.wants_scope or options:

        def read(scope: Scope) -> Value:
            first = (scope,) if helper.wants_scope else ()
            named = {name: option(scope) for name, option in options}
            return _limited(function(*first, *[argument(scope) for argument in arguments], **named))

        return read
    if len(arguments) == 1:
        (only,) = arguments
        return lambda scope: _limited(function(only(scope)))
    return lambda scope: _limited(function(*[argument(scope) for argument in arguments]))


def _limited(value: Value) -> Value:
    if value.__class__ is str and len(value) > MAX_OUTPUT:
        checked_size(len(value))
    return value
