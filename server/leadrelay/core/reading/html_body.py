"""HTML bodies, as broken as they come: parsed for their elements, with nothing fetched or run."""

from typing import Any

from lxml import etree

from leadrelay.core.reading.xml_body import MAX_ELEMENTS, NotXml

_PARSER_OPTIONS: dict[str, Any] = {
    "no_network": True,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
    "encoding": "utf-8",
}


def parse_html(text: str, most: int = MAX_ELEMENTS) -> Any:
    """The `html` element. Raises NotXml for what has no elements, or too many."""
    try:
        # One parser for each document, as for XML: a parser keeps the names that it has seen.
        root = etree.fromstring(text.encode(errors="replace"), etree.HTMLParser(**_PARSER_OPTIONS))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotXml("the body is not HTML") from error
    if root is None:
        raise NotXml("the body is empty")
    if any(number >= most for number, _ in enumerate(root.iter())):
        raise NotXml(f"the body has more than {most} elements")
    return root


def words_of(element: Any) -> str:
    """The text of an element as one line, without that of scripts and styles."""
    words: list[str] = []
    for event, one in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            words.append("" if one.tag in _UNSPOKEN else one.text or "")
        elif one is not element:
            words.append(one.tail or "")
    return " ".join("".join(words).split())


_UNSPOKEN = frozenset({"script", "style"})
