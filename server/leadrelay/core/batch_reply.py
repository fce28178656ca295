"""Each lead's own part of the reply to a batch (behaviour 4.6).

A part is a reply like any other, so that the destination's reading says what it means. Where a recipient says
nothing of a lead that it was sent, nobody knows what became of it; where the reply has no parts, as a page of
an overloaded server has none, it is everybody's.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from csv import DictReader
from csv import Error as CsvError
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any

from lxml import etree

from leadrelay.core.batch import Batch
from leadrelay.core.exchange import Headers, Reply
from leadrelay.core.reading.budget import TooMuch
from leadrelay.core.reading.content import Content, Unreadable
from leadrelay.core.reading.css import Css
from leadrelay.core.reading.folding import folded
from leadrelay.core.reading.json_body import NotJson, parse_json
from leadrelay.core.reading.paths import Path, follow
from leadrelay.core.reading.xml_body import children, local_name, value_of
from leadrelay.core.values import Value, text, to_json

_JSON: Headers = (("content-type", "application/json"),)
_XML: Headers = (("content-type", "application/xml; charset=utf-8"),)
_DELIMITERS = ",;\t|"
_HTML: Headers = (("content-type", "text/html; charset=utf-8"),)


@dataclass(frozen=True, slots=True)
class _Item:
    """What a recipient says of one lead: as a value, and as the body of a reply."""

    value: Value
    body: bytes
    headers: Headers
    name: str = ""  # where it is a member instead of one of a list

    def key(self, path: Path | None) -> str:
        return self.name if path is None else text(self._at(path)).strip()

    def reply(self, whole: Reply, status: Path | None) -> Reply:
        own = text(self._at(status)).strip() if status else ""
        number = int(own) if own.isascii() and own.isdigit() and 100 <= int(own) <= 599 else whole.status
        kept = tuple(
            [pair for pair in whole.headers if pair[0].lower() not in ("content-type", "content-length")]
        )
        return replace(whole, status=number, headers=self.headers + kept, body=self.body)

    def _at(self, path: Path) -> Value:
        """Within the item; for an XPath and CSS it is a document of its own."""
        if path.xpath is not None or path.css is not None:
            return Content(Reply(status=200, headers=self.headers, body=self.body)).at_or_none(path)
        try:
            return follow(self.value, path) if isinstance(self.value, Mapping | list) else None
        except TooMuch:
            return None


def parts(batch: Batch, reply: Reply, keys: Sequence[str]) -> list[Reply | None]:
    """By lead, in the order of the request: its own reply, or None where it has none. `keys` are the leads'.

    The whole reply for each where it has no parts.
    """
    items, is_fine = _items(batch, reply), 200 <= reply.status < 300
    if items is None or (not items and not is_fine):
        return [reply for _ in keys]
    if batch.key:
        named = [(item.key(batch.reply_key), item.reply(reply, batch.reply_status)) for item in items]
        return _by_key(named, keys)
    if len(items) == len(keys):
        return [item.reply(reply, batch.reply_status) for item in items]
    # Which is whose, nobody can say: a breakdown is everybody's, and a "yes" is nobody's.
    return [None if is_fine else reply for _ in keys]


def _by_key(named: Sequence[tuple[str, Reply]], keys: Sequence[str]) -> list[Reply | None]:
    """The first for each key, if need be in other case: many store an e-mail address in small letters."""
    exact, loose = dict[str, Reply](), dict[str, Reply]()
    for key, reply in named:
        exact.setdefault(key, reply)
        loose.setdefault(folded(key), reply)
    alike = Counter(map(folded, keys))
    return [exact.get(key) or (loose.get(folded(key)) if alike[folded(key)] == 1 else None) for key in keys]


def _items(batch: Batch, reply: Reply) -> list[_Item] | None:
    """What a reply says of its leads; None where it has no list."""
    content = Content(reply)
    if batch.replies is not None and batch.replies.css is not None:
        return [_of_page(each) for each in _selected(content, batch.replies.css)] or None
    if content.xml is not None:
        return [_element(each) for each in _elements(content.xml, batch.replies)] or None
    if batch.replies is None and _is_csv(reply):
        return _rows(content.text)
    if batch.replies is not None:
        found = content.at_or_none(batch.replies)
    else:
        found = content.tree_or_none
        if found is None:
            found = _lines(reply.body)
    if isinstance(found, list):
        return [_value(each) for each in found]
    if isinstance(found, Mapping) and batch.key and batch.reply_key is None:
        return [_value(value, str(name)) for name, value in found.items()]
    return None


def _is_csv(reply: Reply) -> bool:
    kind = (reply.header("content-type") or "").partition(";")[0].strip().lower()
    return kind in ("text/csv", "application/csv")


def _rows(text: str) -> list[_Item] | None:
    """The lines of a CSV reply, as objects of what its first line names; None where it is none."""
    names = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=names.count)
    try:
        rows = [*DictReader(StringIO(text, newline=""), restkey="", restval="", delimiter=delimiter)]
    except CsvError:
        return None
    return [_value({name.strip(): cell for name, cell in row.items() if name}) for row in rows]


def _value(value: Value, name: str = "") -> _Item:
    return _Item(value, to_json(value), _JSON, name)


def _element(element: Any) -> _Item:
    body = etree.tostring(element, encoding="utf-8", with_tail=False)
    return _Item(value_of(element), body, _XML, local_name(element.tag))


def _of_page(element: Any) -> _Item:
    body = etree.tostring(element, encoding="utf-8", method="html", with_tail=False)
    return _Item(value_of(element), body, _HTML, local_name(element.tag))


def _selected(content: Content, css: Css) -> list[Any]:
    """The elements of a page that a selector finds."""
    try:
        return css.select(content.page)
    except (TooMuch, Unreadable):
        return []


def _elements(root: Any, path: Path | None) -> list[Any]:
    """The elements that an XPath or a path of names leads to; without one, those right inside the root."""
    if path is None:
        return list(children(root))
    if path.xpath is not None:
        try:
            return path.xpath.elements(root)
        except TooMuch:
            return []
    found, inside = list[Any](), [root]
    for segment in path.segments:
        name = segment.rpartition(":")[2]
        found = [element for element in inside if local_name(element.tag) == name]
        inside = [child for element in found for child in children(element)]
    return found


def _lines(body: bytes) -> list[Value] | None:
    """Newline JSON: a value in each line."""
    try:
        return [parse_json(line) for line in _not_blank(body.splitlines())] or None
    except NotJson:
        return None


def _not_blank(lines: Iterable[bytes]) -> list[bytes]:
    return [line for line in lines if line.strip()]
