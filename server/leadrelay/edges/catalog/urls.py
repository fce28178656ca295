"""What is wrong with a URL in a catalog. Messages omit the URL itself: keys hide in them."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

_TAG = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_PLAIN = re.compile(r"[\x21-\x7e]+")
_LOCAL = re.compile(r"localhost|.*\.localhost|127\.\d+\.\d+\.\d+|::1")


def url_problems(url: str) -> Iterator[str]:
    """Everything that keeps a URL, which may be a template, from being sent to."""
    scheme, separator, _ = url.partition("://")
    if not separator:
        yield "needs a scheme and a host, as in https://example.com/leads"
        return
    if "{{" in scheme:
        yield "the scheme cannot come from a template; begin with https:// or http://"
        return
    if scheme.lower() not in ("http", "https"):
        yield "only http:// and https:// can be delivered to"
        return
    plain = without_tags(url)
    if not _PLAIN.fullmatch(plain):
        yield "has blanks or non-ASCII characters; write them %-encoded, and a host name as xn--…"
        return
    yield from _part_problems(plain)


def _part_problems(plain: str) -> Iterator[str]:
    try:
        parts = urlsplit(plain)
        host, _ = parts.hostname, parts.port
    except ValueError:
        yield "has no readable host and port"
        return
    if not host:
        yield "needs a host, as in https://example.com/leads"
    if "@" in parts.netloc:
        yield "must not carry a user name or a password; use `auth` with `basic`"
    if "#" in plain:
        yield "has a fragment (`#…`), which is never sent; remove it or write %23"


def is_in_clear(url: str) -> bool:
    """Whether what is sent there crosses a network unencrypted."""
    parts = urlsplit(without_tags(url))
    return parts.scheme.lower() == "http" and not _LOCAL.fullmatch(parts.hostname or "")


def without_tags(url: str) -> str:
    """The URL with a letter for each of its templates, so that its parts can be told apart."""
    return _TAG.sub("x", url)


def query_of(url: str) -> str:
    """The query part, templates included."""
    return url.partition("?")[2]
