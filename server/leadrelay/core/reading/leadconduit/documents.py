"""A reply as LeadConduit sees it: data, XML, a page, or a text."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any
from urllib.parse import parse_qs

from leadrelay.core.reading.content import Content, Unreadable
from leadrelay.core.reading.xml_body import children, local_name
from leadrelay.core.values import TEXT, Value


class Of(Enum):
    """What a path is depends on this."""

    DATA = auto()  # JSON, forms
    XML = auto()
    HTML = auto()
    TEXT = auto()


@dataclass(frozen=True, slots=True)
class Document:
    kind: Of
    data: Any  # a tree, a root element, or the text
    text: str  # of the whole body


def document_of(content: Content, content_type: str) -> Document:
    """The document in a reply. What is mislabelled is recognised; there it is a text."""
    name = content_type.partition(";")[0].strip().lower()
    if (name == "text/html" or content.is_html) and content.text[:64].lstrip().startswith("<"):
        try:
            return Document(Of.HTML, content.page, content.text)
        except Unreadable:
            return Document(Of.TEXT, content.text, content.text)
    if content.xml is not None:
        return Document(Of.XML, content.xml, content.text)
    tree = content.tree_or_none
    if isinstance(tree, list):
        return Document(
            Of.DATA, {"array": tree}, content.text
        )  # under which its paths find it, and what is appended
    if not isinstance(tree, Mapping):
        return Document(Of.TEXT, content.text, content.text)
    if content.is_form:
        return Document(Of.DATA, _form(content.text), content.text)
    return Document(Of.DATA, tree, content.text)


def _form(text: str) -> Mapping[str, Value]:
    """A form, in which a name that is repeated has all its values."""
    parsed = parse_qs(text.strip(), keep_blank_values=True)
    return {name: values[0] if len(values) == 1 else values for name, values in parsed.items()}


def appended_from(root: Any) -> dict[str, Value]:
    """XML as data, in which attributes are members like any other.

    What a SOAP response is about stands at the top as well, where its SOAP integration has it.
    """
    whole: dict[str, Value] = {local_name(root.tag): _value(root)}
    for argument in arguments_of(root):
        whole.setdefault(local_name(argument.tag), _value(argument))
    return whole


def arguments_of(root: Any) -> list[Any]:
    """What a SOAP response is about: the elements right inside it; none where it is no envelope."""
    bodies = [one for one in root.iterchildren("*") if local_name(one.tag) == "Body"]
    responses = [one for body in bodies for one in body.iterchildren("*")]
    return [one for response in responses for one in response.iterchildren("*")]


def _value(element: Any) -> Value:
    words = " ".join((element.text or "").split()) if len(element) else (element.text or "").strip()
    members: dict[str, Value] = {}
    for name, value in element.attrib.items():
        _add(members, local_name(name), str(value))
    below = list(children(element))  # also those of a whole document in a text
    for child in below:
        _add(members, local_name(child.tag), _value(child))
    if below and not len(element):
        return members
    if not members:
        return words
    return {**members, TEXT: words} if words else members


def _add(members: dict[str, Value], name: str, value: Value) -> None:
    known = members.get(name)
    if name not in members:
        members[name] = value
    elif isinstance(known, list):
        known.append(value)
    else:
        members[name] = [known, value]
