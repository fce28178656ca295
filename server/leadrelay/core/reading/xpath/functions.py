"""The functions of XPath 1.0 (its section 4), and four of 2.0 that people take for granted."""

import math
from collections.abc import Callable
from typing import Any

from leadrelay.core.reading.xpath.evaluating import (
    Document,
    Evaluate,
    Leaf,
    Result,
    Walk,
    name_of,
    number_of,
    text_of,
    truth_of,
)

Call = Callable[[Walk, Any, int, int, list[Result]], Result]


def _texts(call: Callable[..., Result]) -> Call:
    """A function of texts, which is given the node's own where it may stand without argument."""

    def called(walk: Walk, node: Any, _place: int, _size: int, given: list[Result]) -> Result:
        words = [text_of(walk, one) for one in given]
        return call(*(words or [walk.text(node)]))

    return called


def _numbers(call: Callable[[float], float]) -> Call:
    def called(walk: Walk, node: Any, _place: int, _size: int, given: list[Result]) -> Result:
        number = number_of(walk, given[0] if given else [node])
        return call(number) if math.isfinite(number) else number

    return called


def _named(call: Callable[[Any], str]) -> Call:
    def called(_walk: Walk, node: Any, _place: int, _size: int, given: list[Result]) -> Result:
        if not given:
            return call(node)
        nodes = given[0]
        return call(nodes[0]) if isinstance(nodes, list) and nodes else ""

    return called


def _namespace(node: Any) -> str:
    if isinstance(node, Document):
        return ""
    name = node.name if isinstance(node, Leaf) else node.tag
    return name[1:].partition("}")[0] if name[:1] == "{" else ""


def _count(_walk: Walk, _node: Any, _place: int, _size: int, given: list[Result]) -> Result:
    return float(len(given[0])) if isinstance(given[0], list) else math.nan


def _sum(walk: Walk, _node: Any, _place: int, _size: int, given: list[Result]) -> Result:
    if not isinstance(given[0], list):
        return math.nan
    return float(sum(number_of(walk, [node]) for node in given[0]))


def _substring(words: str, start: str, length: str = "Infinity") -> str:
    """From a place that counts from 1, rounded (XPath 1.0, 4.2)."""
    try:
        first, many = float(start), float(length)
    except ValueError:
        return ""
    if math.isnan(first) or math.isnan(many) or math.isinf(first):
        return ""
    begin = math.floor(first + 0.5)
    end = len(words) + 1 if math.isinf(many) else begin + math.floor(many + 0.5)
    return words[max(begin - 1, 0) : max(end - 1, 0)]


def _translate(words: str, letters: str, into: str) -> str:
    table: dict[int, str] = {}
    for place, letter in enumerate(letters):
        table.setdefault(ord(letter), into[place] if place < len(into) else "")
    return words.translate(table)


# By name: the least and the most arguments, and what is done.
FUNCTIONS: dict[str, tuple[int, int, Call]] = {
    "position": (0, 0, lambda _walk, _node, place, _size, _given: float(place)),
    "last": (0, 0, lambda _walk, _node, _place, size, _given: float(size)),
    "count": (1, 1, _count),
    "sum": (1, 1, _sum),
    "local-name": (0, 1, _named(name_of)),
    "name": (0, 1, _named(name_of)),
    "namespace-uri": (0, 1, _named(_namespace)),
    "string": (0, 1, _texts(lambda words: words)),
    "concat": (2, 20, _texts(lambda *words: "".join(words))),
    "starts-with": (2, 2, _texts(lambda words, start: words.startswith(start))),
    "ends-with": (2, 2, _texts(lambda words, end: words.endswith(end))),
    "contains": (2, 2, _texts(lambda words, part: part in words)),
    "substring-before": (2, 2, _texts(lambda words, part: words.partition(part)[0] if part in words else "")),
    "substring-after": (2, 2, _texts(lambda words, part: words.partition(part)[2])),
    "substring": (2, 3, _texts(_substring)),
    "string-length": (0, 1, _texts(lambda words: float(len(words)))),
    "normalize-space": (0, 1, _texts(lambda words: " ".join(words.split()))),
    "translate": (3, 3, _texts(_translate)),
    "lower-case": (1, 1, _texts(lambda words: words.lower())),
    "upper-case": (1, 1, _texts(lambda words: words.upper())),
    "boolean": (1, 1, lambda _walk, _node, _place, _size, given: truth_of(given[0])),
    "not": (1, 1, lambda _walk, _node, _place, _size, given: not truth_of(given[0])),
    "true": (0, 0, lambda *_: True),
    "false": (0, 0, lambda *_: False),
    "number": (0, 1, _numbers(lambda number: number)),
    "floor": (1, 1, _numbers(lambda number: float(math.floor(number)))),
    "ceiling": (1, 1, _numbers(lambda number: float(math.ceil(number)))),
    "round": (1, 1, _numbers(lambda number: float(math.floor(number + 0.5)))),
}
NUMERIC = frozenset(
    {"position", "last", "count", "sum", "string-length", "number", "floor", "ceiling", "round"}
)


def call_of(name: str, arguments: list[Evaluate]) -> Evaluate:
    """The function with its arguments; their number has been checked."""
    _, _, call = FUNCTIONS[name]

    def evaluate(walk: Walk, node: Any, place: int, size: int) -> Result:
        walk.spend()
        return call(walk, node, place, size, [one(walk, node, place, size) for one in arguments])

    return evaluate
