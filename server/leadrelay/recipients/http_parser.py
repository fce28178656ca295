"""Bytes in, whole requests out, and never more memory than the limits allow.

llhttp does the grammar and is strict about it, but it has no limits at all: counting bytes is done here.
A peer that breaks the grammar or a limit gets one answer that says which, and the connection ends, because
nobody can know where the next request would begin.
"""

from collections import deque
from dataclasses import dataclass
from urllib.parse import unquote

import httptools

from leadrelay.recipients.http_message import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one peer may ask of the server. Sizes are bytes, times are seconds."""

    head: int = 16_384  # request line, headers and trailers of one request
    headers: int = 100
    body: int = 1_048_576
    idle: float = 60.0  # between two requests, and for the peer to take an answer
    receive: float = 15.0  # from a request's first byte to its last
    linger: float = 1.0  # after a refusal, for the peer to read it
    connections: int = 4096  # open at once


class RefusedError(Exception):
    """This request cannot be read; the peer is told why and the connection ends."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


@dataclass(slots=True)
class Arrived:
    """A whole request, and whether its sender wants to send another."""

    request: Request
    keep_alive: bool


class RequestParser:
    """One connection's worth of requests.

    `feed` never raises: requests that were whole before the fault still deserve their answers, so
    the fault waits in `refusal` until they have been taken from `arrived`.
    """

    def __init__(self, limits: Limits) -> None:
        self.arrived: deque[Arrived] = deque()  # bounded by what one read can hold
        self.refusal: RefusedError | None = None
        self.is_midway = False  # inside a request
        self.begun = 0  # requests whose first byte has been seen
        self.wants_continue = False  # the peer waits for a word before it sends the body
        self._limits = limits
        self._parser = httptools.HttpRequestParser(self)
        self._unclaimed = 0  # bytes fed since llhttp last had something to report
        self._clear()

    def feed(self, data: bytes) -> None:
        """Take what was read from the wire."""
        self._unclaimed += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            cause = error.__context__
            self.refusal = (
                cause if isinstance(cause, RefusedError) else RefusedError(400, f"not HTTP: {error}")
            )
            return
        # A single endless header name, trailer or chunk extension is collected without a callback.
        if self._unclaimed > self._limits.head:
            self.refusal = RefusedError(431, f"more than {self._limits.head} bytes of headers")

    # What llhttp calls, in the order in which it calls it.

    def on_message_begin(self) -> None:
        self.is_midway = True
        self.begun += 1
        self._clear()

    def on_url(self, url: bytes) -> None:
        self._url += url
        self._count_head(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._header_count += 1
        if self._header_count > self._limits.headers:
            raise RefusedError(431, f"more than {self._limits.headers} headers")
        self._count_head(len(name) + len(value))
        if self._is_head_done:
            return  # a trailer: it counts, and nobody here reads it
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        known = self._headers.get(key)
        self._headers[key] = text if known is None else f"{known}, {text}"

    def on_headers_complete(self) -> None:
        self._unclaimed = 0
        self._is_head_done = True
        version = self._parser.get_http_version()
        if version not in ("1.0", "1.1"):
            raise RefusedError(505, "only HTTP/1.0 and HTTP/1.1 are spoken here")
        if version == "1.1" and "host" not in self._headers:
            raise RefusedError(400, "a Host header is required")
        if self._parser.should_upgrade():
            raise RefusedError(501, "no other protocol is spoken here")
        if int(self._headers.get("content-length", "0")) > self._limits.body:
            raise RefusedError(413, f"more than {self._limits.body} bytes of body")
        self.wants_continue = self._headers.get("expect", "").lower() == "100-continue" and version == "1.1"

    def on_body(self, body: bytes) -> None:
        self._unclaimed = 0
        self.wants_continue = False
        self._body_size += len(body)
        if self._body_size > self._limits.body:
            raise RefusedError(413, f"more than {self._limits.body} bytes of body")
        self._body.append(body)

    def on_chunk_complete(self) -> None:
        self._unclaimed = 0

    def on_message_complete(self) -> None:
        self._unclaimed = 0
        self.is_midway = self.wants_continue = False
        path, query = _split_target(self._url)
        request = Request(
            method=self._parser.get_method().decode("ascii"),
            path=path,
            query=query,
            headers=self._headers,
            body=b"".join(self._body),
        )
        # llhttp knows this only until the next message begins, so it is asked now.
        self.arrived.append(Arrived(request, self._parser.should_keep_alive()))

    def _count_head(self, size: int) -> None:
        self._unclaimed = 0
        self._head_size += size
        if self._head_size > self._limits.head:
            raise RefusedError(431, f"more than {self._limits.head} bytes of headers")

    def _clear(self) -> None:
        self._url = b""
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._head_size = self._body_size = self._header_count = 0
        self._is_head_done = False


def _split_target(target: bytes) -> tuple[str, str]:
    if not target.startswith(b"/"):
        target = _origin_form(target)
    path, _, query = target.decode("latin-1").partition("?")
    return (unquote(path) if "%" in path else path), query


def _origin_form(target: bytes) -> bytes:
    """A proxy's way of writing a target (`http://host/path?query`) without the scheme and host."""
    if target == b"*":
        return target
    try:
        url = httptools.parse_url(target)
    except httptools.HttpParserInvalidURLError as error:
        raise RefusedError(400, "the request target is not a URL") from error
    return (url.path or b"/") + (b"?" + url.query if url.query else b"")
