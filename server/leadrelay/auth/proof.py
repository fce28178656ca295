"""Putting a proof into a request, so that it can be told from the rest and never doubles.

A request may be signed a second time, over its first signature, after a proof was refused: what was
there under the same name gives way.
"""

from dataclasses import replace
from urllib.parse import quote, unquote_plus

from leadrelay.core.exchange import Request


def with_header(request: Request, name: str, value: str) -> Request:
    """The request with this header, which is masked in all records."""
    lower = name.lower()
    kept = tuple(pair for pair in request.headers if pair[0].lower() != lower)
    return replace(request, headers=(*kept, (name, value)), secret_headers=request.secret_headers | {lower})


def with_parameter(request: Request, name: str, value: str) -> Request:
    """The request with this query parameter, which is masked in all records."""
    url, sign, fragment = request.url.partition("#")
    base, _, query = url.partition("?")
    kept = [pair for pair in query.split("&") if pair and unquote_plus(pair.partition("=")[0]) != name]
    pairs = "&".join([*kept, f"{quote(name, safe='')}={quote(value, safe='')}"])
    return replace(
        request,
        url=f"{base}?{pairs}{sign}{fragment}",
        secret_params=request.secret_params | {name},
    )
