"""Paths into XML: XPath's plain part from `/`, and dotted paths, both by local names.

`/Envelope/Body/AddLeadResponse/Status`, `//Status`, `/a/b[2]`, `/a/b[@code='7']`, `/a/b[kind='x']/text`,
`/a/*`, `/a/@id`, `/a/text()`. A prefix may be written and is not looked at. The rest of XPath is left out
on purpose: an expression over a stranger's document must not be able to take long.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from leadrelay.core.reading.xml_body import children, is_quoted, local_name, said_by
from leadrelay.core.values import Value

MAX_FOUND = 1000  # nodes that a path may come to; a reply with more is none that a rule had in mind
MAX_LOOKED_AT = 40_000  # elements that one path looks at
QUOTED = 25  # a document inside a text costs as much as looking at so many elements

_NAME = r"[^\W\d][\w.-]*"
_STEP = re.compile(
    rf"(?P<deep>//?)(?:(?P<text>text\(\))|(?P<self>\.)|(?P<at>@)?(?:{_NAME}:)?(?P<name>{_NAME}|\*))"
    rf"(?P<filters>(?:\[[^\[\]]*\])*)"
)
_FILTER = re.compile(
    rf"\[\s*(?:(?P<place>[1-9][0-9]{{0,5}})|(?P<last>last\(\))|"
    rf"(?P<at>@)?(?:{_NAME}:)?(?P<name>{_NAME}|text\(\))\s*=\s*(?P<quote>['\"])(?P<value>[^'\"]*)(?P=quote))\s*\]"
)


_UNDERSTOOD = "names, `*`, `//`, `@name`, `text()`, [2], [last()], [@name='…'] and [name='…'] are understood"


class BadXPath(Exception):
    """No path into XML that is understood; says why."""


@dataclass(frozen=True, slots=True)
class Filter:
    place: int = 0  # from 1; -1: the last; 0: it is a comparison
    attribute: str = ""
    child: str = ""  # `text()`: the element's own text
    value: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    name: str = ""  # `*`: any
    is_deep: bool = False  # anywhere below
    attribute: bool = False
    is_text: bool = False
    index: int = -1  # from 0, into what was found so far: the number in a dotted path
    filters: tuple[Filter, ...] = ()


def parse_xpath(path: str) -> tuple[Step, ...]:
    """The steps of a path that begins with `/`. Raises BadXPath."""
    rest, at, steps = path.strip(), 0, list[Step]()
    while at < len(rest):
        found = _STEP.match(rest, at)
        ends = bool(steps) and (steps[-1].attribute or steps[-1].is_text)
        if found is None or ends or (found["self"] and found["deep"] == "//"):
            understood = "names, `*`, `//`, `@name`, `text()`, [2], [last()], [@name='…'] and [name='…']"
            raise BadXPath(
                f"cannot read `{path}` from `{rest[at : at + 12]}` on; understood are {understood}"
            )
        at = found.end()
        if not found["self"]:
            steps.append(_step(path, found))
    if not steps:
        raise BadXPath(f"`{path}` names nothing; write for example /Envelope/Body/Result")
    return tuple(steps)


def _step(path: str, found: re.Match[str]) -> Step:
    filters = list[Filter]()
    at = 0
    written = found["filters"]
    while at < len(written):
        test = _FILTER.match(written, at)
        if test is None:
            raise BadXPath(f"cannot read the condition `{written[at : at + 24]}` of `{path}`")
        at = test.end()
        filters.append(_filter(test))
    return Step(
        name=found["name"] or "",
        is_deep=found["deep"] == "//",
        attribute=bool(found["at"]),
        is_text=bool(found["text"]),
        filters=tuple(filters),
    )


def _filter(test: re.Match[str]) -> Filter:
    if test["place"] or test["last"]:
        return Filter(place=int(test["place"] or -1))
    name, value = test["name"], test["value"]
    return Filter(attribute=name, value=value) if test["at"] else Filter(child=name, value=value)


def dotted_steps(segments: Iterable[str]) -> tuple[Step, ...]:
    """The steps of a dotted path: `Envelope.Body.Result.0.@id`."""
    steps = list[Step]()
    for segment in segments:
        if segment.isascii() and segment.isdigit():
            steps.append(Step(index=int(segment)))
        elif segment == "#text":
            steps.append(Step(is_text=True))
        else:
            name, sign, attribute = segment.partition("@")
            steps += [Step(name=_local(name))] if name else []
            steps += [Step(name=_local(attribute), attribute=True)] if sign else []
    return tuple(steps)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


class _Gone(Exception):
    """More was looked at than any path may."""


def find_in(root: Any, steps: tuple[Step, ...]) -> Value:
    """What the steps lead to: one value, several as a list, or None."""
    try:
        found = _walk(root, steps)
    except _Gone:
        return None
    if not found:
        return None
    return found[0] if len(found) == 1 else found


def _walk(root: Any, steps: tuple[Step, ...]) -> list[Value]:
    nodes: list[Any] = [root]
    is_first = True
    budget = [MAX_LOOKED_AT]
    for step in steps:
        if step.index >= 0:
            nodes = nodes[step.index : step.index + 1]
        elif step.attribute:
            return _attributes(nodes, step, budget)
        elif step.is_text:
            return [words for node in nodes if (words := (node.text or "").strip())]
        else:
            nodes = _elements(nodes, step, is_first, budget)
        is_first = False
    return [said_by(node) for node in nodes]


def _elements(nodes: list[Any], step: Step, is_first: bool, budget: list[int]) -> list[Any]:
    found = list[Any]()
    for node in nodes:
        if is_first and not step.is_deep:
            below: Iterable[Any] = [node]
        else:
            below = _below(node, budget) if step.is_deep else _right_inside(node, budget)
        named = list[Any]()
        for element in below:
            _spend(budget)
            if step.name in ("*", local_name(element.tag)):
                named.append(element)
        if is_first and step.is_deep and step.name in ("*", local_name(node.tag)):
            named.insert(0, node)
        for test in step.filters:
            named = _filtered(named, test)
        found += named
    unique = list({id(element): element for element in found}.values()) if step.is_deep else found
    return unique[:MAX_FOUND]


def _below(node: Any, budget: list[int]) -> Iterable[Any]:
    """Everything below an element, in the order of the document."""
    waiting = [_right_inside(node, budget)]
    while waiting:
        element = next(waiting[-1], None)
        if element is None:
            waiting.pop()
            continue
        _spend(budget)
        yield element
        waiting.append(_right_inside(element, budget))


def _right_inside(node: Any, budget: list[int]) -> Iterator[Any]:
    if is_quoted(node):
        _spend(budget, QUOTED)
    return children(node)


def _spend(budget: list[int], cost: int = 1) -> None:
    budget[0] -= cost
    if budget[0] < 0:
        raise _Gone


def _attributes(nodes: list[Any], step: Step, budget: list[int]) -> list[Value]:
    if step.is_deep:
        nodes = [*nodes, *(below for node in nodes for below in _below(node, budget))]
    found: list[Value] = [
        str(value)
        for node in nodes
        for name, value in node.attrib.items()
        if step.name in ("*", local_name(name))
    ]
    return found[:MAX_FOUND]


def _filtered(elements: list[Any], test: Filter) -> list[Any]:
    if test.place:
        return elements[-1:] if test.place < 0 else elements[test.place - 1 : test.place]
    return [element for element in elements if _holds(element, test)]


def _holds(element: Any, test: Filter) -> bool:
    if test.attribute:
        named = (value for name, value in element.attrib.items() if local_name(name) == test.attribute)
        return test.value in named
    if test.child == "text()":
        return (element.text or "").strip() == test.value
    return any(
        (child.text or "").strip() == test.value
        for child in element.iterchildren("*")  # what is quoted is read for where it leads, not to compare
        if local_name(child.tag) == test.child
    )
