"""A request about to leave, the reply to it, and the masked records of both.

Records are what the journal, events and spans may know: authentication is masked when the
record is made, so that no later step can forget it (behaviour 9).
"""

from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from leadrelay.core.masking import MASK, Texts, hide, hide_in_body

MAX_RECORDED_BODY = 16 * 1024  # bytes of a body that a record keeps

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP-shaped request, complete."""

    method: str
    url: str
    headers: Headers = ()
    body: bytes = b""
    unproved_body: bytes | None = None  # without the proofs that are a part of it; None: as `body`
    recorded_body: bytes | None = None  # with sensitive values masked; None: as `body`
    recorded_url: str = ""  # likewise; empty: as `url`
    secret_headers: frozenset[str] = frozenset()  # lower case
    secret_params: frozenset[str] = frozenset()
    # What must not be recorded of this request and of the reply to it: its proofs, and what templates made
    # of sensitive fields. As `masking.spellings` has them.
    secrets: Texts = field(default=(), repr=False, compare=False)
    backups: tuple[str, ...] = ()  # URLs to which it may go in the place of its own, exactly as it is
    item_key: str = ""  # in a batch: by what its own part of the reply is found
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
    url: str = ""  # of whom redirects led to; empty: the request's own answered
    # What must not be recorded of it besides what its request and its lead have: in a batch, the others'.
    secrets: Texts = field(default=(), repr=False, compare=False)

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
    url: str = ""  # of whom redirects led to; empty: the request's own answered


# Headers that carry proofs of identity whoever set them.
ALWAYS_SECRET = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key", "x-auth-token"}
)


def record_request(
    request: Request, hidden: Texts | None = None, most: int = MAX_RECORDED_BODY
) -> RequestRecord:
    """The request with authentication and `hidden` texts masked and its body cut to `most` bytes.

    `hidden` has the request's own secrets among others; None: it has them alone.
    """
    if hidden is None:
        hidden = request.secrets
    kept = request.body if request.recorded_body is None else request.recorded_body
    body, is_base64, truncated = _text(kept, hidden, most)
    return RequestRecord(
        method=request.method,
        url=hide(_masked_url(request.recorded_url or request.url, request.secret_params), hidden),
        headers=_masked(request.headers, request.secret_headers, hidden),
        body=body,
        is_base64=is_base64,
        truncated=truncated,
    )


def record_reply(reply: Reply, hidden: Texts = ()) -> ReplyRecord:
    """The reply with cookies and `hidden` texts masked and its body cut to what a record keeps."""
    body, is_base64, truncated = _text(reply.body, hidden, MAX_RECORDED_BODY)
    return ReplyRecord(
        status=reply.status,
        headers=_masked(reply.headers, ALWAYS_SECRET, hidden),
        body=body,
        is_base64=is_base64,
        truncated=truncated,
        url=hide(reply.url, hidden) if reply.url else "",
    )


def _masked(headers: Headers, secret: frozenset[str], hidden: Texts) -> Headers:
    secret = ALWAYS_SECRET if secret <= ALWAYS_SECRET else secret | ALWAYS_SECRET
    masked = tuple([(name, MASK if name.lower() in secret else value) for name, value in headers])
    if not hidden:
        return masked
    all_of_it = "\n".join([value for _, value in masked])  # one look for all of them, since most find nothing
    if not any(value in all_of_it for value in hidden):
        return masked
    return tuple([(name, hide(value, hidden)) for name, value in masked])


def _masked_url(url: str, secret_params: frozenset[str]) -> str:
    if not secret_params and "@" not in url:
        return url
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = "&".join(
        f"{quote(name)}={MASK if name in secret_params else quote(value, safe='/*')}" for name, value in pairs
    )
    return urlunsplit((parts.scheme, host, parts.path, query, ""))


def _text(body: bytes, hidden: Texts, most: int) -> tuple[str, bool, bool]:
    """A body as text, masked before it is cut: a cut may leave the first half of a secret behind."""
    try:
        text = hide_in_body(body.decode(), hidden)
    except UnicodeDecodeError:
        body = _masked_bytes(body, hidden)
        return b64encode(body[:most]).decode(), True, len(body) > most
    if len(body) <= most:  # and a mask is never longer than what it masks
        return text, False, False
    masked = text.encode()
    return masked[:most].decode(errors="ignore"), False, len(masked) > most


def _masked_bytes(body: bytes, hidden: Texts) -> bytes:
    """Of a body that is no UTF-8: what is ASCII in it, and what is UTF-16."""
    for value in hidden:
        for codec in ("utf-8", "utf-16-le", "utf-16-be"):
            body = body.replace(value.encode(codec), MASK.encode(codec))
    return body
