"""What stands between two operands: comparing, counting, and, or, and `|`."""

import math
import operator
from collections.abc import Callable
from typing import Any

from leadrelay.core.reading.xpath.evaluating import Evaluate, Result, Walk, number_of, text_of, truth_of

_ORDER: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_SUMS: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "div": lambda one, other: one / other if other else math.nan,
    "mod": lambda one, other: math.fmod(one, other) if other else math.nan,
}
BINDING = (("or",), ("and",), ("=", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "div", "mod"), ("|",))
NUMERIC = frozenset(_SUMS)


def joined(sign: str, left: Evaluate, right: Evaluate) -> Evaluate:
    """Two operands with what stands between them."""
    if sign == "or":
        return lambda *at: truth_of(left(*at)) or truth_of(right(*at))
    if sign == "and":
        return lambda *at: truth_of(left(*at)) and truth_of(right(*at))
    if sign == "|":
        return lambda *at: _union(left(*at), right(*at))
    if sign in _SUMS:
        count = _SUMS[sign]
        return lambda walk, *at: count(number_of(walk, left(walk, *at)), number_of(walk, right(walk, *at)))
    return lambda walk, *at: _compared(walk, sign, left(walk, *at), right(walk, *at))


def _union(left: Result, right: Result) -> Result:
    if not isinstance(left, list) or not isinstance(right, list):
        return []
    return list({id(node): node for node in (*left, *right)}.values())


def _compared(walk: Walk, sign: str, left: Result, right: Result) -> bool:
    """Of several nodes it is enough that one compares so (XPath 1.0, 3.4)."""
    if isinstance(left, bool) or isinstance(right, bool):
        one, other = float(truth_of(left)), float(truth_of(right))
        return _holds(sign, one, other)
    by_number = sign in _ORDER or isinstance(left, float) or isinstance(right, float)
    ones, others = _each(walk, left, by_number), _each(walk, right, by_number)
    if sign == "=" and len(ones) > 1 and len(others) > 1:
        walk.spend(len(ones) + len(others))
        return not set(ones).isdisjoint(others)
    walk.spend(len(ones) * len(others))
    return any(_holds(sign, one, other) for one in ones for other in others)


def _each(walk: Walk, result: Result, by_number: bool) -> list[Any]:
    read = number_of if by_number else text_of
    return [read(walk, [node]) for node in result] if isinstance(result, list) else [read(walk, result)]


def _holds(sign: str, one: Any, other: Any) -> bool:
    if sign == "=":
        return bool(one == other)
    if sign == "!=":
        return bool(one != other)
    return _ORDER[sign](one, other)
