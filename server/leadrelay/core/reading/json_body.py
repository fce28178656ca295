"""JSON bodies, of which no digit may be lost and whose depth has an end."""

import json
import re
from typing import Any

import orjson

MAX_DEPTH = 64

_ESCAPES = re.compile(
    rb"\\[^u]|\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})", re.DOTALL
)
_BEYOND_64_BITS = re.compile(rb"[0-9]{19}")


class NotJson(Exception):
    """The body is no JSON that is read; says why."""


def parse_json(body: bytes) -> Any:
    """Lists, objects and scalars. Raises NotJson."""
    if not body.strip():
        raise NotJson("the body is empty")
    try:
        tree = _loads(body)
    except ValueError:
        tree = _mended(body)
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH and _depth_exceeds(tree, MAX_DEPTH):
        raise NotJson(f"the body is nested more than {MAX_DEPTH} levels deep")
    return tree


def _loads(body: bytes) -> Any:
    if _BEYOND_64_BITS.search(body) is None:
        return orjson.loads(body)
    try:  # long numbers are references, of which no digit may be lost
        tree = json.loads(body, parse_int=_whole, parse_constant=_no_number)
        # This parser lets pass what nobody could write down again, such as half a surrogate pair: a fact
        # that the journal cannot take would hold up its lead for ever.
        return orjson.loads(orjson.dumps(tree))
    except (RecursionError, orjson.JSONEncodeError) as error:
        raise ValueError("nested too deep, or no text") from error


def _mended(body: bytes) -> Any:
    """Where a text was cut in the middle of an emoji, half of it is left. Raises NotJson."""
    whole = _ESCAPES.sub(lambda found: b"\\ufffd" if found["half"] else found[0], body)
    try:
        if whole != body:
            return _loads(whole)
    except ValueError:
        pass
    raise NotJson("the body is not JSON")


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) < 19 else digits


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _depth_exceeds(tree: Any, limit: int) -> bool:
    level = [tree]
    for _ in range(limit):
        below: list[Any] = []
        for node in level:
            children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
            below.extend(child for child in children if isinstance(child, dict | list))
        if not below:
            return False
        level = below
    return True
