"""The envelope as it may be recorded: `***` where sensitive values of the payload went (behaviour 9).

The envelope that is sent is masked in place rather than built a second time, because building is what
SOAP costs, and because a type may not take `***`. Where a value cannot be found, everything is masked.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from leadrelay.adapters.soap.fitting import HEADER, steps_of
from leadrelay.core.masking import MASK
from leadrelay.core.reading.xml_body import local_name
from leadrelay.core.values import Value


def mask(envelope: Any, values: Mapping[str, Value], *, is_wrapped: bool) -> None:
    """Mask what stands at the paths of these values of the payload."""
    header, body = _parts(envelope)
    for path, value in values.items():
        is_plain = not isinstance(value, Mapping | list | tuple)
        steps = [step for step in steps_of(path) if step != "#text"]
        if steps and steps[0] == HEADER:
            found = _mask_at(header, steps[1:], is_plain=is_plain)
        else:
            found = _mask_at(_first(body, is_wrapped=is_wrapped), steps, is_plain=is_plain)
        if not found:
            _mask_all(envelope)
            return


def _parts(envelope: Any) -> tuple[Any, Any]:
    parts = {local_name(child.tag): child for child in envelope.iterchildren("*")}
    return parts.get("Header"), parts.get("Body")


def _first(body: Any, *, is_wrapped: bool) -> Any:
    """The element that the arguments are members of."""
    return body if is_wrapped or body is None or not len(body) else body[0]


def _mask_at(element: Any, steps: Sequence[str], *, is_plain: bool) -> bool:
    """Whether there was something to mask."""
    if element is None:
        return False
    nodes = [element]
    for step in steps:
        if step.startswith("@"):
            return _mask_attribute(nodes, step[1:])
        if step.isascii() and step.isdigit():
            nodes = nodes[int(step) : int(step) + 1] or nodes
            continue
        below = [child for node in nodes for child in node.iterchildren("*") if local_name(child.tag) == step]
        if not below and any(len(node) for node in nodes):
            return False
        nodes = below or nodes  # a text that is XML itself is masked as a whole
    for node in nodes:
        if is_plain and not len(node):
            node.text = MASK  # its attributes have paths of their own
        else:
            _mask_all(node)
    return bool(nodes) and nodes != [element]


def _mask_attribute(nodes: Iterable[Any], name: str) -> bool:
    found = [(node, key) for node in nodes for key in node.attrib if local_name(key) == name]
    for node, key in found:
        node.set(key, MASK)
    return bool(found)


def _mask_all(element: Any) -> None:
    """Every text and every attribute from here on; a comment is the place of a proof to come."""
    for node in element.iter("*"):
        if node.text and node.text.strip():
            node.text = MASK
        if "/soap-envelope" in str(node.tag) or "/soap/envelope/" in str(node.tag):
            continue
        for key in node.attrib:
            node.set(key, MASK)
