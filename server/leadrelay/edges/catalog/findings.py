"""What was found wrong with a catalog so far, and where each of its values was written.

Later checks speak of paths in the merged message; here they become a file, a line and a path that a
person recognises, with names instead of positions where an entry has one.
"""

from dataclasses import dataclass, field

from leadrelay.edges.catalog.nodes import Place
from leadrelay.edges.catalog.problems import Problem

Path = tuple[str | int, ...]  # ("destinations", 2, "rest", "url"): names as in the protos


@dataclass(frozen=True, slots=True)
class Spot:
    place: Place
    shown: str  # `destinations[crm].rest.url`


@dataclass(slots=True)
class Findings:
    """Problems refuse the catalog, warnings do not. A catalog read back from the journal has no spots."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    is_torn: bool = False  # something may be missing that was meant to be there
    _spots: dict[Path, Spot] = field(default_factory=dict)
    _damaged: set[Path] = field(default_factory=set)

    def note(self, path: Path, spot: Spot) -> None:
        self._spots[path] = spot

    def damage(self, path: Path) -> None:
        """Something inside `path` could not be read, so that what it lacks is no news."""
        self._damaged.add(path)

    def is_written(self, path: Path) -> bool:
        return path in self._spots

    def is_damaged(self, path: Path) -> bool:
        return path in self._damaged

    def problem(self, path: Path, message: str, *, text_line: int = 1) -> None:
        self.problems.append(self._at(path, message, text_line))

    def absence(self, path: Path, message: str) -> None:
        """A problem with what `path` lacks; silent where something inside it could not be read."""
        if path not in self._damaged:
            self.problem(path, message)

    def warning(self, path: Path, message: str, *, text_line: int = 1) -> None:
        self.warnings.append(self._at(path, message, text_line))

    def file_of(self, path: Path) -> str:
        """The file in which it stands, or what it belongs to; empty where nobody knows."""
        spots = (self._spots.get(path[:end]) for end in range(len(path), 0, -1))
        return next((spot.place.file for spot in spots if spot is not None), "")

    def where(self, path: Path) -> str:
        """`file:line` of what stands at `path`, for a message about something elsewhere."""
        spot = self._spots.get(path)
        return f"{spot.place.file}:{spot.place.line}" if spot else plain_path(path)

    def _at(self, path: Path, message: str, text_line: int) -> Problem:
        for end in range(len(path), 0, -1):
            spot = self._spots.get(path[:end])
            if spot is not None:
                line = spot.place.line_of(text_line) if end == len(path) else spot.place.line
                return Problem(
                    spot.place.file, line, spot.shown + plain_path(path[end:], spot.shown), message
                )
        return Problem("", 0, plain_path(path), message)


def plain_path(path: Path, before: str = "") -> str:
    """A path in text: `.rest.url` after something, `rest.url` at the beginning, positions in brackets."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text if before else text.removeprefix(".")
