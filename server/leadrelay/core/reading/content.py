"""A reply's body, decoded and parsed at most once and only when somebody asks.

Recipients mislabel their bodies, so what looks like JSON, XML or a form is tried as that whatever its
content type says. Depth and size are limited before anything walks the tree.
"""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from leadrelay.core.exchange import Reply
from leadrelay.core.reading.budget import TooMuch
from leadrelay.core.reading.charset import text_of
from leadrelay.core.reading.dotted_xml import dotted_steps, find_in
from leadrelay.core.reading.folding import folded
from leadrelay.core.reading.html_body import parse_html
from leadrelay.core.reading.json_body import NotJson, parse_json
from leadrelay.core.reading.multipart import root_part
from leadrelay.core.reading.paths import Path, follow
from leadrelay.core.reading.xml_body import NotXml, parse_text, parse_xml, tree_of
from leadrelay.core.values import Value

MAX_FORM_PAIRS = 1000
MAX_SNIFFED_FORM = 64 * 1024  # characters

_HTML = re.compile(r"(?:<\?xml\b[^>]*\?>\s*)?<(?:!doctype\s+)?html\b", re.IGNORECASE)
_FAULT = dotted_steps(("Envelope", "Body", "Fault"))
_FORM = "application/x-www-form-urlencoded"
_PAIR = r"[A-Za-z_][\w.\-\[\]]{0,100}=[^&\r\n]*"
_LOOKS_LIKE_FORM = re.compile(rf"\s*{_PAIR}(?:&{_PAIR})*\s*")
_CALLBACK = re.compile(r"\s*(?:/\*\*/\s*)?[A-Za-z_$][\w$.]{0,100}\s*\(\s*(?=[{\[])")
_AGAINST_INCLUSION = (b")]}'", b"while(1);", b"for(;;);")  # in front of JSON, so that no page can include it


class Unreadable(Exception):
    """The body is not of a kind in which a path leads anywhere."""


_UNPARSED = object()


class _Xml:
    """A document, of which the tree is made only when somebody asks for all of it."""

    __slots__ = ("root",)

    def __init__(self, root: Any) -> None:
        self.root = root


