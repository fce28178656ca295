"""A YAML document as a tree whose every node knows where it stands."""

from dataclasses import dataclass, field

from leadrelay.edges.catalog.scalars import Plain


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in a file, both numbers from 1."""

    file: str
    line: int
    column: int = 1
    text_line: int = 0  # where a block text (`|`) has its first line; 0: on the same line

    def line_of(self, text_line: int) -> int:
        """The line of the file on which a line (from 1) of this scalar's text stands, as far as known."""
        return self.text_line + text_line - 1 if self.text_line else self.line


@dataclass(frozen=True, slots=True)
class Scalar:
    place: Place
    value: Plain
    text: str  # as written, without quotes
    is_quoted: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    place: Place
    items: list["Node"] = field(default_factory=list)


@dataclass(slots=True)
class Table:
    """Keys with values, in order; each key once."""

    place: Place
    entries: dict[str, tuple[Place, "Node"]] = field(default_factory=dict)  # key to (its place, value)
    is_whole: bool = True  # else what it lacks may stand in what could not be read


@dataclass(frozen=True, slots=True)
class Broken:
    """What stands here could not be read; the problem has been noted."""

    place: Place


Node = Scalar | Listing | Table | Broken


@dataclass(frozen=True, slots=True)
class Document:
    file: str
    root: Node
