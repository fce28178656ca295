"""Tests of a value against others, with everything worked out beforehand that can be."""

import operator
from collections.abc import Callable, Sequence

from leadrelay.core.scope import Read, Scope
from leadrelay.core.values import Value, is_code, number, same, text

Test = Callable[[Scope], bool]

ORDERS: dict[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def against_constant(left: Read, sign: str, constant: Value) -> Test | None:
    """The common comparisons, with what can be known of the constant worked out."""
    if sign in ("==", "!="):
        words = plain_words([constant])
        if words is None:
            return None
        (word,) = words
        if sign == "==":
            return lambda scope: folded(left(scope)) == word
        return lambda scope: folded(left(scope)) != word
    limit, holds = number(constant), ORDERS[sign]
    if limit is None:
        return None

    def test(scope: Scope) -> bool:
        value = number(left(scope))
        return value is not None and holds(value, limit)  # type: ignore[arg-type]

    return test


def plain_words(constants: Sequence[Value]) -> frozenset[str] | None:
    """Constants that equal a value only as words: neither numbers nor booleans nor null."""
    words = [c.strip().casefold() for c in constants if isinstance(c, str)]
    if len(words) < len(constants):
        return None
    if any((number(word) is not None and not is_code(word)) or _is_boolean_word(word) for word in words):
        return None
    return frozenset(words)


def _is_boolean_word(word: str) -> bool:
    return word in ("true", "t", "yes", "y", "1", "false", "f", "no", "n", "0")


def folded(value: Value) -> str | None:
    if value.__class__ is str:
        return value.strip().casefold()
    return None if value is None else text(value).strip().casefold()


def worded(word: str, subject: Read, against: Callable[[Scope], str]) -> Test:
    def test(scope: Scope) -> bool:
        value = subject(scope)
        if value is None:
            return False
        wanted = against(scope).casefold()
        if word == "contains" and isinstance(value, list | tuple):
            return any(same(item, wanted) for item in value)
        printed = text(value).casefold()
        if word == "contains":
            return wanted in printed
        return printed.startswith(wanted) if word == "starts" else printed.endswith(wanted)

    return test
