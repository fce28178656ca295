"""What an expression comes to: nodes, a text, a number or a yes or no, within a budget."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from leadrelay.core.reading.budget import Budget
from leadrelay.core.reading.xml_body import children, is_quoted, local_name, said_by
from leadrelay.core.values import Value

MAX_FOUND = 1000  # nodes that an expression gives; a reply with more is none that a rule had in mind
QUOTED = 25  # a document inside a text costs as much as looking at so many elements
PER_TEXT = 256  # characters that are read for the price of one node


class Document:
    """Above the root element: where `/` begins."""

    __slots__ = ("root",)

    def __init__(self, root: Any) -> None:
        self.root = root


class Leaf(str):
    """An attribute, or a text, which has no name."""

    __slots__ = ("name",)

    name: str

    @classmethod
    def of(cls, words: str, name: str = "") -> "Leaf":
        leaf = cls(words)
        leaf.name = name
        return leaf


class Walk(Budget):
    """One evaluation, with the document that it began with."""

    __slots__ = ("document",)

    def __init__(self, root: Any) -> None:
        super().__init__()
        self.document = Document(root)

    def inside(self, node: Any) -> Iterator[Any]:
        """The elements right inside a node."""
        if isinstance(node, Document):
            return iter((node.root,))
        if isinstance(node, Leaf):
            return iter(())
        if is_quoted(node):
            self.spend(QUOTED)
        return children(node)

    def below(self, node: Any) -> Iterator[Any]:
        """Every element below a node, in the order of the document."""
        waiting = [self.inside(node)]
        while waiting:
            element = next(waiting[-1], None)
            if element is None:
                waiting.pop()
                continue
            yield element
            waiting.append(self.inside(element))

    def text(self, node: Any) -> str:
        """What a node says, without white space at its ends."""
        if isinstance(node, Leaf):
            return node
        element = node.root if isinstance(node, Document) else node
        words = "".join(element.itertext("*")).strip() if len(element) else (element.text or "").strip()
        self.spend(1 + len(words) // PER_TEXT)
        return words


Result = list[Any] | str | float | bool
# Of a node, its place among those that were found with it (from 1), and their number.
Evaluate = Callable[[Walk, Any, int, int], Result]


@dataclass(frozen=True, slots=True)
class XPath:
    """A compiled expression."""

    source: str
    _evaluate: Evaluate

    def find(self, root: Any) -> Value:
        """One value, several as a list, or None. Raises TooMuch."""
        walk = Walk(root)
        result = self._evaluate(walk, walk.document, 1, 1)
        if isinstance(result, list):
            return _value(result[:MAX_FOUND])
        if isinstance(result, float):
            return None if math.isnan(result) or math.isinf(result) else as_number(result)
        return result if isinstance(result, bool) else str(result) or None

    def nodes(self, root: Any) -> list[Any]:
        """The elements and texts that it finds. Raises TooMuch."""
        walk = Walk(root)
        result = self._evaluate(walk, walk.document, 1, 1)
        if not isinstance(result, list):
            return [text_of(walk, result)]
        return [node for node in result[:MAX_FOUND] if not isinstance(node, Document)]

    def elements(self, root: Any) -> list[Any]:
        """The elements that it finds. Raises TooMuch."""
        return [node for node in self.nodes(root) if not isinstance(node, str)]


def as_number(value: float) -> int | float:
    return int(value) if value.is_integer() else value


def _value(nodes: list[Any]) -> Value:
    found = [
        str(node) if isinstance(node, Leaf) else said_by(node.root if isinstance(node, Document) else node)
        for node in nodes
    ]
    if not found:
        return None
    return found[0] if len(found) == 1 else found


def text_of(walk: Walk, result: Result) -> str:
    if isinstance(result, list):
        return walk.text(result[0]) if result else ""
    if isinstance(result, bool):
        return "true" if result else "false"
    if isinstance(result, float):
        return (
            "NaN" if math.isnan(result) else str(as_number(result)) if math.isfinite(result) else "Infinity"
        )
    return result


def number_of(walk: Walk, result: Result) -> float:
    if isinstance(result, float):
        return result
    if isinstance(result, bool):
        return float(result)
    try:
        return float(text_of(walk, result).strip()[:64])
    except ValueError:
        return math.nan


def truth_of(result: Result) -> bool:
    if isinstance(result, float):
        return bool(result) and not math.isnan(result)
    return bool(result)


def attributes(element: Any) -> Iterator[Leaf]:
    if not isinstance(element, Document | Leaf):
        for name, value in element.attrib.items():
            yield Leaf.of(value, name)


def texts(element: Any) -> Iterator[Leaf]:
    """The pieces of text right inside an element that say anything."""
    if isinstance(element, Document | Leaf):
        return
    for words in (element.text, *(child.tail for child in element)):
        if is_said(words):
            yield Leaf.of(words.strip())


def is_said(words: str | None) -> bool:
    return bool(words) and not str(words).isspace()


def name_of(node: Any) -> str:
    """The local name of an element or attribute."""
    if isinstance(node, Document):
        return ""
    return local_name(node.name if isinstance(node, Leaf) else node.tag)
