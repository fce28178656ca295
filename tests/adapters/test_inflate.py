"""Content codings, and the bound on what they may become."""

import zlib

import pytest

from leadrelay.adapters.inflate import TooLarge, Unreadable, decoder_for

TEXT = b"accepted, and thank you " * 50


def gzipped(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=31)
    return packer.compress(body) + packer.flush()


def decoded(coding: str, body: bytes, *, limit: int = 65536, piece: int = 7) -> bytes:
    decoder = decoder_for(coding, limit)
    for start in range(0, len(body), piece):
        decoder.feed(body[start : start + piece])
    return decoder.finish()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("", TEXT),
        ("identity", TEXT),
        ("UTF-8", TEXT),
        ("8bit", TEXT),
        ("gzip", gzipped(TEXT)),
        (" X-GZIP ", gzipped(TEXT)),
        ("gzip", gzipped(TEXT[:100]) + gzipped(TEXT[100:])),
        ("gzip", gzipped(TEXT) + b"\0" * 20),
        ("gzip, gzip", gzipped(gzipped(TEXT))),
        ("identity, deflate ,gzip", gzipped(zlib.compress(TEXT))),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", zlib.compress(TEXT, wbits=-15)),
    ],
)
@pytest.mark.parametrize("piece", [1, 7, 65536])
def test_a_body_is_decoded_however_it_comes(coding: str, body: bytes, piece: int) -> None:
    assert decoded(coding, body, piece=piece) == TEXT


@pytest.mark.parametrize("coding", ["", "gzip", "deflate", "gzip, gzip", "br", "gzip, br"])
def test_no_body_is_an_empty_body(coding: str) -> None:
    assert decoded(coding, b"") == b""


@pytest.mark.parametrize(
    ("coding", "body"), [("", TEXT), ("gzip", gzipped(TEXT)), ("deflate", zlib.compress(TEXT))]
)
def test_the_bound_is_on_the_decoded_body_and_exact(coding: str, body: bytes) -> None:
    assert decoded(coding, body, limit=len(TEXT)) == TEXT
    with pytest.raises(TooLarge):
        decoded(coding, body, limit=len(TEXT) - 1)


def test_a_bomb_is_given_up_at_the_bound() -> None:
    decoder = decoder_for("gzip", 1000)
    with pytest.raises(TooLarge):
        decoder.feed(gzipped(b"\0" * 20_000_000))


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", b"plain text"),
        ("deflate", b"plain text"),
        ("gzip", gzipped(TEXT)[:-1]),
        ("gzip", gzipped(TEXT) + b"more"),
        ("deflate", zlib.compress(TEXT)[:-1]),
        ("deflate", zlib.compress(TEXT) + b"more"),
        ("br", TEXT),
        ("gzip, gzip", gzipped(TEXT)),
        ("br, gzip", gzipped(TEXT)),
        ("gzip, gzip, gzip, gzip", b""),
    ],
)
def test_a_body_that_is_not_what_it_says_is_unreadable(coding: str, body: bytes) -> None:
    with pytest.raises(Unreadable):
        decoded(coding, body)
