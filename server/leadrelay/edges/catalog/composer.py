"""YAML events -> located nodes, within a budget.

Our own rather than PyYAML's: its composer recurses as deep as the file says, and its constructor reads
YAML 1.1, in which `no` is a boolean and a date is no longer the text it was.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from leadrelay.edges.catalog.nodes import Broken, Listing, Node, Place, Scalar, Table
from leadrelay.edges.catalog.problems import UNQUOTED_TEMPLATE, Problem, named
from leadrelay.edges.catalog.scalars import TAG, NotThatTag, Plain, resolve, resolve_tagged

MAX_DEPTH = 200  # a flow of the deepest nesting takes 160
MAX_NODES = 250_000  # of a whole catalog, with every alias counted as what it stands for

Events = Iterator[Any]  # yaml.Event; its kinds differ in their attributes


class TooMuch(Exception):
    """The file asks for more than a catalog may take; it is not read any further."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(slots=True)
class Budget:
    """How many nodes may still be made, over all files of a catalog."""

    nodes: int = MAX_NODES

    def take(self, count: int, line: int) -> None:
        self.nodes -= count
        if self.nodes < 0:
            raise TooMuch(line, f"the catalog has more than {MAX_NODES} values, counting what aliases repeat")


class Composer:
    """Reads the documents of one file; what is wrong but does not stop it is added to `problems`."""

    def __init__(self, file: str, budget: Budget, problems: list[Problem]) -> None:
        self._file, self._budget, self._problems = file, budget, problems
        self._anchors: dict[str, tuple[Node, int]] = {}  # with the number of nodes below
        self._open: set[str] = set()  # anchors of the nodes that are being read

    def documents(self, events: Events) -> Iterator[Node]:
        """The root of each document."""
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._anchors.clear()
                yield self._node(next(events), events, 1)

    def _node(self, event: Any, events: Events, depth: int) -> Node:
        line = event.start_mark.line + 1
        if depth > MAX_DEPTH:
            raise TooMuch(line, f"this is nested more than {MAX_DEPTH} levels deep")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(str(event.anchor), line)
        before = self._budget.nodes
        self._budget.take(1, line)
        if event.anchor:
            self._open.add(event.anchor)
        node = self._fresh(event, events, depth)
        if event.anchor:
            self._open.discard(event.anchor)
            self._anchors[event.anchor] = node, before - self._budget.nodes
        return node

    def _fresh(self, event: Any, events: Events, depth: int) -> Node:
        place = self._place(event)
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(place, self._value(event, place), event.value, is_quoted=not event.implicit[0])
        if event.tag not in (None, "!", f"{TAG}map", f"{TAG}seq"):
            self._problem(place, f"the tag {named(event.tag)} is not allowed here")
        if isinstance(event, yaml.SequenceStartEvent):
            return Listing(place, list(self._items(events, depth)))
        return self._table(place, events, depth)

    def _items(self, events: Events, depth: int) -> Iterator[Node]:
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                return
            yield self._node(event, events, depth + 1)

    def _table(self, place: Place, events: Events, depth: int) -> Node:
        table, is_whole = Table(place), True
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._node(event, events, depth + 1)
            value = self._node(next(events), events, depth + 1)
            if isinstance(key, Scalar):
                self._enter(table, key, value)
            else:
                self._problem(key.place, _not_a_key(event))
                is_whole = False
        return table if is_whole else Broken(place)

    def _enter(self, table: Table, key: Scalar, value: Node) -> None:
        first = table.entries.get(key.text)
        if key.text == "<<" and not key.is_quoted:
            self._problem(key.place, "`<<` (merge) is not part of YAML 1.2; write the keys out")
            table.is_whole = False
        elif first is not None:
            message = f"the key {named(key.text)} is here a second time; the first is in line {first[0].line}"
            self._problem(key.place, message)
        else:
            table.entries[key.text] = key.place, value

    def _alias(self, name: str, line: int) -> Node:
        if name in self._open:
            raise TooMuch(line, f"the alias {named(name)} stands inside the very thing it names")
        if name not in self._anchors:
            raise TooMuch(line, f"the alias {named(name)} names nothing that stands before it")
        node, size = self._anchors[name]
        self._budget.take(size, line)
        return node

    def _value(self, event: Any, place: Place) -> Plain:
        is_plain, _ = event.implicit
        if not _is_text(event.value):
            self._problem(place, "half of an escaped pair of characters is missing here")
            return ""
        if event.tag in (None, "!"):
            return resolve(event.value) if is_plain and event.tag is None else str(event.value)
        try:
            return resolve_tagged(event.value, event.tag)
        except NotThatTag as error:
            self._problem(place, str(error))
            return str(event.value)

    def _place(self, event: Any) -> Place:
        mark = event.start_mark
        is_block = isinstance(event, yaml.ScalarEvent) and event.style == "|"
        return Place(self._file, mark.line + 1, mark.column + 1, mark.line + 2 if is_block else 0)

    def _problem(self, place: Place, message: str) -> None:
        self._problems.append(Problem(place.file, place.line, "", message))


def _is_text(value: str) -> bool:
    """Whether it can be written as UTF-8: an escape may name half a character."""
    return value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value)


def _not_a_key(event: Any) -> str:
    if isinstance(event, yaml.MappingStartEvent) and event.flow_style:
        return UNQUOTED_TEMPLATE
    return "a key must be a plain text"
