"""Steps of a location path: where each looks, and which of what is there it takes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from leadrelay.core.reading.xml_body import local_name
from leadrelay.core.reading.xpath.evaluating import (
    Document,
    Evaluate,
    Leaf,
    Walk,
    attributes,
    name_of,
    texts,
    truth_of,
)

Axis = Callable[[Walk, Any], Iterable[Any]]
Test = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Predicate:
    holds: Evaluate
    is_number: bool  # [2] is short for [position() = 2]
    is_positional: bool  # it asks for a place among its siblings, or for their number


@dataclass(frozen=True, slots=True)
class Step:
    axis: Axis
    test: Test
    predicates: tuple[Predicate, ...] = ()

    def take(self, walk: Walk, nodes: list[Any]) -> list[Any]:
        """What the step finds from these nodes, each of it once."""
        found: list[Any] = []
        for node in nodes:
            found += self._from(walk, node)
        if len(nodes) > 1:
            return list({id(node): node for node in found}.values())
        return found

    def _from(self, walk: Walk, node: Any) -> list[Any]:
        found = []
        for other in self.axis(walk, node):
            walk.spend()
            if self.test(other):
                found.append(other)
        for predicate in self.predicates:
            found = _passed(walk, found, predicate)
        return found


def _passed(walk: Walk, nodes: list[Any], predicate: Predicate) -> list[Any]:
    size, holds = len(nodes), predicate.holds
    if predicate.is_number:
        return [node for place, node in enumerate(nodes, 1) if holds(walk, node, place, size) == place]
    return [node for place, node in enumerate(nodes, 1) if truth_of(holds(walk, node, place, size))]


def chosen(walk: Walk, nodes: list[Any], predicates: Iterable[Predicate]) -> list[Any]:
    """What is left of nodes that were found together, as in `(//a)[1]`."""
    for predicate in predicates:
        nodes = _passed(walk, nodes, predicate)
    return nodes


def _itself(_walk: Walk, node: Any) -> Iterable[Any]:
    return (node,)


def _parent(walk: Walk, node: Any) -> Iterable[Any]:
    if isinstance(node, Document | Leaf):
        return ()
    above = node.getparent()
    if above is not None:
        return (above,)
    return (walk.document,) if node is walk.document.root else ()


def _ancestors(walk: Walk, node: Any) -> Iterator[Any]:
    above = next(iter(_parent(walk, node)), None)
    while above is not None:
        yield above
        above = next(iter(_parent(walk, above)), None)


def _siblings(*, is_preceding: bool) -> Axis:
    def axis(_walk: Walk, node: Any) -> Iterator[Any]:
        if isinstance(node, Document | Leaf):
            return
        yield from (
            other for other in node.itersiblings(preceding=is_preceding) if isinstance(other.tag, str)
        )

    return axis


def _with_self(axis: Axis) -> Axis:
    def both(walk: Walk, node: Any) -> Iterator[Any]:
        yield node
        yield from axis(walk, node)

    return both


AXES: dict[str, Axis] = {
    "child": lambda walk, node: walk.inside(node),
    "descendant": lambda walk, node: walk.below(node),
    "descendant-or-self": _with_self(lambda walk, node: walk.below(node)),
    "self": _itself,
    "parent": _parent,
    "ancestor": _ancestors,
    "ancestor-or-self": _with_self(_ancestors),
    "following-sibling": _siblings(is_preceding=False),
    "preceding-sibling": _siblings(is_preceding=True),
    "attribute": lambda _walk, node: attributes(node),
}


def text_nodes(_walk: Walk, node: Any) -> Iterable[Any]:
    return texts(node)


def deep_text_nodes(walk: Walk, node: Any) -> Iterator[Any]:
    for one in AXES["descendant-or-self"](walk, node):
        walk.spend()
        yield from texts(one)


ANYWHERE = Step(AXES["descendant-or-self"], lambda _: True)


def named(name: str, namespaces: Mapping[str, str]) -> Test:
    """Takes what has this name. Only a declared prefix counts."""
    prefix, colon, local = name.rpartition(":")
    space = namespaces.get(prefix) if colon else None
    if space is not None and local == "*":
        start = f"{{{space}}}"
        return lambda node: _full_name(node).startswith(start)
    if space is not None:
        whole = f"{{{space}}}{local}"
        return lambda node: _full_name(node) == whole
    if local == "*":
        return lambda node: not isinstance(node, Document)
    return lambda node: name_of(node) == local


def _full_name(node: Any) -> str:
    if isinstance(node, Document):
        return ""
    name: str = node.name if isinstance(node, Leaf) else node.tag
    return name if name[:1] == "{" else f"{{}}{local_name(name)}"
