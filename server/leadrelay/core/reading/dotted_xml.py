"""Dotted paths into XML, by local names from the root: `Envelope.Body.Result.0.@id`."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from leadrelay.core.reading.xml_body import children, local_name, said_by
from leadrelay.core.values import TEXT, Value

MAX_FOUND = 1000  # nodes that a path may come to; a reply with more is none that a rule had in mind


@dataclass(frozen=True, slots=True)
class Step:
    """One of: the elements of a name, the one at an index among those found so far, an attribute, a text."""

    name: str = ""
    index: int = -1
    attribute: str = ""
    is_text: bool = False


def dotted_steps(segments: Iterable[str]) -> tuple[Step, ...]:
    """The steps of a dotted path, of which a segment may end in an attribute: `Result@id`."""
    steps = list[Step]()
    for segment in segments:
        if segment.isascii() and segment.isdigit():
            steps.append(Step(index=int(segment)))
        elif segment == TEXT:
            steps.append(Step(is_text=True))
        else:
            name, sign, attribute = segment.partition("@")
            steps += [Step(name=_local(name))] if name else []
            steps += [Step(attribute=_local(attribute))] if sign else []
    return tuple(steps)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def find_in(root: Any, steps: tuple[Step, ...]) -> Value:
    """What the steps lead to: one value, several as a list, or None."""
    found = _walk(root, steps)
    if not found:
        return None
    return found[0] if len(found) == 1 else found


def _walk(root: Any, steps: tuple[Step, ...]) -> list[Value]:
    nodes: list[Any] | None = None  # None: above the root
    for step in steps:
        if step.index >= 0:
            nodes = (nodes or [])[step.index : step.index + 1]
        elif step.attribute:
            return [value for node in nodes or () for value in _attribute(node, step.attribute)][:MAX_FOUND]
        elif step.is_text:
            return [words for node in nodes or () if (words := (node.text or "").strip())]
        else:
            inside = (root,) if nodes is None else (child for node in nodes for child in children(node))
            nodes = [child for child in inside if local_name(child.tag) == step.name][:MAX_FOUND]
    return [said_by(node) for node in nodes or ()]


def _attribute(node: Any, name: str) -> list[Value]:
    return [str(value) for key, value in node.attrib.items() if local_name(key) == name]
