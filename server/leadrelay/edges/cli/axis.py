"""Time as columns of a terminal: bars on a common axis, durations and moments as people say them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from rich.text import Text

SECOND = 1_000_000_000  # ns


class Stretch(NamedTuple):
    """A part of a bar."""

    began: int
    until: int
    mark: str  # one cell
    style: str = ""


@dataclass(frozen=True, slots=True)
class Axis:
    """From one moment to another, over so many cells."""

    began: int
    until: int
    cells: int

    def bar(self, stretches: Iterable[Stretch]) -> Text:
        """Later stretches cover earlier ones; each has a cell at least, so that none gets lost."""
        row = [(" ", "")] * self.cells
        for stretch in stretches:
            first = min(max(self._cell(stretch.began), 0), self.cells - 1)
            end = min(max(self._cell(stretch.until), first + 1), self.cells)
            row[first:end] = [(stretch.mark, stretch.style)] * (end - first)
        return Text.assemble(*row)

    def labels(self) -> str:
        """The beginning, the middle where there is room for it, and the end, as durations."""
        length = self.until - self.began
        middle, end = duration(length // 2), duration(length)
        row = "0".ljust(self.cells // 2 - len(middle) // 2) + middle
        if len(row) + 2 + len(end) > self.cells:
            row = "0"
        return row.ljust(self.cells - len(end)) + end

    def ticks(self, line: str, left: str, middle: str, right: str) -> str:
        half = self.cells // 2
        return left + line * (half - 1) + middle + line * (self.cells - half - 2) + right

    def _cell(self, moment: int) -> int:
        return round((moment - self.began) * self.cells / max(self.until - self.began, 1))


def duration(nanoseconds: int) -> str:
    """At most 7 characters, and as exact as people care for."""
    milliseconds = nanoseconds / 1e6
    if milliseconds < 1:
        return "<1 ms"
    if milliseconds < 999.5:
        return f"{milliseconds:.0f} ms"
    seconds = milliseconds / 1000
    if seconds < 59.95:
        return f"{seconds:.2f} s" if seconds < 9.995 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}m {rest:02}s"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours}h {minutes:02}m"
    days, hours = divmod(hours, 24)
    return f"{days}d {hours:02}h" if days < 100 else f"{days} d"


def moment(nanoseconds: int) -> str:
    whole, rest = divmod(nanoseconds, SECOND)
    return f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%d %H:%M:%S}.{rest // 1_000_000:03} UTC"
