"""Of a reply in several parts the one that counts is read (behaviour 4.1)."""

import pytest

from leadrelay.core.exchange import Reply
from leadrelay.core.reading.content import Content
from leadrelay.core.reading.multipart import root_part
from leadrelay.core.reading.paths import parse_path

RELATED = 'multipart/related; type="application/xop+xml"; start="<root@x>"; boundary="b=1"'
ENVELOPE = "<e:Envelope xmlns:e='urn:e'><Status>größer</Status></e:Envelope>"
XOP = 'application/xop+xml; charset=iso-8859-1; type="text/xml"'


def a_part(body: bytes, *headers: str) -> bytes:
    return b"\r\n--b=1\r\n" + "".join(f"{line}\r\n" for line in headers).encode() + b"\r\n" + body


ROOT = a_part(ENVELOPE.encode("latin-1"), f"Content-Type: {XOP}", "Content-ID: <root@x>")
IMAGE = a_part(b"\x89PNG\r\n\r\n--b", "Content-Type: image/png", "Content-ID: <i@x>")
END = b"\r\n--b=1--\r\n"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(ROOT[2:] + END, id="alone"),
        pytest.param(b"a preamble" + ROOT + IMAGE + END + b"an epilogue\r\n\r\n", id="first"),
        pytest.param(IMAGE + ROOT + END, id="named by start"),
        pytest.param((ROOT + IMAGE + END).replace(b"\r\n", b"\n"), id="bare LF"),
        pytest.param(
            ROOT.replace(b"; charset", b";\r\n\tcharset") + b"\r\n--b=1--", id="folded, and no line end"
        ),
    ],
)
def test_the_root_is_read_as_its_own_headers_say(body: bytes) -> None:
    content = Content(Reply(status=200, headers=(("Content-Type", RELATED),), body=body))
    assert content.at(parse_path("//Status")) == "größer"
    assert content.text == ENVELOPE


@pytest.mark.parametrize(
    ("coding", "body"),
    [("base64", b"PGE+MTwv\r\nYT4="), ("Quoted-Printable", b"<a>=31<=\r\n/a>"), ("8bit", b"<a>1</a>")],
)
def test_the_root_is_decoded(coding: str, body: bytes) -> None:
    whole = a_part(body, f"Content-Transfer-Encoding: {coding}", "Content-Type: text/xml") + END
    assert root_part(whole, "Multipart/Related; boundary=b=1") == (b"<a>1</a>", "text/xml")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"<a/>", "text/xml"),
        (b"<a/>", 'multipart/related; boundary="b=1"'),
        (ROOT + END, "multipart/related"),
        (ROOT + END, 'multipart/related; boundary=""'),
        (b"--b=1--", "multipart/related; boundary=b=1"),
        (b"--b=1\r\nno head", "multipart/related; boundary=b=1"),
    ],
)
def test_what_is_in_one_piece_stays_as_it_is(body: bytes, content_type: str) -> None:
    assert root_part(body, content_type) == (body, content_type)


def test_what_is_no_base64_stays_as_it_came() -> None:
    whole = a_part(b"<a>12</a>", "Content-Transfer-Encoding: base64") + END
    assert root_part(whole, "multipart/related; boundary=b=1") == (b"<a>12</a>", "text/plain")
