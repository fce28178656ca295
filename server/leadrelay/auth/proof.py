"""Putting a proof into a request, so that it can be told from the rest and never doubles.

A request may be signed a second time, over its first signature, after a proof was refused: what was there
under the same name gives way, in its place, so that the same proof makes the same request.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar
from urllib.parse import quote, unquote_plus

import orjson

from leadrelay.core.errors import NotSent
from leadrelay.core.exchange import Request
from leadrelay.core.masking import MASK, Texts, spellings_of, together
from leadrelay.core.outcome import ReasonCode

T = TypeVar("T")


def with_header(request: Request, name: str, value: str, *secrets: str) -> Request:
    """The request with this header, which is masked in all records.

    `secrets` are what must not be recorded of its value wherever it is repeated; none: all of it.
    """
    return replace(
        with_open_header(request, name, value),
        secret_headers=request.secret_headers | {name.lower()},
        secrets=_hidden(request, secrets or (value,)),
    )


def with_open_header(request: Request, name: str, value: str) -> Request:
    """The request with this header, which belongs to a proof and is no secret."""
    lower = name.lower()
    headers = _put(request.headers, (name, value), lambda pair: pair[0].lower() == lower)
    return replace(request, headers=headers)


def with_parameter(request: Request, name: str, value: str) -> Request:
    """The request with this query parameter, which is masked in all records."""
    return replace(
        request,
        url=_with_pair(request.url, name, value),
        recorded_url=request.recorded_url and _with_pair(request.recorded_url, name, MASK),
        backups=tuple([_with_pair(url, name, value) for url in request.backups]),
        secret_params=request.secret_params | {name},
        secrets=_hidden(request, (value,)),
    )


def with_field(request: Request, name: str, value: str) -> Request:
    """The request with this member of its form or JSON body, which is masked in all records.

    A request without a body, such as a status request, has it in its query. Raises NotSent where there is a
    body of another kind.
    """
    if not request.body and not _content_type(request):
        return with_parameter(request, name, value)
    recorded = request.body if request.recorded_body is None else request.recorded_body
    return replace(
        request,
        body=_with_member(request, request.body, name, value),
        unproved_body=request.body if request.unproved_body is None else request.unproved_body,
        recorded_body=_with_member(request, recorded, name, MASK),
        secrets=_hidden(request, (value,)),
    )


def _with_member(request: Request, body: bytes, name: str, value: str) -> bytes:
    kind = _content_type(request)
    if "x-www-form-urlencoded" in kind:
        return _pair_added(body.decode(), name, value).encode()
    if "json" in kind and body[:1] == b"{":
        return _with_json_member(body, name, value)
    words = f"the key `{name}` has no place in the body, which is neither a form nor a JSON object"
    raise NotSent(ReasonCode.AUTH, words)


def _content_type(request: Request) -> str:
    return next((value for header, value in request.headers if header.lower() == "content-type"), "")


def _with_json_member(body: bytes, name: str, value: str) -> bytes:
    """Written behind the rest, because to read and write all of it would change how numbers are spelled."""
    member = orjson.dumps({name: value})[1:]
    if body[:-1].endswith(b"{"):
        return b"{" + member
    if orjson.dumps(name) + b":" not in body:
        return body[:-1] + b"," + member
    last = re.search(rb'(?<=[{,])%b:"(?:[^"\\]|\\.)*"\}\Z' % re.escape(orjson.dumps(name)), body)
    if last is not None:  # as it stands in a request that is signed again
        return body[: last.start()] + member
    return orjson.dumps(orjson.loads(body) | {name: value})


def _hidden(request: Request, secrets: Sequence[str]) -> Texts:
    hidden = request.secrets
    for secret in secrets:
        hidden = together(hidden, spellings_of(secret))
    return hidden


def _with_pair(url: str, name: str, value: str) -> str:
    url, sign, fragment = url.partition("#")
    base, _, query = url.partition("?")
    return f"{base}?{_pair_added(query, name, value)}{sign}{fragment}"


def _pair_added(query: str, name: str, value: str) -> str:
    """A query or a form with this pair in place of its namesakes."""
    own = f"{quote(name, safe='')}={value if value == MASK else quote(value, safe='')}"
    pairs = [pair for pair in query.split("&") if pair]
    return "&".join(_put(pairs, own, lambda pair: unquote_plus(pair.partition("=")[0]) == name))


def _put(items: Sequence[T], own: T, is_namesake: Callable[[T], bool]) -> tuple[T, ...]:
    """The items with this one in the place of its first namesake, and of all others; else behind them."""
    kept = [item for item in items if not is_namesake(item)]
    place = next((at for at, item in enumerate(items) if is_namesake(item)), len(kept))
    return (*kept[:place], own, *kept[place:])
