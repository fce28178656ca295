"""What a parsed template is made of. `at` is the offset in the source that an error would point to."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from leadrelay.core.values import Value


@dataclass(frozen=True, slots=True)
class Literal:
    value: Value
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Path:
    """A name to look up. `in_each` says that it stands inside an `#each`, where the item comes first."""

    segments: tuple[str, ...]
    in_each: bool = False
    at: int = 0
    outward: int = 0  # how many items it passes over, by a `../` for each

    @property
    def label(self) -> str:
        return ".".join(self.segments)


@dataclass(frozen=True, slots=True)
class Call:
    """A helper with its arguments."""

    name: str
    arguments: tuple["Node", ...]
    options: tuple[tuple[str, "Node"], ...]
    at: int
    in_each: bool = False  # as of a path, for names in an expression of its own


@dataclass(frozen=True, slots=True)
class Choice:
    """`if test then … else if … else …`, and `#if`: the first branch whose test holds."""

    branches: tuple[tuple["Node", "Node"], ...]  # test, then
    otherwise: "Node"


@dataclass(frozen=True, slots=True)
class Compare:
    operator: str  # == != < <= > >=
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Check:
    """A worded test of one value: blank, valid, in, between, matches, starts, ends, contains."""

    word: str
    subject: "Node"
    against: tuple["Node", ...]
    at: int


@dataclass(frozen=True, slots=True)
class Not:
    operand: "Node"


@dataclass(frozen=True, slots=True)
class Both:
    """`and` or `or`."""

    operator: str
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Each:
    items: "Node"
    body: "Node"
    otherwise: "Node"


@dataclass(frozen=True, slots=True)
class Print:
    """The value of a tag, put into the text round it: what an escape applies to."""

    value: "Node"


@dataclass(frozen=True, slots=True)
class Joined:
    """Text and values in a row."""

    parts: tuple["Node", ...]


Node = Literal | Path | Call | Choice | Compare | Check | Not | Both | Each | Print | Joined

NULL = Literal(None)


def below(node: object) -> Iterator[object]:
    """A node and everything in it."""
    yield node
    if isinstance(node, tuple):
        for each in node:
            yield from below(each)
    elif hasattr(node, "__dataclass_fields__"):
        for name in node.__dataclass_fields__:
            yield from below(getattr(node, name))
