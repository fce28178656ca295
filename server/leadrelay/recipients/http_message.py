"""What a sample recipient hears and says: one HTTP request, one HTTP response.

Both are plain values, so a recipient's rules can be read without knowing how bytes travel. A response
leaves in one piece, head and body together, so that a peer never waits on a delayed second packet.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

import orjson

JSON = "application/json"


@dataclass(slots=True)
class Request:
    """One request, whole. Header names are lower case; a repeated header is joined with a comma."""

    method: str
    path: str  # percent-decoded, without the query
    query: str  # as sent, without the question mark
    headers: dict[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """The content type without its parameters, in lower case; empty when none was sent."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(slots=True)
class Response:
    """One answer. Content-Length, Date and Connection are the server's own business."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()


class HungUpError(Exception):
    """Raised by a handler that has the request and closes the connection without a word."""


Handler = Callable[[Request], Awaitable[Response]]


def as_json(status: int, value: Any, *headers: tuple[str, str]) -> Response:
    """`value` as a JSON answer."""
    return Response(status, orjson.dumps(value), headers=headers)


def to_wire(response: Response, *, method: str, keep_alive: bool) -> bytes:
    """Head and body as they go out.

    A HEAD is told the length that a GET would have had, and gets no body; 204 and 304 never have one.
    """
    lines = [_status_line(response.status), _date_line()]
    if response.status not in (204, 304):
        lines.append(f"Content-Type: {response.content_type}\r\nContent-Length: {len(response.body)}\r\n")
    lines += [f"{name}: {value}\r\n" for name, value in response.headers]
    # An HTTP/1.0 peer that asked for it has to be told; to an HTTP/1.1 peer it says nothing new.
    lines.append("Connection: keep-alive\r\n\r\n" if keep_alive else "Connection: close\r\n\r\n")
    head = "".join(lines).encode("latin-1")
    return head if method == "HEAD" or response.status in (204, 304) else head + response.body


_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus}


def _status_line(status: int) -> str:
    return _STATUS_LINES.get(status) or f"HTTP/1.1 {status} Unnamed\r\n"


_date = (0, "")  # the second it was written in, and the header line


def _date_line() -> str:
    global _date  # noqa: PLW0603 - one clock, one line a second; formatting it per answer costs 4 µs
    second = int(time.time())
    if _date[0] != second:
        _date = (second, f"Date: {formatdate(second, usegmt=True)}\r\n")
    return _date[1]
