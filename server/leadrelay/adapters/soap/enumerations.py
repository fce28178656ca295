"""Which texts a WSDL's types take where they list them: zeep leaves that out, and a service refuses the lead.

Types are known by name, as zeep has them: one that stands inside an element or attribute has its name. Where
several have one name, all their texts are good, and any where one of them lists none.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from lxml import etree

from leadrelay.adapters.soap.gathering import MAX_ELEMENTS
from leadrelay.core.reading.xml_body import parse_xml

KEPT = 8  # WSDLs of which it is remembered

_XS = "{http://www.w3.org/2001/XMLSchema}"

Allowed = Mapping[str, frozenset[str]]  # by the qualified name of a type


@lru_cache(maxsize=KEPT)
def enumerations(texts: tuple[bytes, ...]) -> Allowed:
    """Of all documents of a WSDL."""
    found: dict[str, frozenset[str] | None] = {}
    for text in texts:
        if b"enumeration" not in text:
            continue
        for name, listed in _types(parse_xml(text, MAX_ELEMENTS)):
            before = found.get(name, listed)
            found[name] = None if before is None or listed is None else before | listed
    return {name: listed for name, listed in found.items() if listed is not None}


def _types(root: Any) -> Iterator[tuple[str, frozenset[str] | None]]:
    for schema in root.iter(f"{_XS}schema"):
        namespace = schema.get("targetNamespace")
        for kind in schema.iter(f"{_XS}simpleType"):
            name = kind.get("name") or kind.getparent().get("name")
            if name:
                yield etree.QName(namespace, name).text, _listed(kind)


def _listed(kind: Any) -> frozenset[str] | None:
    values = [each.get("value", "") for each in kind.iterfind(f"{_XS}restriction/{_XS}enumeration")]
    return frozenset(values) or None