class Content:
    """What a reply contains. `tree` is the parsed body."""

    def __init__(self, reply: Reply, content_type: str = "") -> None:
        self.reply, self._override = reply, content_type
        self._known: Any = _UNPARSED
        self._is_form = False  # known once it is parsed

    @cached_property
    def _root(self) -> tuple[bytes, str]:
        """What is read of the body, and as what it is labelled."""
        return root_part(self.reply.body, self.reply.header("content-type") or "")

    @property
    def _body(self) -> bytes:
        return self._root[0]

    @property
    def _type(self) -> str:
        return self._override or self._root[1]

    @property
    def _is_called_html(self) -> bool:
        return "html" in self._override.lower()

    @cached_property
    def text(self) -> str:
        """The body as text, in the charset that it or its header names, else UTF-8, else Latin.

        Without blanks round it: many programs end with a line end, which `^ok$` would stumble over.
        """
        return text_of(self._body, self._type).strip()

    @cached_property
    def folded(self) -> str:
        """The text as it is compared: without case, and accents written one way."""
        return folded(self.text)

    @property
    def tree(self) -> Any:
        """The parsed body: lists, objects and scalars. Raises Unreadable when it does not parse."""
        parsed = self._parsed
        if isinstance(parsed, Unreadable):
            raise parsed
        return self._xml_tree if isinstance(parsed, _Xml) else parsed

    @property
    def tree_or_none(self) -> Any:
        return None if isinstance(self._parsed, Unreadable) else self.tree

    @property
    def xml(self) -> Any:
        """The root element where the body is XML, else None."""
        return self._parsed.root if isinstance(self._parsed, _Xml) else None

    def at(self, path: Path) -> Value:
        """What a path leads to. Raises Unreadable where there is nothing that it could lead into."""
        parsed = self._parsed
        if path.segments and type(parsed) is dict:  # as nearly all are
            return follow(parsed, path)
        try:
            return self._at(path)
        except TooMuch as error:
            raise Unreadable(f"`{path.text}` would have to look at more of it than is looked at") from error

    def _at(self, path: Path) -> Value:
        if path.css is not None:
            return path.css.find(self.page)
        if path.xpath is not None:
            return path.xpath.find(self._nodes())
        parsed = self._parsed
        if isinstance(parsed, _Xml) and path.steps:
            return find_in(parsed.root, path.steps)
        return follow(self.tree, path)

    def at_or_none(self, path: Path) -> Value:
        try:
            return self.at(path)
        except Unreadable:
            return None

    @property
    def is_form(self) -> bool:
        """Whether the body is a form, so labelled or not."""
        return self._parsed is not None and self._is_form

    @property
    def is_fault(self) -> bool:
        """Whether it is a SOAP fault, whatever its status says."""
        return self.xml is not None and find_in(self.xml, _FAULT) is not None

    @cached_property
    def is_html(self) -> bool:
        """Whether it looks like a page."""
        return _HTML.match(self.text[:256].lstrip()) is not None

    @property
    def page(self) -> Any:
        """The root element of an HTML body. Raises Unreadable."""
        page = self._page
        if isinstance(page, Unreadable):
            raise page
        return page

    @cached_property
    def _page(self) -> Any:
        if not self._looks_like_markup() and not self._is_called_html:
            return Unreadable("the body is not HTML")
        try:
            return parse_html(self.text)
        except NotXml as error:
            return Unreadable(str(error))

    def _nodes(self) -> Any:
        """What an XPath leads into: XML, and HTML only where the catalog says that it is."""
        if self._is_called_html:
            return self.page
        if isinstance(self._parsed, Unreadable):
            raise self._parsed
        if self.xml is None:
            raise Unreadable("the body is not XML")
        return self.xml

    @property
    def _parsed(self) -> Any:
        """What the body was parsed to, or why it was not."""
        if self._known is _UNPARSED:
            try:
                self._known = self._parse()
            except Unreadable as unreadable:
                self._known = unreadable
        return self._known

    @cached_property
    def _xml_tree(self) -> Any:
        return tree_of(self._parsed.root)

    def _parse(self) -> Any:
        if self._looks_like_json():
            return self._json(self._body)
        if self._looks_like_markup():
            return self._markup()
        name = self._type.partition(";")[0].strip().lower()
        if name in ("application/json", "text/json") or name.endswith("+json"):
            return self._quoted_json(self._json(_unguarded(self._body)))
        if name == _FORM:
            return self._form()
        if name in ("application/xml", "text/xml") or name.endswith("+xml"):
            return self._markup()
        return self._sniffed()

    def _looks_like_markup(self) -> bool:
        return self.text[:64].lstrip().startswith("<")

    def _markup(self) -> Any:
        """XML, or the JSON that a service has put into its one element (`<string>{...}</string>`)."""
        xml = self._xml()
        words = xml.root.text if not len(xml.root) else None
        if words and words[:64].lstrip()[:1] in ("{", "["):
            try:
                return self._json(words.encode(errors="replace"))
            except Unreadable:
                pass
        return xml

    def _xml(self) -> "_Xml":
        """The document: as its bytes declare themselves, else as what the header says that they are."""
        if not self._body.strip():
            raise Unreadable("the body is empty")
        if self.is_html:
            raise Unreadable("the body is HTML")
        try:
            return _Xml(parse_xml(self._body))
        except NotXml:
            try:
                return _Xml(parse_text(self.text))
            except NotXml as error:
                raise Unreadable(str(error)) from error

    def _looks_like_json(self) -> bool:
        body = self._body
        start = body[:64].lstrip() if body[:1] in b" \t\r\n{[" else self.text[:64].lstrip().encode()
        return start[:1] in (b"{", b"[")

    def _sniffed(self) -> Any:
        """What is in a body that neither looks nor is labelled like anything."""
        text = self.text
        callback = _CALLBACK.match(text)
        if callback is not None:
            return self._json(text[callback.end() :].rstrip().rstrip(";").rstrip().removesuffix(")").encode())
        unguarded = _unguarded(self._body)
        if unguarded is not self._body:
            return self._json(unguarded)
        if len(text) <= MAX_SNIFFED_FORM and _LOOKS_LIKE_FORM.fullmatch(text):
            return self._form()
        raise Unreadable(
            "the body is empty" if not text.strip() else "the body is neither JSON, XML nor a form"
        )

    def _quoted_json(self, tree: Any) -> Any:
        """JSON in a text of JSON, as some frameworks answer."""
        if isinstance(tree, str) and tree.lstrip()[:1] in ("{", "["):
            return self._json(tree.encode(errors="replace"))
        return tree

    def _json(self, body: bytes) -> Any:
        try:
            return parse_json(body)
        except NotJson as error:
            if body is not self._body:
                raise Unreadable(str(error)) from error
        try:
            return parse_json(self.text.encode(errors="replace"))
        except NotJson as error:
            raise Unreadable(str(error)) from error

    def _form(self) -> Mapping[str, Value]:
        self._is_form = True
        is_escaped = self.text.isascii()  # what is, is in the body's charset as well, and is decoded below
        encoding = "latin-1" if is_escaped else "utf-8"
        try:
            pairs = parse_qsl(
                self.text, keep_blank_values=True, max_num_fields=MAX_FORM_PAIRS, encoding=encoding
            )
        except ValueError as error:
            raise Unreadable(f"the body has more than {MAX_FORM_PAIRS} form fields") from error
        if not pairs:
            raise Unreadable("the body is empty")
        form = dict(reversed(pairs))  # the first of a repeated name
        return (
            {self._decoded(name): self._decoded(value) for name, value in form.items()}
            if is_escaped
            else form
        )

    def _decoded(self, words: str) -> str:
        return words if words.isascii() else text_of(words.encode("latin-1"), self._type)


def _unguarded(body: bytes) -> bytes:
    """JSON without what keeps pages from including it; any other body is given back as it is."""
    bare = body[:64].lstrip()
    guard = next((guard for guard in _AGAINST_INCLUSION if bare.startswith(guard)), None)
    return body if guard is None else body.partition(guard)[2].lstrip(b", \r\n")
