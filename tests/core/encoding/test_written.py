"""Bodies that are templates (behaviour 3.5, text)."""

import pytest

from leadrelay.core.encoding import Body, EncodingError, Format, Payload, compile_body
from leadrelay.core.scope import Scope


def test_a_text_body_is_one_template_over_the_lead() -> None:
    encoder = compile_body(Body(format=Format.TEXT, template='<lead name="{{first_name}}"/>{{lead.ssn}}'))
    scope = Scope({"first_name": "Ann", "ssn": "078051120"})
    assert encoder.encode(Payload(), scope) == b'<lead name="Ann"/>078051120'
    assert encoder.content_type == "text/plain; charset=utf-8"
    assert encoder.template is not None
    assert encoder.template.fields == {"first_name", "ssn"}
    with pytest.raises(EncodingError, match="from a lead"):
        encoder.encode(Payload())


def test_a_text_body_that_grows_too_large_cannot_be_written() -> None:
    encoder = compile_body(Body(format=Format.TEXT, template="{{long}}" * 20, ascii=True))
    with pytest.raises(EncodingError, match="more than"):
        encoder.encode(Payload(), Scope({"long": "x" * 64 * 1024}))


def test_a_text_body_is_transliterated_with_what_its_template_says_itself() -> None:
    encoder = compile_body(Body(format=Format.TEXT, template="café “{{name}}”", ascii=True))
    assert encoder.encode(Payload(), Scope({"name": "Renée"})) == b'cafe "Renee"'
