"""Fixed-width records: every value has its columns (behaviour 3.5)."""

from collections.abc import Iterable
from itertools import pairwise

from leadrelay.core.encoding.body import Align, Column, EncodingError, FixedWidthSpec
from leadrelay.core.encoding.delimited import unknown_columns
from leadrelay.core.encoding.payload import Payload
from leadrelay.core.masking import MASK
from leadrelay.core.values import Problem, text

MAX_RECORD = 64 * 1024  # characters


def check_fixed_width(spec: FixedWidthSpec) -> list[Problem]:
    """What is wrong with the columns: each alone, and where two of them overlap."""
    if not spec.columns:
        return [Problem(None, "fixed_width.columns", "are needed: name, start and width of each value")]
    problems = [
        Problem(None, f"fixed_width.columns[{place}].{part}", message)
        for place, column in enumerate(spec.columns)
        for part, message in _wrong(column)
    ]
    return problems or _overlaps(spec.columns)


def _wrong(column: Column) -> Iterable[tuple[str, str]]:
    if not column.name:
        yield "name", "is empty; name the path of the payload that stands here"
    if column.start < 1:
        yield "start", "is counted from 1"
    if column.width < 1:
        yield "width", "is at least 1"
    if column.start + column.width - 1 > MAX_RECORD:
        yield "width", f"ends beyond the longest record of {MAX_RECORD} characters"
    if len(column.pad) != 1:
        yield "pad", "is one character"


def _overlaps(columns: tuple[Column, ...]) -> list[Problem]:
    problems: list[Problem] = []
    in_order = sorted(enumerate(columns), key=lambda pair: pair[1].start)
    for (_, before), (place, column) in pairwise(in_order):
        if column.start < before.start + before.width:
            message = f"`{column.name}` begins inside `{before.name}`"
            problems.append(Problem(None, f"fixed_width.columns[{place}].start", message))
    return problems


class FixedWidthWriter:
    """Writes the record of a payload as text."""

    def __init__(self, spec: FixedWidthSpec) -> None:
        self._columns = sorted(spec.columns, key=lambda column: column.start)
        self._terminator = spec.terminator

    def write(self, payload: Payload) -> str:
        parts: list[str] = []
        at = 1
        for column in self._columns:
            parts += " " * (column.start - at), _cell(column, payload)
            at = column.start + column.width
        return "".join(parts) + self._terminator

    def check(self, paths: Iterable[str]) -> list[str]:
        return unknown_columns(paths, [column.name for column in self._columns])


def _cell(column: Column, payload: Payload) -> str:
    words = " ".join(text(payload.get(column.name)).splitlines())
    if len(words) > column.width:
        if not column.cut and words != MASK:  # a mask stands for a value that fitted
            length = f"{len(words)} characters do not fit into {column.width}"
            raise EncodingError(f"{column.name}: {length}; widen the column or set `cut`")
        words = words[: column.width]
    align = str.rjust if column.align is Align.RIGHT else str.ljust
    return align(words, column.width, column.pad)
