"""A WSDL with everything that it imports, gathered by us and bounded, before any parser may look for more.

What a document imports is its author's choice, and its author is a stranger. So every reference is
resolved here, fetched through the same guard as everything else, and replaced by a number: the parser
behind finds nothing in it that leads anywhere. Nothing here waits: who has the documents hands them in.
"""

from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from lxml import etree

from leadrelay.adapters.soap.builtin import ENCODING, PLACES
from leadrelay.adapters.soap.refusal import BadWsdl
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.reading.xml_body import NotXml, local_name, parse_xml

MAX_DOCUMENTS = 64
MAX_BYTES = 5 * 1024 * 1024  # of all documents together
MAX_ELEMENTS = 200_000  # of one document

_WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
_SCHEMAS = ("{http://www.w3.org/2001/XMLSchema}", "{http://www.w3.org/1999/XMLSchema}")
_REFERENCES = {f"{_WSDL}import": "location"} | {
    f"{schema}{name}": "schemaLocation" for schema in _SCHEMAS for name in ("import", "include", "redefine")
}


@dataclass(frozen=True, slots=True)
class Documents:
    """A WSDL and what it imports; the first is the WSDL itself."""

    texts: tuple[bytes, ...]
    is_secure: bool  # it came over TLS
    digest: bytes


@dataclass(slots=True)
class Gathering:
    """Told of one document after the other, it says which one it needs next."""

    root: str  # a URL or the path of a file
    _places: dict[str, int] = field(default_factory=dict)
    _texts: list[bytes] = field(default_factory=list)
    _size: int = 0

    def __post_init__(self) -> None:
        self._number(self.root)

    @property
    def wanted(self) -> str | None:
        """Where the next document is; None when all are here."""
        have = len(self._texts)
        return None if have == len(self._places) else list(self._places)[have]

    @property
    def room(self) -> int:
        """How many bytes may still come."""
        return MAX_BYTES - self._size

    def take(self, text: bytes) -> None:
        """The document that was wanted. Raises BadWsdl."""
        location = self.wanted or self.root
        what = "the WSDL" if not self._texts else f"document {len(self._texts) + 1} that the WSDL imports"
        self._size += len(text)
        if self._size > MAX_BYTES:
            words = f"the WSDL and what it imports are larger than {MAX_BYTES // 1024 // 1024} MB; {_SAVE}"
            raise BadWsdl(ReasonCode.RESPONSE_TOO_LARGE, words)
        self._texts.append(self._rewritten(location, text, what))

    def documents(self) -> Documents:
        digest = sha256(b"".join(b"%d\n%b" % (len(text), text) for text in self._texts)).digest()
        return Documents(tuple(self._texts), is_secure(self.root), digest)

    def _rewritten(self, location: str, text: bytes, what: str) -> bytes:
        if _is_page(text):
            words = f"{what} is an HTML page and not a WSDL; use the address that ends in ?wsdl, or {_SAVE}"
            raise BadWsdl(ReasonCode.PROTOCOL, words)
        try:
            root = parse_xml(text.lstrip(b" \t\r\n"), MAX_ELEMENTS)  # some begin with blanks
        except NotXml as error:
            words = f"{what} cannot be read: {str(error).replace('the body', 'it')}"
            raise BadWsdl(ReasonCode.PROTOCOL, f"{words}; check where `wsdl` leads") from error
        if not self._texts and root.tag != f"{_WSDL}definitions":
            words = f"{what} is XML but no WSDL 1.1: it begins with <{local_name(root.tag)}>"
            raise BadWsdl(ReasonCode.PROTOCOL, words)
        if ENCODING.encode() in text:
            _import_encoding(root)
        for element in root.iter(*_REFERENCES):
            self._refer(element, _REFERENCES[element.tag], location)
        return _written(root)

    def _refer(self, element: Any, attribute: str, base: str) -> None:
        """Replace where a reference leads by the number of a document."""
        namespace = element.get("namespace")
        where = element.get(attribute)
        if namespace in PLACES:
            element.set(attribute, PLACES[namespace])
        elif where and where.strip():
            element.set(attribute, place_of(self._number(_absolute(where.strip(), base))))

    def _number(self, location: str) -> int:
        if location not in self._places and len(self._places) >= MAX_DOCUMENTS:
            words = f"the WSDL imports more than {MAX_DOCUMENTS} documents; {_SAVE}"
            raise BadWsdl(ReasonCode.PROTOCOL, words)
        return self._places.setdefault(location, len(self._places))


_SAVE = "save a WSDL with only what is needed as a file and name that file"


def place_of(number: int) -> str:
    """What stands for a document where the parser sees a location: absolute, and on no network."""
    return f"/{number}.xml"


def is_remote(location: str) -> bool:
    return urlsplit(location).scheme.lower() in ("http", "https")


def is_secure(location: str) -> bool:
    return urlsplit(location).scheme.lower() == "https"


def _absolute(where: str, base: str) -> str:
    """Where a reference in the document at `base` leads. What came from a network leads to no file."""
    if is_remote(base) or is_remote(where):
        location = urldefrag(urljoin(base if is_remote(base) else "", where)).url
        if not is_remote(location):
            words = "the WSDL imports something that is neither http nor https"
            raise BadWsdl(ReasonCode.PROTOCOL, f"{words}; {_SAVE}")
        return location
    if urlsplit(where).scheme and not Path(where).is_absolute():
        words = "the WSDL imports a document by something other than a file name or an http address"
        raise BadWsdl(ReasonCode.PROTOCOL, f"{words}; {_SAVE}")
    return str((Path(base).parent / where).resolve())


def _import_encoding(root: Any) -> None:
    """Old services use the encoding's types and import them from nowhere."""
    for schema in list(root.iter(*(f"{each}schema" for each in _SCHEMAS))):
        name = f"{schema.tag.removesuffix('schema')}import"
        if not any(each.get("namespace") == ENCODING for each in schema.findall(name)):
            element = etree.Element(name, namespace=ENCODING)
            schema.insert(0, element)


def _is_page(text: bytes) -> bool:
    start = text[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html"))


def _written(root: Any) -> bytes:
    written: bytes = etree.tostring(root, encoding="utf-8")
    return written
