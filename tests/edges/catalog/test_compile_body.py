"""Every body format of behaviour 3.5 can be asked for in a catalog, and what is wrong with it is told."""

import pytest

from catalog_texts import loaded, of_destination, refused
from leadrelay.core.destination import Rest
from leadrelay.core.encoding import Payload
from leadrelay.core.scope import Scope


def written(body: str, *pairs: tuple[str, object]) -> tuple[bytes, str]:
    """What a `rest` destination with this `body` sends for a payload, and its content type."""
    text = of_destination(f'rest: {{url: "https://example.com", body: {body}}}')
    (destination,) = loaded(text).catalog.destinations.values()
    assert isinstance(destination.protocol, Rest)
    encoder = destination.protocol.body
    return encoder.encode(Payload(pairs), Scope({"email": "a@b.example"})), encoder.content_type


@pytest.mark.parametrize(
    ("body", "content", "content_type"),
    [
        ("{format: json}", b'{"a":"x","b":1}', "application/json"),
        ("{format: form}", b"a=x&b=1", "application/x-www-form-urlencoded"),
        ("{format: csv}", b"a,b\r\nx,1\r\n", "text/csv"),
        ("{csv: {no_header: true, delimiter: ';', columns: [b, a]}}", b"1;x\r\n", "text/csv"),
        (
            "{fixed_width: {columns: [{name: a, start: 1, width: 3}, "
            "{name: b, start: 4, width: 2, align: right}]}}",
            b"x   1",
            "text/plain",
        ),
        ('{template: "mail {{email}}"}', b"mail a@b.example", "text/plain"),
        ("{format: json, parameter: lead}", b"lead=%7B%22a%22%3A%22x%22%2C%22b%22%3A1%7D", "x-www-form"),
    ],
)
def test_writes_the_format_that_was_asked_for(body: str, content: bytes, content_type: str) -> None:
    body_bytes, named = written(body, ("a", "x"), ("b", 1))
    assert body_bytes == content
    assert content_type in named


def test_writes_xml_with_its_root_and_namespaces() -> None:
    body = '{xml: {root: lead, namespaces: {"": "urn:x"}, no_declaration: true}}'
    content, named = written(body, ("a", "x"))
    assert content == b'<lead xmlns="urn:x"><a>x</a></lead>'
    assert "xml" in named


def test_writes_in_a_legacy_charset_and_in_ascii() -> None:
    assert written('{format: text, template: "Zoë {{email}}", charset: latin1}')[0][:3] == b"Zo\xeb"
    assert written('{format: text, template: "Zoë", ascii: true}')[0] == b"Zoe"


@pytest.mark.parametrize(
    ("body", "place", "words"),
    [
        ("{format: json, xml: {root: a}}", "body.xml", "this one is json"),
        ("{format: text}", "body", "template"),
        ("{charset: klingon}", "body.charset", "no character set"),
        ("{format: csv, parameter: x}", "body.parameter", "csv"),
        ("{fixed_width: {columns: []}}", "body", "column"),
        ('{template: "{{email"}', "body.template", "column"),
    ],
)
def test_says_where_a_body_is_wrong_and_why(body: str, place: str, words: str) -> None:
    problems = refused(of_destination(f'rest: {{url: "https://example.com", body: {body}}}'))
    assert any(place in problem and words in problem for problem in problems), problems


def test_a_webhook_is_json_or_form() -> None:
    (problem,) = refused(of_destination('webhook: {url: "https://example.com", body: {format: csv}}'))
    assert "json or form" in problem
