"""What an example expects beside what there is: every difference, with its place.

What is expected has to be there, and there may be more. A value that is sensitive is compared as it would
be sent and never shown, on neither side.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import orjson

from leadrelay.core.exchange import ALWAYS_SECRET, Request, RequestRecord
from leadrelay.core.masking import MASK
from leadrelay.core.values import Value, text, to_json

NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it should be, in words."""

    where: str  # `request.body.State`
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.where}: expected {self.expected}, found {self.found}"


def in_data(expected: Any, found: Any, shown: Any, where: str) -> Iterator[Difference]:
    """JSON-like data. `shown` is `found` with masks where it must not be told."""
    if isinstance(expected, Mapping):
        if not isinstance(found, Mapping):
            yield _difference(where, expected, found, shown)
            return
        for name, item in sorted(expected.items()):  # protobuf keeps no order
            yield from in_data(item, found.get(name), _member(shown, name), f"{where}.{name}")
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for index, item in enumerate(expected):
            yield from in_data(item, found[index], _member(shown, index), f"{where}[{index}]")
    elif not _is_same(expected, found):
        yield _difference(where, expected, found, shown)


def in_url(expected: str, request: Request, record: RequestRecord) -> Iterator[Difference]:
    """The address has to be the same, and its query has to have the parameters that are expected."""
    base, _, query = expected.partition("?")
    address, _, parameters = request.url.partition("?")
    shown, _, masked = record.url.partition("?")
    if base != address:
        yield _difference("request.url", base, address, shown)
    yield from _in_pairs(_pairs(query), _pairs(parameters), _pairs(masked), "request.url?")


def in_headers(expected: Mapping[str, str], request: Request, record: RequestRecord) -> Iterator[Difference]:
    """Names ignore case; an expected "" means that the header is not sent."""
    secret = ALWAYS_SECRET | request.secret_headers
    found = {name.lower(): MASK if name.lower() in secret else value for name, value in request.headers}
    shown = {name.lower(): value for name, value in record.headers}
    for name, value in sorted(expected.items()):
        lower = name.lower()
        yield from in_data(value or None, found.get(lower), shown.get(lower), f"request.headers.{name}")


def in_body(expected: Any, request: Request, record: RequestRecord) -> Iterator[Difference]:
    """JSON and forms as what they mean, anything else as its text."""
    where = "request.body"
    kind = next((value.lower() for name, value in request.headers if name.lower() == "content-type"), "")
    if not request.body:
        yield from in_data(expected, None, None, where)
    elif "json" in kind or (not kind and _is_json(request.body)):  # a direct delivery is of no such type
        wanted = _read(orjson.loads, expected, expected) if isinstance(expected, str) else expected
        found = _read(orjson.loads, request.body, MASK)
        yield from in_data(wanted, found, _read(orjson.loads, record.body, MASK), where)
    elif "x-www-form-urlencoded" in kind:
        wanted = _pairs(expected) if isinstance(expected, str) else expected
        if not isinstance(wanted, Mapping):
            yield Difference(where, said(wanted), "a form")
            return
        yield from _in_pairs(wanted, _pairs(request.body.decode()), _pairs(record.body), f"{where}.")
    else:
        yield from in_data(expected, request.body.decode(errors="replace"), record.body, where)


def _is_json(body: bytes) -> bool:
    return _read(orjson.loads, body, None) is not None


def said(value: Any) -> str:
    """A value as a message has it."""
    return NOTHING if value is None else to_json(value).decode()


def _in_pairs(
    expected: Mapping[str, Any],
    found: Mapping[str, list[str]],
    shown: Mapping[str, list[str]],
    where: str,
) -> Iterator[Difference]:
    """Parameters by name; what is expected of one may be a value, several, or null for none."""
    for name, item in sorted(expected.items()):
        wanted = None if item is None else [text(one) for one in (item if isinstance(item, list) else [item])]
        if wanted != found.get(name):
            place = f"{where}{name}"
            yield _difference(place, _lone(wanted), _lone(found.get(name)), _lone(shown.get(name)))


def _lone(values: list[str] | None) -> Value:
    return values[0] if values is not None and len(values) == 1 else values


def _pairs(query: str) -> dict[str, list[str]]:
    values = defaultdict[str, list[str]](list)
    for name, value in parse_qsl(query, keep_blank_values=True):
        values[name].append(value)
    return dict(values)


def _read(parse: Callable[[Any], Any], written: Any, otherwise: Any) -> Any:
    try:
        return parse(written)
    except ValueError:
        return otherwise


def _is_same(expected: Any, found: Any) -> bool:
    """Numbers are the same however they are written, and neither texts nor booleans."""
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    return bool(expected == found)


def _member(shown: Any, key: Any) -> Any:
    """What may be shown of a member; all of it is masked where its container is."""
    if isinstance(shown, Mapping):
        return shown.get(key)
    if isinstance(shown, list) and key < len(shown):
        return shown[key]
    return MASK


def _difference(where: str, expected: Any, found: Any, shown: Any) -> Difference:
    if found is not None and found != shown:
        return Difference(where, "another value", "one that is sensitive and not shown")
    return Difference(where, said(expected), said(shown))
