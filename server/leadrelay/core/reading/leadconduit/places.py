"""Its paths: of which kind one is, is known only when a reply is there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from lxml import etree

from leadrelay.core.reading import jsonpath
from leadrelay.core.reading.css import Css, compile_css
from leadrelay.core.reading.dotted_xml import Step, dotted_steps, find_in
from leadrelay.core.reading.finding import each
from leadrelay.core.reading.jsonpath import BadPath
from leadrelay.core.reading.leadconduit.documents import Document, Of, arguments_of
from leadrelay.core.reading.leadconduit.terms import compile_term
from leadrelay.core.reading.xpath import BadXPath, XPath, compile_xpath
from leadrelay.core.template.pattern import Expression
from leadrelay.core.values import Value, is_blank, text

Ready = TypeVar("Ready")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A path, as everything that it may be."""

    source: str
    data: tuple[jsonpath.Segment, ...] | None
    xpath: XPath | None
    dotted: tuple[Step, ...]  # into XML, as its SOAP integration has it
    css: Css | None
    regex: Expression | None

    def find(self, document: Document) -> list[Value]:
        """What it leads to. Raises TooMuch."""
        match document.kind:
            case Of.DATA if self.data is not None:
                found = jsonpath.find(document.data, self.data)
            case Of.XML if self.xpath is not None or self.dotted:
                found = self._in_xml(document.data)
            case Of.HTML if self.css is not None:
                found = self.css.find(document.data)
            case _:  # a text, or what was recognised although the path takes it for one
                found = self._in_text(document.text)
        return [value for value in each(found) if not is_blank(value)]

    def texts(self, document: Document) -> list[str]:
        """What a term is searched for in. Raises TooMuch.

        An element of XML is searched as it is written and as what it says, one of HTML as what is inside.
        """
        match document.kind:
            case Of.XML if self.xpath is not None and (nodes := self.xpath.nodes(document.data)):
                return [words for node in nodes for words in _written(node)]
            case Of.HTML:
                return [] if self.css is None else [_inside(one) for one in self.css.select(document.data)]
            case Of.TEXT:
                return [document.data]  # a path leads nowhere in it, and so is not looked at
            case _:
                return [text(value) for value in self.find(document)]

    def _in_xml(self, root: Any) -> Value:
        found = None if self.xpath is None else self.xpath.find(root)
        if found is None and self.dotted:
            starts = (root, *arguments_of(root))
            found = next((value for one in starts if (value := find_in(one, self.dotted)) is not None), None)
        return found

    def _in_text(self, words: str) -> Value:
        """The first group, which has to be there."""
        if self.regex is None or not self.regex.groups:
            return None
        found = self.regex.search(words)
        return found.group(1) if found is not None else None


def compile_path(written: str, namespaces: Mapping[str, str]) -> Place:
    """The path. Raises ValueError for what is neither a path of any kind nor a regular expression."""
    source = written.strip()
    place = Place(
        source=source,
        data=_or_none(jsonpath.segments_of, source),
        xpath=_or_none(lambda path: compile_xpath(_absolute(path), namespaces), source),
        dotted=_dotted(source),
        css=_or_none(compile_css, source),
        regex=_or_none(compile_term, source),
    )
    if not any((place.data, place.xpath, place.css, place.regex)):
        raise ValueError(f"`{source}` is neither a path, an XPath, a CSS selector nor a regular expression")
    return place


def _or_none(compiler: Callable[[str], Ready], source: str) -> Ready | None:
    try:
        return compiler(source)
    except (BadPath, BadXPath, ValueError):
        return None


def _absolute(xpath: str) -> str:
    """An XPath that begins with a name begins at the document."""
    is_call = "(" in xpath.partition("/")[0]
    return xpath if is_call or xpath.startswith("/") else f"/{xpath}"


def _dotted(source: str) -> tuple[Step, ...]:
    segments = _or_none(jsonpath.segments_of, source) or ()
    names = [segment.name for segment in segments if segment.name is not None]
    return dotted_steps(names) if "/" not in source and len(names) == len(segments) else ()


def _written(node: Any) -> list[str]:
    if isinstance(node, str):
        return [str(node)]
    return [etree.tostring(node, encoding="unicode", with_tail=False), "".join(node.itertext("*"))]


def _inside(element: Any) -> str:
    written = (etree.tostring(child, encoding="unicode", method="html") for child in element)
    return (element.text or "") + "".join(written)
