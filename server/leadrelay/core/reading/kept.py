"""What is kept of a reply: words and references as bounded lines, and the data for later steps."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from leadrelay.core.values import Value, plain, text

MAX_WORDS = 256  # characters of the recipient's words, and of its reference
MAX_SAID = 20  # things that the recipient says at one place
MAX_APPENDED = 64 * 1024  # bytes as JSON


def line(value: Value) -> str:
    """A value as one bounded line."""
    words = " ".join(text(value)[: 4 * MAX_WORDS].split())
    return words if len(words) <= MAX_WORDS else words[: MAX_WORDS - 1] + "…"


def said_in(values: Sequence[Value]) -> str:
    """Several words as one bounded line."""
    if not values:
        return ""
    if len(values) == 1:
        return line(values[0])
    return line(", ".join(text(value).strip() for value in values[:MAX_SAID]))


def bounded(members: Mapping[str, Any], roughly: int | None = None) -> Mapping[str, Any]:
    """The members that fit, in order. `roughly` is the size that they came in, when known."""
    if roughly is not None and roughly * 3 <= MAX_APPENDED:  # no JSON grows threefold by being rewritten
        return members
    kept: dict[str, Any] = {}
    room = MAX_APPENDED
    for name, value in members.items():
        room_needed = _size(value) + len(name) * 3
        if room_needed <= room:
            kept[name] = value
            room -= room_needed
    return kept


def _size(value: Any) -> int:
    try:
        return len(orjson.dumps(value, default=plain))
    except orjson.JSONEncodeError:
        return MAX_APPENDED + 1
