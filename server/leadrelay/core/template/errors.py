"""What can be wrong with a template: when it is compiled, and when a hostile value meets it."""

from collections.abc import Iterable
from difflib import get_close_matches

MAX_OUTPUT = 1024 * 1024  # characters that one template, or one helper, may render


class TemplateError(Exception):
    """The text is no template. Says where, and what was expected there."""

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(f"line {line}, column {column}: {message}")
        self.line, self.column, self.message = line, column, message


class TemplateFault(Exception):
    """A limit was broken while rendering. The words name no value."""


def checked_size(length: int) -> None:
    """Raises TemplateFault before something too large is built."""
    if length > MAX_OUTPUT:
        raise TemplateFault(f"renders to more than {MAX_OUTPUT} characters")


def error_at(source: str, offset: int, message: str) -> TemplateError:
    """An error with its place, counted from 1."""
    before = source[:offset]
    return TemplateError(before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1, message)


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint for a misspelt word, or nothing."""
    close = get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return f"; did you mean `{close[0]}`?" if close else ""
