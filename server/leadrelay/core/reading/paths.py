"""Paths into a reply, whatever kind its body turns out to be.

Dotted (`errors.0.message`, `errors.*.message`), JSONPath from `$`, XPath from `/`, CSS from `css:`. A
dotted path and a JSONPath lead into XML too, from its root: `Envelope.Body.Result.@id`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from leadrelay.core.reading import jsonpath
from leadrelay.core.reading.css import CSS, Css, compile_css
from leadrelay.core.reading.dotted_xml import Step, dotted_steps
from leadrelay.core.reading.jsonpath import BadPath
from leadrelay.core.reading.xpath import BadXPath, XPath, compile_xpath
from leadrelay.core.values import Value, leaf, walk

_CALL = re.compile(r"[a-z-]+\(")  # an XPath may begin with a function: count(//Error)
NO_NAMESPACES: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """Where to look in a reply. Exactly one of `segments`, `query`, `xpath` and `css` is there."""

    text: str
    segments: tuple[str, ...] = ()  # plain members and places, which most paths are
    steps: tuple[Step, ...] = ()  # the same into XML
    query: tuple[jsonpath.Segment, ...] | None = None  # anything else that leads into data
    xpath: XPath | None = None
    css: Css | None = None


def parse_path(path: str, namespaces: Mapping[str, str] = NO_NAMESPACES) -> Path:
    """The path. `namespaces` are the prefixes that count in an XPath. Raises BadPath."""
    written = path.strip()
    if written.startswith(CSS):
        return Path(text=written, css=compile_css(written.removeprefix(CSS)))
    if written.startswith(("/", "(/")) or _CALL.match(written):
        try:
            return Path(text=written, xpath=compile_xpath(written, namespaces))
        except BadXPath as error:
            raise BadPath(str(error)) from error
    found = _segments(path, written)
    names = tuple(segment.name for segment in found if segment.name is not None)
    if found and len(names) == len(found):
        return Path(text=written, segments=names, steps=dotted_steps(names))
    return Path(text=written, query=found)


def _segments(path: str, written: str) -> tuple[jsonpath.Segment, ...]:
    if not written or written.endswith(".") or (".." in written and written[0] != "$"):
        raise BadPath(f"`{path}` has an empty segment; segments stand between single dots")
    return jsonpath.segments_of(written)


def follow(tree: Value, path: Path) -> Value:
    """What a path leads to in a tree; a member whose own name has dots is found as well.

    Raises TooMuch.
    """
    if path.query is not None:
        return leaf(jsonpath.find(tree, path.query))
    found = tree
    for segment in path.segments:
        found = found.get(segment) if type(found) is dict else walk(found, (segment,))
    if found is None and len(path.segments) > 1 and isinstance(tree, Mapping):
        return tree.get(path.text)
    return found
