"""Bodies as text, by what they say of themselves."""

import codecs

import pytest

from leadrelay.core.reading.charset import header_text, text_of


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        (b"caf\xc3\xa9", "", "café"),
        (b"caf\xe9", "", "café"),
        (b"caf\xe9", 'text/plain; charset="iso-8859-1"', "café"),
        (b"we\x92re full", "text/plain; charset=ISO-8859-1", "we\u2019re full"),
        (b"caf\xc3\xa9", "text/plain; charset=us-ascii", "café"),
        (b"caf\xe9", "text/plain; charset=us-ascii", "café"),
        (b"\xef\xf0\xe8", "text/plain; charset=windows-1251", "при"),
        (codecs.BOM_UTF8 + b"caf\xc3\xa9", "text/plain; charset=iso-8859-1", "café"),
        ("café".encode("utf-16"), "", "café"),
        (b"<meta charset=windows-1251>\xef\xf0\xe8", "text/html", "<meta charset=windows-1251>при"),
        (
            b'<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">\xd0',
            "text/html",
            '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">п',
        ),
        (
            b"<?xml version='1.0' encoding='iso-8859-2'?><a>\xb1</a>",
            "text/xml",
            "<?xml version='1.0' encoding='iso-8859-2'?><a>ą</a>",
        ),
        (b"caf\xe9", "text/plain; charset=no-such-thing", "café"),
        (b"caf\xe9", "text/plain; charset=utf-7", "café"),
        (b"<meta charset=utf-16>\xe9", "text/html", "<meta charset=utf-16>é"),
    ],
)
def test_a_body_is_decoded_as_it_says_or_as_well_as_can_be(body: bytes, content_type: str, text: str) -> None:
    assert text_of(body, content_type) == text


@pytest.mark.parametrize("said", ["ok", "größer", "\N{EURO SIGN}", "Gr\xf6\xdfe\xff"])
def test_a_header_is_utf_8_where_its_bytes_are(said: str) -> None:
    """Others are Latin 1, as HTTP once had it; a sample that somebody typed is what it says."""
    assert header_text(said.encode().decode("latin-1")) == said
    assert header_text(said) == said
