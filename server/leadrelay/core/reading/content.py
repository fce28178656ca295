"""A reply's body, decoded and parsed at most once and only when somebody asks.

Recipients mislabel their bodies, so what looks like JSON or XML is tried as that whatever its content
type says. Depth and size are limited before anything walks the tree.
"""

import codecs
import json
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

import orjson

from leadrelay.core.exchange import Reply
from leadrelay.core.reading.paths import Path, follow
from leadrelay.core.reading.xml_body import NotXml, parse_text, parse_xml, tree_of
from leadrelay.core.reading.xml_paths import dotted_steps, find_in
from leadrelay.core.values import Value

MAX_DEPTH = 64
MAX_FORM_PAIRS = 1000

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_BEYOND_64_BITS = re.compile(rb"[0-9]{19}")
_ODD_CODECS = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "utf_7"})
_HTML = re.compile(r"<(?:!doctype\s+)?html\b", re.IGNORECASE)
_FAULT = dotted_steps(("Envelope", "Body", "Fault"))
_FORM = "application/x-www-form-urlencoded"


class Unreadable(Exception):
    """The body is not of a kind in which a path leads anywhere."""


class _Xml:
    """A document, of which the tree is made only when somebody asks for all of it."""

    __slots__ = ("root",)

    def __init__(self, root: Any) -> None:
        self.root = root


class Content:
    """What a reply contains. `tree` is the parsed body."""

    def __init__(self, reply: Reply, content_type: str = "") -> None:
        self.reply = reply
        self._type = content_type or reply.header("content-type") or ""

    @cached_property
    def text(self) -> str:
        """The body as text, in the charset that it or its header names, else UTF-8, else Latin."""
        body = self.reply.body
        for mark, charset in _BOMS:
            if body.startswith(mark):
                return body[len(mark) :].decode(charset, errors="replace")
        charset = _charset(self._type)
        if charset:
            return body.decode(charset, errors="replace")
        try:
            return body.decode()
        except UnicodeDecodeError:
            return body.decode("cp1252", errors="replace")

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

    def at(self, path: Path) -> Value:
        """What a path leads to. Raises Unreadable where there is nothing that it could lead into."""
        parsed = self._parsed
        if isinstance(parsed, _Xml):
            return find_in(parsed.root, path.steps)
        if not path.segments and not isinstance(parsed, Unreadable):
            raise Unreadable("the body is not XML")
        return follow(self.tree, path)

    def at_or_none(self, path: Path) -> Value:
        try:
            return self.at(path)
        except Unreadable:
            return None

    @property
    def is_fault(self) -> bool:
        """Whether it is a SOAP fault, whatever its status says."""
        return isinstance(self._parsed, _Xml) and find_in(self._parsed.root, _FAULT) is not None

    @cached_property
    def _parsed(self) -> Any:
        try:
            return self._parse()
        except Unreadable as unreadable:
            return unreadable

    @cached_property
    def _xml_tree(self) -> Any:
        return tree_of(self._parsed.root)

    def _parse(self) -> Any:
        name = self._type.partition(";")[0].strip().lower()
        if self._looks_like_json():
            return self._json()
        if self._looks_like_xml():
            return self._xml()
        if name in ("application/json", "text/json") or name.endswith("+json"):
            return self._json()
        if name == _FORM:
            return _form(self.text)
        if name in ("application/xml", "text/xml") or name.endswith("+xml"):
            return self._xml()
        raise Unreadable("the body is not JSON")

    def _looks_like_xml(self) -> bool:
        return self.text[:64].lstrip().startswith("<") and not self._is_html()

    def _is_html(self) -> bool:
        return _HTML.match(self.text[:256].lstrip()) is not None

    def _xml(self) -> "_Xml":
        """The document: as its bytes declare themselves, else as what the header says that they are."""
        if not self.reply.body.strip():
            raise Unreadable("the body is empty")
        if self._is_html():
            raise Unreadable("the body is HTML and not XML")
        try:
            return _Xml(parse_xml(self.reply.body))
        except NotXml:
            try:
                return _Xml(parse_text(self.text))
            except NotXml as error:
                raise Unreadable(str(error)) from error

    def _looks_like_json(self) -> bool:
        body = self.reply.body
        start = body[:64].lstrip() if body[:1] in b" \t\r\n{[" else self.text[:64].lstrip().encode()
        return start[:1] in (b"{", b"[")

    def _json(self) -> Any:
        body = self.reply.body
        if not body.strip():
            raise Unreadable("the body is empty")
        try:
            tree = _loads(body)
        except ValueError:
            try:
                tree = _loads(self.text.encode(errors="replace"))
            except ValueError as error:
                raise Unreadable("the body is not JSON") from error
        if body.count(b"{") + body.count(b"[") > MAX_DEPTH and _depth_exceeds(tree, MAX_DEPTH):
            raise Unreadable(f"the body is nested more than {MAX_DEPTH} levels deep")
        return tree


def _loads(body: bytes) -> Any:
    if _BEYOND_64_BITS.search(body) is None:
        return orjson.loads(body)
    try:  # long numbers are references, of which no digit may be lost
        tree = json.loads(body, parse_int=_whole, parse_constant=_no_number)
        # This parser lets pass what nobody could write down again, such as half a surrogate pair: a fact
        # that the journal cannot take would hold up its lead for ever.
        return orjson.loads(orjson.dumps(tree))
    except (RecursionError, orjson.JSONEncodeError) as error:
        raise ValueError("nested too deep, or no text") from error


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) < 19 else digits


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _depth_exceeds(tree: Any, limit: int) -> bool:
    level = [tree]
    for _ in range(limit):
        below: list[Any] = []
        for node in level:
            children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
            below.extend(child for child in children if isinstance(child, dict | list))
        if not below:
            return False
        level = below
    return True


def _charset(content_type: str) -> str:
    found = _CHARSET.search(content_type)
    if found is None:
        return ""
    try:
        name = codecs.lookup(found[1]).name
        b"x".decode(name, errors="replace")  # some codecs are for bytes and not for text
    except (LookupError, ValueError):
        return ""
    return "" if name == "utf-8" or name.replace("-", "_") in _ODD_CODECS else name


def _form(body: str) -> Mapping[str, Value]:
    try:
        pairs = parse_qsl(body.strip(), keep_blank_values=True, max_num_fields=MAX_FORM_PAIRS)
    except ValueError as error:
        raise Unreadable(f"the body has more than {MAX_FORM_PAIRS} form fields") from error
    if not pairs:
        raise Unreadable("the body is empty")
    return dict(reversed(pairs))  # the first of a repeated name
