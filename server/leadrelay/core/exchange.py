"""A request about to leave, the reply to it, and the masked records of both.

Records are what the journal, events and spans may know: authentication is masked when the
record is made, so that no later step can forget it (behaviour 9).
"""

import json
import re
from base64 import b64encode
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit, urlunsplit

MASK = "***"
LEAST_SECRET = 3  # characters; to mask shorter values wherever they stand would shred every text
LEAST_BARE = 6  # characters of a value without its punctuation that are masked too
MAX_RECORDED_BODY = 16 * 1024  # bytes of a body that a record keeps

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP-shaped request, complete."""

    method: str
    url: str
    headers: Headers = ()
    body: bytes = b""
    recorded_body: bytes | None = None  # with sensitive values masked; None: as `body`
    secret_headers: frozenset[str] = frozenset()  # lower case
    secret_params: frozenset[str] = frozenset()
    idempotency_key: str = ""  # the envelope's, for proofs that name the message; empty: there was none


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What goes around a payload on every protocol."""

    idempotency_key: str  # the same for all attempts of one delivery (behaviour 4.4)
    traceparent: str = ""  # W3C Trace Context of this attempt
    tracestate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back, complete and decoded from its transfer and content codings."""

    status: int
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The first value of a header; names ignore case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRecord:
    """A request as it may be shown."""

    method: str
    url: str
    headers: Headers = ()
    body: str = ""
    is_base64: bool = False
    truncated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyRecord:
    """A reply as it may be shown."""

    status: int
    headers: Headers = ()
    body: str = ""
    is_base64: bool = False
    truncated: bool = False


# Headers that carry proofs of identity whoever set them.
ALWAYS_SECRET = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key", "x-auth-token"}
)


def record_request(
    request: Request, hidden: Collection[str] = (), most: int = MAX_RECORDED_BODY
) -> RequestRecord:
    """The request with authentication and `hidden` texts masked and its body cut to `most` bytes."""
    kept = request.body if request.recorded_body is None else request.recorded_body
    body, is_base64, truncated = _text(kept, hidden, most)
    return RequestRecord(
        method=request.method,
        url=hide(_masked_url(request.url, request.secret_params), hidden),
        headers=_masked(request.headers, request.secret_headers, hidden),
        body=body,
        is_base64=is_base64,
        truncated=truncated,
    )


def record_reply(reply: Reply, hidden: Collection[str] = ()) -> ReplyRecord:
    """The reply with cookies and `hidden` texts masked and its body cut to what a record keeps."""
    body, is_base64, truncated = _text(reply.body, hidden, MAX_RECORDED_BODY)
    return ReplyRecord(
        status=reply.status,
        headers=_masked(reply.headers, frozenset(), hidden),
        body=body,
        is_base64=is_base64,
        truncated=truncated,
    )


def spellings(values: Iterable[str]) -> tuple[str, ...]:
    """What has to be hidden of secret values: themselves, and as URLs, forms, JSON and XML write them.

    The longest come first, so that none stays behind in part because another is a part of it.
    """
    texts = {text for value in values if len(value) >= LEAST_SECRET for text in _spelled(value)}
    return tuple(sorted(texts, key=len, reverse=True))


def hide(text: str, hidden: Collection[str]) -> str:
    """`text` with these texts masked wherever they stand."""
    for value in hidden:
        if len(value) >= LEAST_SECRET and value in text:
            text = text.replace(value, MASK)
    return text


def hide_within(value: Any, hidden: Collection[str]) -> Any:
    """JSON-like data with these texts masked in every text of it."""
    if isinstance(value, str):
        return hide(value, hidden)
    if isinstance(value, Mapping):
        return {hide(key, hidden): hide_within(item, hidden) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [hide_within(item, hidden) for item in value]
    return MASK if isinstance(value, int) and str(value) in hidden else value


def _spelled(value: str) -> Iterator[str]:
    yield value
    bare = _PUNCTUATION.sub("", value)
    if len(bare) >= LEAST_BARE:
        yield bare
    for escaped in (quote(value, safe=""), quote(value, safe="!'()*"), quote_plus(value)):
        yield escaped
        yield _PERCENT.sub(lambda found: found[0].lower(), escaped)
    for in_json in (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]):
        yield in_json
        yield in_json.replace("/", "\\/")
    yield escape(value, quote=False)
    yield escape(value).replace("&#x27;", "&#39;")
    yield escape(value).replace("&#x27;", "&apos;")


_PUNCTUATION = re.compile(r"[\W_]+")
_PERCENT = re.compile(r"%[0-9A-F]{2}")


def _masked(headers: Headers, secret: frozenset[str], hidden: Collection[str]) -> Headers:
    return tuple(
        (name, MASK if name.lower() in secret or name.lower() in ALWAYS_SECRET else hide(value, hidden))
        for name, value in headers
    )


def _masked_url(url: str, secret_params: frozenset[str]) -> str:
    if not secret_params and "@" not in url:
        return url
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = "&".join(
        f"{quote(name)}={MASK if name in secret_params else quote(value)}" for name, value in pairs
    )
    return urlunsplit((parts.scheme, host, parts.path, query, ""))


def _text(body: bytes, hidden: Collection[str], most: int) -> tuple[str, bool, bool]:
    for value in hidden:  # before the cut, which may leave the first half of one behind
        if len(value) >= LEAST_SECRET:
            body = body.replace(value.encode(), MASK.encode())
    kept, truncated = body[:most], len(body) > most
    try:
        return kept.decode(), False, truncated
    except UnicodeDecodeError as error:
        if truncated and error.start >= len(kept) - 3:  # the cut fell inside a character
            return kept[: error.start].decode(), False, True
        return b64encode(kept).decode(), True, truncated
