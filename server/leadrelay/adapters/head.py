"""The head of a request, checked before a connection is even thought of.

Whoever can put a line break into a header or a URL can write a second request behind the first one,
and lead values come from strangers. So what does not fit HTTP's grammar is refused, never repaired,
and nothing has left: NotSent, code `mapping_invalid`. Messages name the header, never its value.
"""

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

from leadrelay import __version__
from leadrelay.core.errors import NotSent
from leadrelay.core.exchange import Headers, Request
from leadrelay.core.outcome import ReasonCode

USER_AGENT = f"leadrelay/{__version__}"

RawHeaders = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one connection leads."""

    scheme: str
    host: str
    port: int

    @property
    def is_secure(self) -> bool:
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """As the Host header has it: without the port where that is the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


@lru_cache(maxsize=512)
def split_url(url: str) -> tuple[Origin, str]:
    """The origin and the request target of an absolute http or https URL."""
    if not _URL.fullmatch(url):
        raise _invalid("the URL contains blanks, control or non-ASCII characters that are not %-encoded")
    parts = _parts(url)
    if parts.scheme not in _PORTS or not parts.netloc:
        raise _invalid("the URL does not begin with http:// or https:// and a host name")
    if "@" in parts.netloc:
        raise _invalid("the URL carries a user name or password; use basic authentication instead")
    origin = Origin(parts.scheme, _host(parts), _port(parts))
    return origin, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


@dataclass(frozen=True, slots=True)
class Message:
    """A request that can be written in every version of HTTP."""

    origin: Origin
    method: bytes
    target: str
    headers: RawHeaders
    body: bytes


def message_of(request: Request) -> Message:
    """The request, checked whole. Raises NotSent."""
    origin, target = split_url(request.url)
    method = request_method(request.method)
    headers = raw_headers(request.headers, origin, request.method, request.body)
    return Message(origin, method, target, headers, request.body)


def written(message: Message) -> bytes:
    """The whole request as HTTP/1.1 has it, so that one write carries a small one."""
    lines = [message.method + b" " + message.target.encode() + b" HTTP/1.1"]
    lines += [name + b": " + value for name, value in message.headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + message.body


def raw_headers(headers: Headers, origin: Origin, method: str, body: bytes) -> RawHeaders:
    """All headers of the request as bytes, those of HTTP itself included."""
    raw = [(_name(name), header_value(name, value)) for name, value in headers]
    given = [name.lower() for name, _ in raw]
    if given.count(b"host") > 1:
        raise _invalid("the header Host is given more than once")
    added = [(b"Host", origin.authority.encode())] if b"host" not in given else []
    added += [(name, value) for key, name, value in _DEFAULTS if key not in given]
    if body or method in _HAVE_BODIES:
        added.append((b"Content-Length", b"%d" % len(body)))
    return added + raw


def header_value(name: str, value: str) -> bytes:
    """The value as bytes, without outer blanks."""
    if _CONTROL.search(value):
        raise _invalid(f"the value of the header {name} contains a line break or another control character")
    try:
        return value.strip(" \t").encode()
    except UnicodeEncodeError:
        raise _invalid(f"the value of the header {name} is not text that can be encoded") from None


def request_method(method: str) -> bytes:
    """The method as bytes; CONNECT is refused, because its answer would open a tunnel."""
    if not _TOKEN.fullmatch(method) or method.upper() == "CONNECT":
        raise _invalid("the method is not one that HTTP knows how to send")
    return method.encode()


_PORTS = {"http": 80, "https": 443}
_HAVE_BODIES = frozenset({"POST", "PUT", "PATCH"})
# A reply in a coding that was not asked for costs time to inflate and says nothing more.
_DEFAULTS = (
    (b"user-agent", b"User-Agent", USER_AGENT.encode()),
    (b"accept", b"Accept", b"*/*"),
    (b"accept-encoding", b"Accept-Encoding", b"identity"),
)
# They frame the message or belong to this connection alone: a second opinion lets requests be smuggled. And
# no body waits here for the leave that `Expect` asks.
OF_THE_CONNECTION = frozenset(
    {"content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer", "expect"}
)

_URL = re.compile(r"[\x21-\x7e]+")
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9_.])?")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def _parts(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # its words quote the URL
        raise _invalid("the URL has no readable host") from None


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if ":" in host:
        if not _is_ipv6(host):
            raise _invalid("the URL's host is not an IPv6 address")
        return host
    if not _HOST.fullmatch(host):
        raise _invalid("the URL's host is missing or not a host name")
    return host


def _is_ipv6(host: str) -> bool:
    try:
        return ipaddress.IPv6Address(host).scope_id is None
    except ValueError:
        return False


def _port(parts: SplitResult) -> int:
    try:
        port = parts.port or _PORTS[parts.scheme]
    except ValueError:
        raise _invalid("the URL's port is not a number up to 65535") from None
    return port


@lru_cache(maxsize=512)  # they are the catalog's, and few
def _name(name: str) -> bytes:
    if not _TOKEN.fullmatch(name):
        raise _invalid("a header's name is empty or has characters that HTTP does not allow")
    if name.lower() in OF_THE_CONNECTION:
        raise _invalid(f"the header {name} cannot be set: it belongs to the connection")
    return name.encode()


def _invalid(words: str) -> NotSent:
    return NotSent(ReasonCode.MAPPING_INVALID, words)
