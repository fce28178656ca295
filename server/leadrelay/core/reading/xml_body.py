"""XML bodies: parsed with nothing in them that could do harm, and read as lists, objects and texts.

No document type that declares anything is taken, so there are no entities to expand; one that only names its
DTD, as LeadConduit's replies do, is passed over and never fetched. libxml2's own bounds on depth and text
stay on. Prefixes mean nothing here: names are local names, because recipients change their prefixes and mean
the same.
"""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from leadrelay.core.values import TEXT, Value

MAX_DEPTH = 64
MAX_ELEMENTS = 20_000  # of a reply
MAX_ATTRIBUTES = 200  # of one element; reading them takes time by the square of their number
MAX_INNER = 1024 * 1024  # characters of a text that is read as a document of its own

_PARSER_OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_SCHEMA = "/XMLSchema-instance}"  # what is said of an element, and no part of what it says
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


class NotXml(Exception):
    """The text is no XML that is read; says why."""


def parse_xml(body: bytes, most: int = MAX_ELEMENTS) -> Any:
    """The root element. Raises NotXml."""
    # A parser carries the names of one document to the next, so a recipient who never says the same name
    # twice would fill the memory of a shared one.
    parser = etree.XMLParser(**_PARSER_OPTIONS)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotXml("the body is not well-formed XML") from error
    if _declares(root.getroottree().docinfo.internalDTD):
        raise NotXml("the body has a document type (<!DOCTYPE>) with declarations, which are not read")
    if any(number >= most for number, _ in enumerate(root.iter())):
        raise NotXml(f"the body has more than {most} elements")
    if any(len(element.attrib) > MAX_ATTRIBUTES for element in root.iter("*")):
        raise NotXml(f"the body has an element with more than {MAX_ATTRIBUTES} attributes")
    if _is_deeper(root, MAX_DEPTH):
        raise NotXml(f"the body is nested more than {MAX_DEPTH} levels deep")
    return root


def _declares(document_type: Any) -> bool:
    """Whether it says more than where its DTD is."""
    if document_type is None:
        return False
    declared = (document_type.iterentities(), document_type.iterelements())
    return any(True for each in declared for _ in each)


def parse_text(words: str) -> Any:
    """The root element of XML that is text already, whatever charset it says it was in. Raises NotXml."""
    return parse_xml(_DECLARATION.sub("", words, count=1).strip().encode(errors="replace"))


def local_name(name: str) -> str:
    """A name without its namespace, as lxml writes it."""
    return name.rpartition("}")[2]


def children(element: Any) -> Iterator[Any]:
    """The elements right inside; where there is only a text that is XML itself, those of its document.

    Legacy services return a whole document as the text of one string element.
    """
    if len(element):
        yield from (child for child in element if isinstance(child.tag, str))
        return
    inner = _inner(element) if is_quoted(element) else None
    if inner is not None:
        yield inner


def is_quoted(element: Any) -> bool:
    """Whether the text of an element may be XML itself."""
    return not len(element) and (element.text or "")[:64].lstrip().startswith("<")


def value_of(element: Any) -> Value:
    """An element as a text, or as an object where it has attributes or elements; nil is null."""
    if element.get(_NIL) in ("true", "1"):
        return None
    attributes: dict[str, Value] = {
        f"@{local_name(name)}": str(value) for name, value in element.attrib.items() if _SCHEMA not in name
    }
    if not len(element):
        words = (element.text or "").strip()
        if not attributes:
            return words
        return {**attributes, TEXT: words} if words else attributes
    return _object(element, attributes)


def said_by(element: Any) -> Value:
    """What a path that ends at an element finds: its text if it has no elements, whatever its attributes."""
    if len(element) or element.get(_NIL) in ("true", "1"):
        return value_of(element)
    return (element.text or "").strip()


def tree_of(root: Any) -> dict[str, Value]:
    """The whole document: an object with the root's name as its one member."""
    return {local_name(root.tag): value_of(root)}


def _object(element: Any, members: dict[str, Value]) -> dict[str, Value]:
    repeated: set[str] = set()
    words = [element.text or ""]
    for child in element:
        words.append(child.tail or "")
        if not isinstance(child.tag, str):
            continue
        name, value = local_name(child.tag), value_of(child)
        if name in repeated:
            members[name].append(value)  # type: ignore[attr-defined]
        elif name in members:
            members[name] = [members[name], value]
            repeated.add(name)
        else:
            members[name] = value
    beside = " ".join("".join(words).split())
    if beside:
        members[TEXT] = beside
    return members


def _inner(element: Any) -> Any:
    words = (element.text or "").lstrip()
    if len(words) > MAX_INNER:
        return None
    try:
        return parse_text(words)
    except NotXml:
        return None


def _is_deeper(root: Any, limit: int) -> bool:
    level = [root]
    for _ in range(limit):
        level = [child for element in level for child in element if len(child)]
        if not level:
            return False
    return True
