"""Signs, colours and foreign text for terminals of every kind.

Every outcome has a sign and a word beside its colour. Recipients' words are foreign text: control
characters in them never reach the terminal, and they are cut rather than wrapped.
"""

import unicodedata
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from leadrelay.core.outcome import Kind, Outcome, Result

COLOURS = {
    Kind.SUCCESS: "green",
    Kind.HARD_REJECT: "red",
    Kind.SOFT_REJECT: "yellow",
    Kind.SYSTEM_ERROR: "magenta",
    Kind.TIMEOUT: "magenta",
    Kind.SKIPPED: "bright_black",
}
KIND_OF = {
    Result.SUCCESS: Kind.SUCCESS,
    Result.FAILURE: Kind.HARD_REJECT,
    Result.ERROR: Kind.SYSTEM_ERROR,
    Result.UNRESOLVED: Kind.TIMEOUT,
}


@dataclass(frozen=True, slots=True)
class Marks:
    """What a terminal can show; every mark but `dot` and `ellipsis` is one cell."""

    kinds: dict[Kind, str]
    under_way: str
    busy: str  # a cell of an attempt
    idle: str  # a cell of a pause
    dot: str  # between remarks
    ellipsis: str
    ticks: tuple[str, str, str, str]  # line, left, middle, right
    is_ascii: bool = False
    unresolved: str = "?"

    def sign(self, outcome: Outcome) -> str:
        return self.unresolved if outcome.is_unresolved else self.kinds[outcome.kind]

    def clean(self, foreign: str) -> str:
        """One line of words that changes nothing about the terminal."""
        return self.clean_line(" ".join(foreign.split()))

    def clean_line(self, foreign: str) -> str:
        """The same with its blanks kept."""
        safe = "".join("?" if unicodedata.category(each)[0] == "C" else each for each in foreign)
        return safe.encode("ascii", "replace").decode() if self.is_ascii else safe

    def cut(self, text: str, cells: int) -> str:
        """At most so many cells."""
        if cell_len(text) <= cells:
            return text
        return set_cell_size(text, max(cells - len(self.ellipsis), 0)).rstrip() + self.ellipsis

    def fit(self, text: str, cells: int) -> str:
        """Exactly so many cells."""
        return set_cell_size(self.cut(text, cells), cells)


UNICODE = Marks(
    kinds={
        Kind.SUCCESS: "✓",
        Kind.HARD_REJECT: "✗",
        Kind.SOFT_REJECT: "↻",
        Kind.SYSTEM_ERROR: "!",
        Kind.TIMEOUT: "…",
        Kind.SKIPPED: "–",
    },
    under_way="▸",
    busy="━",
    idle="┄",
    dot=" · ",
    ellipsis="…",
    ticks=("─", "├", "┼", "┤"),
)
ASCII = Marks(
    kinds={
        Kind.SUCCESS: "+",
        Kind.HARD_REJECT: "x",
        Kind.SOFT_REJECT: "~",
        Kind.SYSTEM_ERROR: "!",
        Kind.TIMEOUT: ".",
        Kind.SKIPPED: "-",
    },
    under_way=">",
    busy="=",
    idle=".",
    dot=" | ",
    ellipsis="...",
    ticks=("-", "|", "+", "|"),
    is_ascii=True,
)
