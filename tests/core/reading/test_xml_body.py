"""XML from strangers becomes plain objects, or nothing at all (behaviour 6: bounded, entities, depth)."""

from pathlib import Path

import pytest

from leadrelay.core.reading.xml_body import MAX_DEPTH, MAX_ELEMENTS, NotXml, parse_text, parse_xml, tree_of


def test_a_document_is_read_by_local_names() -> None:
    body = b"""<?xml version="1.0"?><!-- c --><s:Envelope xmlns:s="urn:s"
      xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
      <s:Body><r:Result xmlns:r="urn:r" code="7"><Id> 12 </Id><Note/><Gone xsi:nil="true"/>
      <Error>a</Error><Error>b</Error><Error at="c">d</Error><Typed xsi:type="x">1</Typed></r:Result>
      </s:Body></s:Envelope>"""
    assert tree_of(parse_xml(body)) == {
        "Envelope": {
            "Body": {
                "Result": {
                    "@code": "7",
                    "Id": "12",
                    "Note": "",
                    "Gone": None,
                    "Error": ["a", "b", {"@at": "c", "#text": "d"}],
                    "Typed": "1",
                }
            }
        }
    }


def test_what_stands_beside_elements_is_kept() -> None:
    assert tree_of(parse_xml(b"<a>one <b>x</b> two</a>")) == {"a": {"b": "x", "#text": "one two"}}


LAUGHS = (
    b'<!DOCTYPE a [<!ENTITY a0 "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
    + b"]><a>&a11;</a>"
)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (LAUGHS, "well-formed|document type"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "well-formed|document type"),
        (b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd" [<!ENTITY x "y">]><a/>', "document type"),
        (b'<!DOCTYPE a [<!ELEMENT a ANY><!ATTLIST a b CDATA "c">]><a/>', "document type"),
        (b'<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:9/a.dtd"> %x;]><a/>', "document type"),
        (b"<a>" + b"<b/>" * MAX_ELEMENTS + b"</a>", "elements"),
        (b"<a %b/>" % b" ".join(b'a%d=""' % number for number in range(60_000)), "200 attributes"),
        (b"<a><b></a>", "well-formed"),
        (b"", "well-formed"),
        (b"<a>\x00</a>", "well-formed"),
        (b"<b>" * (MAX_DEPTH + 2) + b"</b>" * (MAX_DEPTH + 2), "levels deep"),
        (b"<b>" * 100_000 + b"</b>" * 100_000, "well-formed"),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "well-formed"),
    ],
)
def test_a_document_that_could_do_harm_is_not_read(body: bytes, words: str) -> None:
    with pytest.raises(NotXml, match=words):
        parse_xml(body)


def test_a_document_type_that_only_names_its_dtd_is_passed_over_and_not_fetched(tmp_path: Path) -> None:
    """As LeadConduit's own replies have it."""
    (tmp_path / "r.dtd").write_text('<!ENTITY x "leak"><!ATTLIST result leak CDATA "leak">')
    reply = f'<!DOCTYPE r SYSTEM "file://{tmp_path}/r.dtd">\n<r><result>success</result>%s</r>'
    assert tree_of(parse_xml((reply % "").encode())) == {"r": {"result": "success"}}
    assert "leak" not in str(tree_of(parse_xml((reply % "<a>&x;</a>").encode())))


def test_text_is_read_whatever_charset_it_says_it_was_in() -> None:
    root = parse_text('<?xml version="1.0" encoding="utf-16"?><a>é</a>')
    assert tree_of(root) == {"a": "é"}
