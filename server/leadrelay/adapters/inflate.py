"""Undoing a reply's content coding, never beyond a bound: a few kilobytes can inflate to gigabytes."""

import re
import zlib
from typing import Protocol

MAX_CODINGS = 3  # one over the other


class TooLarge(Exception):
    """The decoded body would exceed the bound."""


class Unreadable(Exception):
    """The body is not what its Content-Encoding says, or in a coding that is not known."""


class Decoder(Protocol):
    """Takes a body piece by piece."""

    def feed(self, piece: bytes) -> None:
        """Raises TooLarge or Unreadable."""

    def finish(self) -> bytes:
        """The whole body. Raises Unreadable when it ended too early."""


def decoder_for(content_encoding: str, limit: int) -> Decoder:
    """The decoder for a Content-Encoding header, whose codings were applied in its order.

    `limit` bounds the decoded bytes. Raises Unreadable where there are more codings than anybody needs.
    """
    codings = [each for each in re.split(r"[\s,]+", content_encoding.lower()) if each not in _NO_CODINGS]
    if len(codings) > MAX_CODINGS:
        raise Unreadable(f"the reply has more than {MAX_CODINGS} content codings")
    decoder: Decoder = Plain(limit)
    for coding in codings:
        decoder = _undoing(coding, limit, decoder)
    return decoder


def _undoing(coding: str, limit: int, then: Decoder) -> Decoder:
    if coding in ("gzip", "x-gzip", "deflate"):
        own = Inflater(limit, is_gzip=coding != "deflate")
        return own if isinstance(then, Plain) else Stacked(own, then)
    return Undecodable()


# Besides the two that say so: character sets and encodings of mail, which some recipients write in its place.
_NO_CODINGS = frozenset(
    {
        "",
        "identity",
        "none",
        "utf-8",
        "utf8",
        "us-ascii",
        "iso-8859-1",
        "windows-1252",
        "7bit",
        "8bit",
        "binary",
    }
)


class Undecodable:
    """In a coding that is not known, which does no harm where there is no body."""

    def feed(self, piece: bytes) -> None:
        if piece:
            raise Unreadable("the reply's content coding is none of gzip, deflate and identity")

    def finish(self) -> bytes:
        return b""


class Stacked:
    """One coding over another, each within the bound."""

    def __init__(self, outer: Decoder, inner: Decoder) -> None:
        self._outer, self._inner = outer, inner

    def feed(self, piece: bytes) -> None:
        self._outer.feed(piece)

    def finish(self) -> bytes:
        self._inner.feed(self._outer.finish())
        return self._inner.finish()


class Plain:
    """A body without a coding."""

    def __init__(self, limit: int) -> None:
        self._limit, self._pieces, self._size = limit, list[bytes](), 0

    def feed(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._limit:
            raise TooLarge
        self._pieces.append(piece)

    def finish(self) -> bytes:
        return self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)


class Inflater:
    """gzip or deflate."""

    def __init__(self, limit: int, *, is_gzip: bool) -> None:
        self._limit, self._is_gzip, self._body = limit, is_gzip, bytearray()
        self._zlib: zlib._Decompress | None = None

    def feed(self, piece: bytes) -> None:
        while piece:
            if self._zlib is None:
                self._zlib = zlib.decompressobj(self._window_bits(piece[0]))
            # One byte more than there is room for tells "full" from "too large".
            room = self._limit - len(self._body) + 1
            try:
                self._body += self._zlib.decompress(piece, room)
            except zlib.error:
                raise Unreadable("the reply's compressed body is damaged") from None
            if len(self._body) > self._limit:
                raise TooLarge
            piece = self._zlib.unused_data.lstrip(b"\0")  # which fills a block up
            if piece and not self._is_gzip:
                raise Unreadable("the reply's compressed body goes on after its end")
            if piece:
                self._zlib = None  # gzip may be several members in a row (RFC 1952, 2.2)

    def finish(self) -> bytes:
        if self._zlib is not None and not self._zlib.eof:
            raise Unreadable("the reply's compressed body ended too early")
        return bytes(self._body)

    def _window_bits(self, first: int) -> int:
        if self._is_gzip:
            return 16 + zlib.MAX_WBITS
        # "deflate" is zlib's format (RFC 9110, 8.4.1.2), but some servers send it bare.
        return zlib.MAX_WBITS if first & 0x0F == 8 else -zlib.MAX_WBITS
