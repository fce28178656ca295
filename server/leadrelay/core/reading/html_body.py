"""HTML bodies, as broken as they come, read in one pass whose time is that of their length.

A parser of our own, because libxml2's compares every attribute of a tag with all before it: a page of a
megabyte that is one tag would hold up everybody for minutes. It knows what recipients' pages need: tags that
nobody closed, scripts, entities, and that there is always a `html` with a `body`.
"""

import re
from collections import Counter
from html import unescape
from typing import Any

from lxml import etree

from leadrelay.core.reading.xml_body import MAX_ATTRIBUTES, MAX_ELEMENTS, NotXml

MAX_DEPTH = 200  # an element further down stands beside its parent

_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<[!?][^>]*(?:>|\Z)|</(?P<end>[a-z][^\s/>]*)[^>]*(?:>|\Z)|<(?P<start>[a-z][^\s/>]*)",
    re.IGNORECASE | re.DOTALL,
)
_ATTRIBUTE = re.compile(
    r"""[\s/]*(?:(?P<end>>|\Z)|(?P<name>[^\s/>][^\s/>=]*)"""
    r"""(?:\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s>]*)))?)"""
)
_NAME = re.compile(r"[a-z_][\w.-]*", re.ASCII)
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_UNSPOKEN = frozenset({"script", "style"})
_RAW = _UNSPOKEN | {"textarea", "title", "noscript", "iframe", "xmp"}  # they have no elements inside
_OF_HEAD = frozenset({"title", "meta", "link", "base", "script", "style"})
_BLOCKS = frozenset(
    name
    for row in (
        "address article aside blockquote div dl fieldset footer form h1 h2 h3 h4 h5 h6",
        "header hr main nav ol p pre section table ul",
    )
    for name in row.split(" ")
)
_CELLS = frozenset({"td", "th"})
_ROWS = _CELLS | {"tr"}
# What a start tag ends, if it was not closed, up to what it stands in.
_ENDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "li": (frozenset({"li"}), frozenset({"ul", "ol"})),
    "dt": (frozenset({"dt", "dd"}), frozenset({"dl"})),
    "dd": (frozenset({"dt", "dd"}), frozenset({"dl"})),
    "option": (frozenset({"option"}), frozenset({"select"})),
    "td": (_CELLS, frozenset({"tr", "table"})),
    "th": (_CELLS, frozenset({"tr", "table"})),
    "tr": (_ROWS, frozenset({"table"})),
    "tbody": (_ROWS | {"thead", "tbody"}, frozenset({"table"})),
    "tfoot": (_ROWS | {"thead", "tbody"}, frozenset({"table"})),
    **{block: (frozenset({"p"}), _BLOCKS - {"p"} | _CELLS | {"li"}) for block in _BLOCKS},
}


def parse_html(text: str, most: int = MAX_ELEMENTS) -> Any:
    """The `html` element. Raises NotXml for what has no content, or too many elements or attributes."""
    if not text.strip():
        raise NotXml("the body is empty")
    return _Page(text, most).root


