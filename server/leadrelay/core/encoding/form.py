"""Form bodies and query strings: names as written, UTF-8, `%20` for a space (behaviour 3.5).

A list, or a trailing numeric segment, repeats the name; brackets round all of a name take it literally, as
in `[input_1.3]`. A null is left out, "" stays. What form
encoding cannot say, an object, goes out under dotted names.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Self
from urllib.parse import quote

from leadrelay.core.encoding.payload import Payload
from leadrelay.core.scope import Scope
from leadrelay.core.template import Template
from leadrelay.core.values import Value, text

CONTENT_TYPE = "application/x-www-form-urlencoded"
MAX_DEPTH = 32

_PLACE = re.compile(r"(?<=.)\.[0-9]+\Z", re.DOTALL)

_ASCII = {code: quote(chr(code), safe="") for code in range(128)}

Pair = tuple[str, str]


class FormEncoder:
    """`name=value` pairs in the order of the mapping."""

    template: Template | None = None

    def __init__(self, content_type: str = CONTENT_TYPE) -> None:
        self.content_type = content_type

    def encode(self, payload: Payload, scope: Scope | None = None) -> bytes:  # noqa: ARG002
        return to_query(payload).encode()

    @property
    def shown(self) -> Self:
        return self

    def check(self, paths: Iterable[str]) -> list[str]:  # noqa: ARG002
        return []


def to_query(payload: Mapping[str, Value], escape: Callable[[str], str] | None = None) -> str:
    """The pairs of a payload, percent-encoded; `escape` for another charset than UTF-8."""
    if escape is None and payload.__class__ is Payload and payload.is_flat:
        return _flat_query(payload)
    escape = escape or escaped
    return "&".join([f"{escape(name)}={escape(value)}" for name, value in pairs(payload)])


def _flat_query(payload: Mapping[str, Value]) -> str:
    return "&".join(
        [
            f"{_escaped_name(name)}={escaped(value if value.__class__ is str else text(value))}"
            for name, value in payload.items()
            if value is not None
        ]
    )


def escaped(words: str) -> str:
    """Percent-encoded in UTF-8: all but letters, digits and `-._~`."""
    return words.translate(_ASCII) if words.isascii() else quote(words, safe="", errors="replace")


_escaped_name = lru_cache(maxsize=8192)(escaped)  # names come from catalogs, over and over


def append_query(url: str, query: str) -> str:
    """A URL with a query, before its fragment; `&` if it has one already."""
    if not query:
        return url
    base, hash_sign, fragment = url.partition("#")
    joint = "" if base.endswith(("?", "&")) else "&" if "?" in base else "?"
    return f"{base}{joint}{query}{hash_sign}{fragment}"


def pairs(payload: Mapping[str, Value]) -> Iterator[Pair]:
    """The pairs that a payload comes to, unescaped."""
    for path, value in payload.items():
        if path[:1] == "[":
            yield from _spread(_literal(path), value, MAX_DEPTH)
        elif value.__class__ is str and not path[-1:].isdigit():
            yield path, value
        else:
            yield from _spread(_PLACE.sub("", path), value, MAX_DEPTH)


def _literal(path: str) -> str:
    """The name inside brackets, where they stand round all of it."""
    inside = path[1:-1]
    return inside if inside and path[-1] == "]" and "[" not in inside and "]" not in inside else path


def _spread(name: str, value: Value, depth: int) -> Iterator[Pair]:
    if value is None:
        return
    if isinstance(value, list | tuple) and depth:
        for item in value:
            yield from _spread(name, item, depth - 1)
    elif isinstance(value, Mapping) and depth:
        for key, item in value.items():
            yield from _spread(f"{name}.{key}", item, depth - 1)
    else:
        yield name, text(value)
