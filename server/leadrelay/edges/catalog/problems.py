"""What is wrong, or suspicious, in a catalog: always with the place and with what would be right.

A catalog is refused as a whole, with every problem at once (behaviour 2). No message repeats a value that
may be a credential.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches

UNQUOTED_TEMPLATE = 'a text that begins with {{ needs quotes, as in "{{first_name}}"'
LONGEST_NAME = 60  # characters of a foreign word that a message repeats


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right. Without a file or a line (0) it belongs to the catalog as a whole."""

    file: str
    line: int  # from 1
    path: str  # into the document: `destinations[crm].rest.url`
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (place, self.path, self.message) if part)


class CatalogRefused(Exception):
    """The catalog has problems; nothing was changed."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = in_order(problems)
        super().__init__(render_problems(self.problems))


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """As a reader meets them, file by file, each once."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: (problem.file, problem.line)))


def render_problems(problems: Sequence[Problem]) -> str:
    """One line each, as compilers do: `file:line: path: message`."""
    return "\n".join(map(str, problems))


def named(word: str) -> str:
    """A word of the file inside a message: marked as such, on one line, not endless."""
    cut = word if len(word) <= LONGEST_NAME else word[: LONGEST_NAME - 1] + "…"
    return "`" + "".join(letter if letter.isprintable() else "�" for letter in cut) + "`"


def nearest(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """The known spelling that was probably meant; case and the kind of dash do not count."""
    meant, by_plain = _plain(word[:100]), {_plain(name): name for name in sorted(known)}
    close = get_close_matches(meant, by_plain, n=5, cutoff=cutoff)
    # Of names that are equally near, the first: `phone_1` rather than `phone_3`.
    best = min(close, key=lambda name: (-SequenceMatcher(None, name, meant).ratio(), name), default=None)
    return by_plain[best] if best is not None else None


def did_you_mean(word: str, known: Iterable[str], *, otherwise: str) -> str:
    """`; did you mean ...?` where a known spelling is near, else the known ones after `otherwise`."""
    names = sorted(known)
    close = nearest(word, names)
    if close is not None:
        return f"; did you mean {named(close)}?"
    return f"; {otherwise}: {listed(names)}" if names else ""


def listed(names: Iterable[str], most: int = 40) -> str:
    """Names one after another, cut where a list would hide the message."""
    shown = [named(name) for name in names]
    more = [f"and {len(shown) - most} more"] if len(shown) > most else []
    return ", ".join(shown[:most] + more)


def _plain(word: str) -> str:
    return word.lower().replace("-", "_")
