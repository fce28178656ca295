"""Regular expressions that a catalog may contain: RE2, so that no text makes them run long."""

from collections.abc import Iterator
from typing import Any

import re2

MAX_PATTERN = 1000  # characters
MAX_MEMORY = 1 << 20  # bytes that one may compile to


class Expression:
    """A compiled expression."""

    __slots__ = ("_compiled", "groups")

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled
        self.groups: int = compiled.groups

    def search(self, words: str) -> Any:
        """The first match, or None."""
        return self._compiled.search(_encodable(words))

    def finditer(self, words: str) -> Iterator[Any]:
        """All matches from left to right; their places are those in `words`."""
        return iter(self._compiled.finditer(_encodable(words)))


def _encodable(words: str) -> str:
    """RE2 works on UTF-8, which has no lone surrogates; some JSON does."""
    if words.isascii():
        return words
    try:
        words.encode()
    except UnicodeEncodeError:
        return words.encode(errors="replace").decode()
    return words


def compile_pattern(pattern: str, *, ignore_case: bool = False) -> Expression:
    """A compiled expression. Raises ValueError that says what is wrong with it."""
    if len(pattern) > MAX_PATTERN:
        raise ValueError(f"a regular expression may have {MAX_PATTERN} characters")
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not ignore_case
    options.max_mem = MAX_MEMORY
    try:
        return Expression(re2.compile(_encodable(pattern), options))
    except re2.error as error:
        words = error.args[0]
        reason = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
        raise ValueError(f"not a regular expression that RE2 takes: {reason}") from error
