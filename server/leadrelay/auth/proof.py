"""Putting a proof into a request, so that it can be told from the rest and never doubles.

A request may be signed a second time, over its first signature, after a proof was refused: what was
there under the same name gives way.
"""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote, unquote_plus

from leadrelay.core.exchange import Request
from leadrelay.core.masking import MASK, Texts, spellings_of, together


def with_header(request: Request, name: str, value: str, *secrets: str) -> Request:
    """The request with this header, which is masked in all records.

    `secrets` are what must not be recorded of its value wherever it is repeated; none: all of it.
    """
    lower = name.lower()
    kept = tuple([pair for pair in request.headers if pair[0].lower() != lower])
    return replace(
        request,
        headers=(*kept, (name, value)),
        secret_headers=request.secret_headers | {lower},
        secrets=_hidden(request, secrets or (value,)),
    )


def with_parameter(request: Request, name: str, value: str) -> Request:
    """The request with this query parameter, which is masked in all records."""
    return replace(
        request,
        url=_with_pair(request.url, name, value),
        recorded_url=request.recorded_url and _with_pair(request.recorded_url, name, MASK),
        secret_params=request.secret_params | {name},
        secrets=_hidden(request, (value,)),
    )


def _hidden(request: Request, secrets: Sequence[str]) -> Texts:
    hidden = request.secrets
    for secret in secrets:
        hidden = together(hidden, spellings_of(secret))
    return hidden


def _with_pair(url: str, name: str, value: str) -> str:
    url, sign, fragment = url.partition("#")
    base, _, query = url.partition("?")
    kept = [pair for pair in query.split("&") if pair and unquote_plus(pair.partition("=")[0]) != name]
    pairs = "&".join([*kept, f"{quote(name, safe='')}={quote(value, safe='')}"])
    return f"{base}?{pairs}{sign}{fragment}"