class _Page:
    """A page while it is read."""

    def __init__(self, text: str, most: int) -> None:
        self._left = self._most = most
        self.root = etree.Element("html")
        self._head: Any = None
        self._body: Any = None
        self._open: list[Any] = [self.root]
        self._latest: list[Any] = [None]  # the newest child of each of them; lxml would have to count
        self._names: Counter[str] = Counter()  # of the open ones
        self._said: list[str] = []  # since the last element began or ended
        self._read(text)

    def _read(self, text: str) -> None:
        at = 0
        while (tag := _TAG.search(text, at)) is not None:
            self._say(text[at : tag.start()])
            at = tag.end()
            if tag["end"] is not None:
                self._end(tag["end"].lower())
            elif tag["start"] is not None:
                at = self._start(tag["start"].lower(), text, at)
        self._say(text[at:])
        self._write()

    def _start(self, name: str, text: str, at: int) -> int:
        """Open an element; the place behind its tag, and behind its text where it has nothing else."""
        attributes: dict[str, str] = {}
        while (found := _ATTRIBUTE.match(text, at)) is not None and found["end"] is None:
            at = found.end()
            value = next((each for each in found.group("double", "single", "bare") if each is not None), "")
            key = found["name"].lower()
            if _NAME.fullmatch(key):
                attributes.setdefault(key, _clean(value))
            if len(attributes) > MAX_ATTRIBUTES:
                raise NotXml(f"the body has an element with more than {MAX_ATTRIBUTES} attributes")
        at = found.end() if found is not None else len(text)
        self._element(name if _NAME.fullmatch(name) else "unknown", attributes)
        if name in _RAW:
            end = re.compile(rf"</{name}\b|\Z", re.IGNORECASE).search(text, at)
            to = end.start() if end is not None else len(text)
            self._say(text[at:to], is_raw=name in _UNSPOKEN)
            return to
        return at

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        if name in ("html", "head", "body"):
            self._frame(name, attributes)
            return
        if self._body is None and not (name in _OF_HEAD or self._open[-1] is self._head):
            self._frame("body", {})
        elif self._body is None and self._open[-1] is self.root:
            self._frame("head", {})
        if name in _ENDS:
            self._close(*_ENDS[name])
        self._count()
        self._write()
        element = self._latest[-1] = etree.SubElement(self._open[-1], name, attributes)
        if name not in _VOID and len(self._open) < MAX_DEPTH:
            self._push(element)

    def _push(self, element: Any) -> None:
        self._open.append(element)
        self._latest.append(None)
        self._names[element.tag] += 1

    def _pop_to(self, place: int) -> None:
        self._write()
        for element in self._open[place:]:
            self._names[element.tag] -= 1
        del self._open[place:], self._latest[place:]

    def _frame(self, name: str, attributes: dict[str, str]) -> None:
        """`html`, `head` and `body`, of which there is one each."""
        element = {"html": self.root, "head": self._head, "body": self._body}[name]
        if element is None:
            self._count()
            self._pop_to(1)
            element = self._latest[0] = etree.SubElement(self.root, name)
            self._push(element)
            if name == "head":
                self._head = element
            else:
                self._body = element
        for key, value in attributes.items():
            if key not in element.attrib:
                element.set(key, value)

    def _end(self, name: str) -> None:
        """Close the newest element of a name; `html` and `body` stay open, whatever comes behind them."""
        if name in ("html", "body") or not self._names[name]:
            return
        place = next(at for at in range(len(self._open) - 1, 0, -1) if self._open[at].tag == name)
        self._pop_to(place)

    def _close(self, ended: frozenset[str], within: frozenset[str]) -> None:
        """End the outermost of these that is open inside what they stand in."""
        if not any(self._names[name] for name in ended):
            return
        last = None
        for place in range(len(self._open) - 1, 0, -1):
            if self._open[place].tag in within:
                break
            if self._open[place].tag in ended:
                last = place
        if last is not None:
            self._pop_to(last)

    def _say(self, words: str, *, is_raw: bool = False) -> None:
        if not words:
            return
        if self._open[-1] is self.root or self._open[-1] is self._head:
            if words.isspace():
                return
            self._frame("body", {})
        self._said.append(_clean(words, is_raw=is_raw))

    def _write(self) -> None:
        """Put what was said where it stands: in the newest open element, behind the last in it."""
        if not self._said:
            return
        words, before = "".join(self._said), self._latest[-1]
        self._said.clear()
        if before is None:
            self._open[-1].text = words
        else:
            before.tail = words

    def _count(self) -> None:
        self._left -= 1
        if self._left <= 0:
            raise NotXml(f"the body has more than {self._most} elements")


def _clean(words: str, *, is_raw: bool = False) -> str:
    """A text without entities, and without what no XML may hold."""
    return _NOT_XML.sub("\ufffd", words if is_raw or "&" not in words else unescape(words))


def words_of(element: Any) -> str:
    """The text of an element as one line, without that of scripts and styles."""
    words: list[str] = []
    for event, one in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            words.append("" if one.tag in _UNSPOKEN else one.text or "")
        elif one is not element:
            words.append(one.tail or "")
    return " ".join("".join(words).split())
