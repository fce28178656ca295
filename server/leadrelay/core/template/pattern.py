"""Regular expressions that a catalog may contain: RE2, so that no text makes them run long."""

from typing import Any

import re2

MAX_PATTERN = 1000  # characters
MAX_MEMORY = 1 << 20  # bytes that one may compile to


def compile_pattern(pattern: str, *, ignore_case: bool = False) -> Any:
    """A compiled expression. Raises ValueError that says what is wrong with it."""
    if len(pattern) > MAX_PATTERN:
        raise ValueError(f"a regular expression may have {MAX_PATTERN} characters")
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not ignore_case
    options.max_mem = MAX_MEMORY
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        words = error.args[0]
        reason = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
        raise ValueError(f"not a regular expression that RE2 takes: {reason}") from error
