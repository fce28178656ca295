"""The two things that a type can make of a text; both are `values.Typed`.

Neither shows its text when it is printed: values of leads do not belong into messages.
"""

from collections.abc import Mapping
from typing import Final

from leadrelay.core.values import Value

NO_PARTS: Mapping[str, Value] = {}


class Valid:
    """A text that is one of its type's."""

    __slots__ = ("normal", "parts", "raw")

    valid: Final = True

    def __init__(self, raw: str, normal: Value, parts: Mapping[str, Value] = NO_PARTS) -> None:
        self.raw = raw
        self.normal = normal
        self.parts = parts

    def part(self, name: str, now: int | None = None) -> Value:
        """A part by its name. `now`, in ns since the epoch, is for parts that change with time."""
        del now
        return self.parts.get(name)


class Invalid:
    """A text that is none of its type's, and goes out as it came."""

    __slots__ = ("raw",)

    valid: Final = False
    normal: Final = None

    def __init__(self, raw: str) -> None:
        self.raw = raw

    def part(self, name: str, now: int | None = None) -> Value:
        """None: what could not be read has no parts."""
        del name, now
        return None
