"""Pieces of Markdown. A table's cell cannot have a bare `|`, nor code a backtick of its own."""

from collections.abc import Iterable, Sequence

from leadrelay.core.values import Value, to_json


def code(words: str) -> str:
    """Words as code."""
    if "`" not in words:
        return f"`{words}`"
    return f"`` {words} ``"


def value(given: Value) -> str:
    """A value as JSON has it, so that `"5"` and `5` look different."""
    return code(to_json(given).decode())


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines)
