"""Bodies in legacy shapes (behaviour 3.5), and what is wrong with a body's settings."""

import json
from urllib.parse import parse_qs

import pytest

from leadrelay.core.encoding import Body, Format, Payload, XmlSpec, compile_body
from leadrelay.core.mapping import Rule, compile_mapping
from leadrelay.core.scope import Scope
from leadrelay.core.values import NotCompiled

PAYLOAD = Payload({"name": "Renée “R”", "tags.0": "é😀"})


def test_json_and_xml_are_stuffed_into_a_form_parameter() -> None:
    encoder = compile_body(Body(parameter="lead data"))
    assert encoder.content_type == "application/x-www-form-urlencoded"
    body = encoder.encode(PAYLOAD)
    assert body.startswith(b"lead%20data=%7B%22name%22")
    assert json.loads(parse_qs(body.decode())["lead data"][0]) == {"name": "Renée “R”", "tags": ["é😀"]}
    xml = compile_body(Body(format=Format.XML, parameter="xml", xml=XmlSpec(root="r", no_declaration=True)))
    assert xml.encode(Payload({"a": "b c"})) == b"xml=%3Cr%3E%3Ca%3Eb%20c%3C%2Fa%3E%3C%2Fr%3E"


def test_a_transliterated_quote_is_still_escaped() -> None:
    assert compile_body(Body(ascii=True)).encode(PAYLOAD) == b'{"name":"Renee \\"R\\"","tags":["e?"]}'
    form = compile_body(Body(format=Format.FORM, ascii=True))
    assert form.encode(PAYLOAD) == b"name=Renee%20%22R%22&tags=e%3F"


def test_json_in_another_charset_escapes_what_is_not_ascii() -> None:
    encoder = compile_body(Body(charset="iso-8859-1"))
    body = encoder.encode(PAYLOAD)
    assert body.isascii()
    assert json.loads(body) == {"name": "Renée “R”", "tags": ["é😀"]}
    assert encoder.content_type == "application/json; charset=iso-8859-1"


def test_a_form_in_another_charset_percent_encodes_its_bytes() -> None:
    encoder = compile_body(Body(format=Format.FORM, charset="iso-8859-1"))
    assert encoder.encode(Payload({"é": "ü b"})) == b"%E9=%FC%20b"
    query = compile_body(Body(format=Format.QUERY, charset="iso-8859-1"))
    assert query.content_type == ""
    assert query.encode(Payload({"a": "é"})) == b"a=%E9"


@pytest.mark.parametrize(
    ("body", "part"),
    [
        (Body(charset="klingon"), "charset"),
        (Body(format=Format.CSV, parameter="x"), "parameter"),
        (Body(format=Format.FORM, parameter="x"), "parameter"),
        (Body(template="x"), "template"),
        (Body(format=Format.TEXT), "template"),
        (Body(format=Format.TEXT, template="{{a"), "template"),
        (Body(format=Format.FIXED_WIDTH), "fixed_width.columns"),
    ],
)
def test_a_wrong_body_is_told(body: Body, part: str) -> None:
    with pytest.raises(NotCompiled) as caught:
        compile_body(body)
    assert [problem.part for problem in caught.value.problems] == [part]


@pytest.mark.parametrize("format_", [Format.JSON, Format.FORM, Format.QUERY])
def test_the_quick_way_for_flat_payloads_writes_the_same(format_: Format) -> None:
    mapping = compile_mapping([Rule("a 1", "{{x}}"), Rule("b", None), Rule("c", 2.5), Rule("d", "")])
    payload = mapping.apply(Scope({"x": "é & ü"})).payload
    assert payload.is_flat
    encoder = compile_body(Body(format=format_))
    assert encoder.encode(payload) == encoder.encode(Payload(payload))
    assert encoder.check(["any thing"]) == []
    assert encoder.template is None
