"""XML bodies (behaviour 3.5)."""

from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.encoding import Body, EncodingError, Format, Payload, XmlSpec, compile_body
from leadrelay.core.values import NotCompiled, Value

BARE = XmlSpec(no_declaration=True)


def written(payload: dict[str, Value], xml: XmlSpec = BARE, **members: str) -> str:
    return compile_body(Body(format=Format.XML, xml=xml, **members)).encode(Payload(payload)).decode()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("payload", "document"),
    [
        ({"lead.first": "Ann", "lead.last": "Lee"}, "<lead><first>Ann</first><last>Lee</last></lead>"),
        ({"a.b.c": 1, "a.d": 2, "a.b.e": 3}, "<a><b><c>1</c><e>3</e></b><d>2</d></a>"),
        ({"a.b.0": "x", "a.b.2": "y"}, "<a><b>x</b><b>y</b></a>"),
        ({"a.b.1.c": "y", "a.b.0.c": "x"}, "<a><b><c>x</c></b><b><c>y</c></b></a>"),
        ({"a.b": ["x", None, "y"]}, "<a><b>x</b><b>y</b></a>"),
        ({"a.b@id": 7, "a.b": "x"}, '<a><b id="7">x</b></a>'),
        ({"a.b": "x", "a.b@id": 7}, '<a><b id="7">x</b></a>'),
        ({"a.b.0.@id": 7, "a.b.0.#text": "x"}, '<a><b id="7">x</b></a>'),
        ({"a@id": 7}, '<a id="7"/>'),
        ({"a#text": "x"}, "<a>x</a>"),
        ({"a.b#cdata": "<x> ]]> & y"}, "<a><b><![CDATA[<x> ]]]]><![CDATA[> & y]]></b></a>"),
        ({"a.b": None, "a.c@x": None, "a.d": "e"}, "<a><d>e</d></a>"),
        ({"a.b": ""}, "<a><b></b></a>"),
        ({"a.b": 'x < y & z > "q"\r'}, '<a><b>x &lt; y &amp; z &gt; "q"&#13;</b></a>'),
        ({"a@b": 'x"<\n\t'}, '<a b="x&quot;&lt;&#10;&#9;"/>'),
        ({"a": "x\x00\x0b\ufffe\ud800y"}, "<a>xy</a>"),  # characters that no XML document may have
        ({"a.b": True, "a.c": Decimal("1.50"), "a.d": 2.0}, "<a><b>true</b><c>1.50</c><d>2</d></a>"),
        (
            {"a": {"b": 1, "@id": "x", "c": [1, {"d": 2}], "#text": "t"}},
            '<a id="x">t<b>1</b><c>1</c><c><d>2</d></c></a>',
        ),
    ],
)
def test_paths_become_elements(payload: dict[str, Value], document: str) -> None:
    assert written(payload) == document


def test_a_root_and_its_namespaces_are_set_round_everything() -> None:
    spec = XmlSpec(root="ns:lead", namespaces=(("", "urn:a"), ("ns", "urn:b&c")), no_declaration=True)
    document = written({"first": "Ann", "ns:age": 5, "@version": "2"}, spec)
    opening = '<ns:lead xmlns="urn:a" xmlns:ns="urn:b&amp;c" version="2">'
    assert document == f"{opening}<first>Ann</first><ns:age>5</ns:age></ns:lead>"
    assert written({}, XmlSpec(root="lead", no_declaration=True)) == "<lead/>"


def test_the_declaration_names_the_charset() -> None:
    encoder = compile_body(Body(format=Format.XML, charset="iso-8859-1"))
    assert encoder.encode(Payload({"a": "é"})) == b'<?xml version="1.0" encoding="ISO-8859-1"?><a>\xe9</a>'
    assert encoder.content_type == "text/xml; charset=iso-8859-1"
    assert written({"a": "é"}, XmlSpec()).startswith('<?xml version="1.0" encoding="UTF-8"?>')


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ({"a": 1, "b": 2}, "the mapping begins with `a`, `b`; set `xml.root`"),
        ({"a.0": 1, "a.1": 2}, "`a` is repeated"),
        ({}, "needs a root element"),
        ({"@id": 1, "a": 2}, "set `xml.root`"),
        ({"a.first name": 1}, "`first name` cannot be the name"),
        ({"a.x:b": 1}, "the prefix of `x:b` is not declared"),
        ({"a": {"<script>": 1}}, "cannot be the name"),
        ({"a@b c": 1}, "`b c` cannot be the name"),
    ],
)
def test_what_is_no_document_is_an_error_without_values(payload: dict[str, Value], words: str) -> None:
    with pytest.raises(EncodingError) as caught:
        written(payload)
    assert words in str(caught.value)


def test_the_paths_of_a_mapping_can_be_checked_beforehand() -> None:
    encoder = compile_body(Body(format=Format.XML))
    assert encoder.check(["a.b", "a.c@id", "a.d.0.#text", "a@x"]) == []
    assert encoder.check(["a.b c", "z:d", "a.0.b"]) == [
        "`a.b c`: `b c` cannot be the name of an element or attribute",
        "`z:d`: the prefix of `z:d` is not declared under `namespaces`",
        "XML has one root element, but the mapping begins with `a`, `z:d`; set `xml.root`",
    ]


def test_what_is_wrong_with_the_settings_is_told_at_once() -> None:
    spec = XmlSpec(root="a b", namespaces=(("xmlfoo", "urn:x"), ("a:b", "urn:y"), ("c", "")))
    with pytest.raises(NotCompiled) as caught:
        compile_body(Body(format=Format.XML, xml=spec))
    assert [problem.part for problem in caught.value.problems] == ["xml.root"] + ["xml.namespaces"] * 3


_NAMES = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_-]{0,4}", fullmatch=True)


@given(st.dictionaries(_NAMES, st.text(st.characters(exclude_categories=["Cs"]))))
def test_any_text_reads_back_the_same_in_elements_and_attributes(payload: dict[str, str]) -> None:
    both = {f"r.{name}": value for name, value in payload.items()} | {
        f"r@{name}": v for name, v in payload.items()
    }
    root = ET.fromstring(written({"r": "", **both}))  # noqa: S314
    for name, value in payload.items():
        kept = "".join(c for c in value if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff"))
        assert root.findtext(name) == kept
        assert root.get(name) == kept
