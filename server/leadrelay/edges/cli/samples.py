"""Sample leads from a file, a folder, a table or standard input, for verbs that look at leads.

What cannot be read as a lead is told beside the others and hides none of them.
"""

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LONGEST_LEAD = 4 * 1024 * 1024  # bytes that are read of a file
STDIN = "-"
WIDEST = 40  # columns for the longest name


class Unreadable(Exception):
    """This is no lead; the words say why."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One lead, or why it is none."""

    name: str  # the file's, with the line where it is one of many
    fields: dict[str, Any] = field(default_factory=dict)
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Samples:
    """Leads to go through one by one."""

    leads: Iterator[Sample]
    width: int  # of the longest name, for a column


def is_many(path: str) -> bool:
    """Whether a path stands for a table of leads rather than for one."""
    return path != STDIN and (Path(path).is_dir() or path.lower().endswith(".csv"))


def samples_in(path: Path) -> Samples:
    """The leads of a CSV file, or of the `*.json` files of a folder. Raises OSError and Unreadable."""
    if not path.is_dir():
        with path.open("rb"):  # so that a file that is not there is told before anything else
            return Samples(_rows(path), len(path.name) + len(":123456"))
    files = sorted(file for file in path.iterdir() if _is_lead(file))
    if not files:
        raise Unreadable("the folder has no leads; files named *.json were looked for in it")
    return Samples(map(_one, files), min(max(len(file.name) for file in files), WIDEST))


def lead_in(path: str) -> dict[str, Any]:
    """The fields of a file with one JSON object, or of standard input. Raises OSError and Unreadable."""
    if path == STDIN:
        text = sys.stdin.buffer.read(LONGEST_LEAD + 1)
    else:
        with Path(path).open("rb") as file:
            text = file.read(LONGEST_LEAD + 1)
    if len(text) > LONGEST_LEAD:
        raise Unreadable(f"is longer than {LONGEST_LEAD} bytes; a lead is at most 1 MiB")
    fields = _parsed(text)
    if not isinstance(fields, dict):
        raise Unreadable('a lead is one JSON object of fields, such as {"email": "ada@example.com"}')
    return fields


def _parsed(text: bytes) -> Any:
    """JSON with whole numbers of any length, which are account numbers and lose no digit."""
    try:
        tree = json.loads(text, parse_constant=_no_number)
        json.dumps(tree, ensure_ascii=False).encode()  # half a surrogate pair is no text to anybody
    except RecursionError as error:
        raise Unreadable("is nested too deep") from error
    except UnicodeError as error:
        raise Unreadable("is not text in UTF-8") from error
    except json.JSONDecodeError as error:
        raise Unreadable(f"is not JSON: {error}") from error
    except ValueError as error:
        raise Unreadable("is not JSON: a number is NaN, infinite, or of thousands of digits") from error
    return tree


def _no_number(name: str) -> Any:
    raise ValueError(name)


def _is_lead(file: Path) -> bool:
    return file.suffix.lower() == ".json" and not file.name.startswith(".") and file.is_file()


def _one(file: Path) -> Sample:
    try:
        return Sample(file.name, lead_in(str(file)))
    except Unreadable as error:
        return Sample(file.name, trouble=str(error))
    except OSError as error:
        return Sample(file.name, trouble=f"cannot be read: {error.strerror}")


def _rows(path: Path) -> Iterator[Sample]:
    """A lead for each line below the names. An empty cell is an answer that was not given."""
    with path.open(newline="", encoding="utf-8-sig") as stream:
        reader = csv.DictReader(stream)
        try:
            if twice := _twice(reader.fieldnames or ()):
                yield Sample(f"{path.name}:1", trouble=f"names {', '.join(twice)} more than once")
                return
            for row in reader:
                yield _row(f"{path.name}:{reader.line_num - _breaks(row)}", row)
        except (UnicodeDecodeError, csv.Error) as error:
            what = "is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error)
            where = f"{path.name}:{reader.line_num + 1}"
            yield Sample(where, trouble=f"{what}; the rest of the file was not read")


def _breaks(row: dict[Any, Any]) -> int:
    """A row with line breaks in it ends so many lines further down than it begins."""
    return sum(cell.count("\n") for cell in row.values() if isinstance(cell, str))


def _twice(names: Sequence[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1 and name]


def _row(name: str, row: dict[Any, Any]) -> Sample:
    if None in row:
        return Sample(name, trouble=f"has {len(row[None])} cell(s) more than the first line has names")
    return Sample(name, {column: cell for column, cell in row.items() if column and cell})
