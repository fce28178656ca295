"""Whatever a WSDL imports is bounded, and leads no parser anywhere (behaviour 9, design 2.7)."""

import pytest
from lxml import etree

from leadrelay.adapters.soap.gathering import MAX_BYTES, MAX_DOCUMENTS, Documents, Gathering, place_of
from leadrelay.adapters.soap.refusal import BadWsdl
from leadrelay.core.outcome import ReasonCode

ROOT = "https://crm.example/api/leads?wsdl"


def a_wsdl(*imports: str) -> bytes:
    inner = "".join(f'<w:import namespace="urn:x" location="{each}"/>' for each in imports)
    return f'<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/">{inner}</w:definitions>'.encode()


def gathered(root: str, texts: dict[str, bytes]) -> Documents:
    gathering = Gathering(root)
    while gathering.wanted is not None:
        gathering.take(texts[gathering.wanted])
    return gathering.documents()


def test_every_reference_becomes_a_number_and_a_circle_ends() -> None:
    documents = gathered(
        ROOT,
        {
            ROOT: a_wsdl("b.wsdl#part", "/c.wsdl", "https://other.example/d.wsdl"),
            "https://crm.example/api/b.wsdl": a_wsdl("leads?wsdl", "b.wsdl"),
            "https://crm.example/c.wsdl": a_wsdl(),
            "https://other.example/d.wsdl": a_wsdl(),
        },
    )
    assert documents.is_secure
    places = [[each.get("location") for each in etree.fromstring(text)] for text in documents.texts]
    assert places == [[place_of(1), place_of(2), place_of(3)], [place_of(0), place_of(1)], [], []]


def test_the_same_content_has_the_same_digest_wherever_it_came_from() -> None:
    here = gathered(ROOT, {ROOT: a_wsdl()})
    there = gathered("/tmp/leads.wsdl", {"/tmp/leads.wsdl": a_wsdl()})
    assert (here.digest, here.is_secure, there.is_secure) == (there.digest, True, False)


def test_blanks_before_the_declaration_make_no_other_document() -> None:
    declared = b'<?xml version="1.0"?>' + a_wsdl()
    assert gathered(ROOT, {ROOT: b"\r\n " + declared}).digest == gathered(ROOT, {ROOT: declared}).digest


def test_a_file_imports_from_beside_it_and_a_network_imports_no_file() -> None:
    gathering = Gathering("/etc/leadrelay/leads.wsdl")
    gathering.take(a_wsdl("types/b.wsdl"))
    assert gathering.wanted == "/etc/leadrelay/types/b.wsdl"
    for where in ("file:///etc/passwd", "ftp://crm.example/x.xsd"):
        with pytest.raises(BadWsdl, match="neither http nor https"):
            Gathering(ROOT).take(a_wsdl(where))
    with pytest.raises(BadWsdl, match="file name or an http address"):
        Gathering("/etc/leadrelay/leads.wsdl").take(a_wsdl("file:///etc/passwd"))
    remote = Gathering(ROOT)
    remote.take(a_wsdl("/etc/passwd"))
    assert remote.wanted == "https://crm.example/etc/passwd"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"\n<!DOCTYPE html><html><body>Log in</body></html>", "HTML page and not a WSDL"),
        (b"<html><p>Log in</html>", "HTML page and not a WSDL"),
        (b"Service unavailable", "not well-formed XML; check where `wsdl` leads"),
        (b"", "not well-formed"),
        (b"<rss/>", "no WSDL 1.1: it begins with <rss>"),
        (b'<!DOCTYPE w [<!ENTITY a "b">]><w/>', "document type"),
        (b" " * (MAX_BYTES + 1), "larger than 5 MB; save"),
        (a_wsdl(*(f"{n}.wsdl" for n in range(MAX_DOCUMENTS))), "more than 64 documents"),
    ],
)
def test_what_is_no_wsdl_says_so_and_what_to_do(text: bytes, words: str) -> None:
    with pytest.raises(BadWsdl, match=words) as caught:
        Gathering(ROOT).take(text)
    assert caught.value.code in (ReasonCode.PROTOCOL, ReasonCode.RESPONSE_TOO_LARGE)


def test_all_documents_together_are_bounded() -> None:
    gathering = Gathering(ROOT)
    gathering.take(a_wsdl(*(f"{n}.wsdl" for n in range(10))))
    padded = a_wsdl() + b" " * (1024 * 1024)
    for _ in range(4):
        gathering.take(padded)
    with pytest.raises(BadWsdl, match="larger than 5 MB"):
        gathering.take(padded)
