"""Sample leads from a file, a folder, a table or standard input, for verbs that look at leads.

What cannot be read as a lead is told beside the others and hides none of them.
"""

import csv
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any

from leadrelay.edges.cli.separators import SEPARATORS, said_separator, separator_in

LONGEST_LEAD = 4 * 1024 * 1024  # bytes that are read of a file
MOST_LEADS = 256 * 1024 * 1024  # bytes of one JSON file with many leads
STDIN = "-"
_LINES = (".jsonl", ".ndjson")
_TABLES = (".csv", ".tsv")
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
    return path != STDIN and (Path(path).is_dir() or path.lower().endswith((*_TABLES, *_LINES)))


def samples_in(path: Path) -> Samples:
    """The leads of a CSV file, of a file with one JSON object a line, or of the `*.json` files of a folder.

    Raises OSError and Unreadable.
    """
    if not path.is_dir():
        with path.open("rb"):  # so that a file that is not there is told before anything else
            leads = _lines(path) if path.suffix.lower() in _LINES else _rows(path)
            return Samples(leads, len(path.name) + len(":123456"))
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
    return _lead(text)


def leads_in(path: str) -> Iterator[Sample]:
    """The leads of anything that holds some, a JSON list included. Raises OSError and Unreadable."""
    if is_many(path):
        yield from samples_in(Path(path)).leads
        return
    name = "standard input" if path == STDIN else Path(path).name
    with sys.stdin.buffer if path == STDIN else Path(path).open("rb") as file:
        text = file.read(MOST_LEADS + 1)
    if len(text) > MOST_LEADS:
        raise Unreadable(f"is longer than {MOST_LEADS} bytes; give a file of lines (.jsonl) or a CSV file")
    tree = _parsed(text)
    if not isinstance(tree, list):
        yield Sample(name, _fields(tree))
        return
    for place, each in enumerate(tree, 1):
        yield _sample(f"{name}[{place}]", partial(_fields, each))


def _lead(text: bytes) -> dict[str, Any]:
    return _fields(_parsed(text))


def _fields(tree: Any) -> dict[str, Any]:
    if not isinstance(tree, dict):
        raise Unreadable('a lead is one JSON object of fields, such as {"email": "ada@example.com"}')
    return tree


def _parsed(text: bytes) -> Any:
    """JSON with whole numbers of any length, which are account numbers and lose no digit."""
    try:
        tree = json.loads(text, parse_constant=_no_number, object_pairs_hook=_each_once)
        json.dumps(tree, ensure_ascii=False).encode()  # half a surrogate pair is no text to anybody
    except RecursionError as error:
        raise Unreadable("is nested too deep") from error
    except UnicodeError as error:
        raise Unreadable("is not text in UTF-8") from error
    except _Twice as error:
        raise Unreadable(f"names {error} more than once") from error
    except json.JSONDecodeError as error:
        raise Unreadable(f"is not JSON: {error}") from error
    except ValueError as error:
        raise Unreadable("is not JSON: a number is NaN, infinite, or of thousands of digits") from error
    return tree


class _Twice(Exception):
    """A name that an object has a second time; one of its values would be lost."""


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    tree = dict(pairs)
    if len(tree) < len(pairs):
        names = [name for name, _ in pairs]
        raise _Twice(next(name for name in names if names.count(name) > 1)[:WIDEST])
    return tree


def _no_number(name: str) -> Any:
    raise ValueError(name)


def _is_lead(file: Path) -> bool:
    return file.suffix.lower() == ".json" and not file.name.startswith(".") and file.is_file()


def _one(file: Path) -> Sample:
    return _sample(file.name, partial(lead_in, str(file)))


def _sample(name: str, read: Callable[[], dict[str, Any]]) -> Sample:
    try:
        return Sample(name, read())
    except Unreadable as error:
        return Sample(name, trouble=str(error))
    except OSError as error:
        return Sample(name, trouble=f"cannot be read: {error.strerror}")


def _lines(path: Path) -> Iterator[Sample]:
    """A lead for each line that is not empty."""
    with path.open("rb") as stream:
        for number, line in enumerate(iter(lambda: stream.readline(LONGEST_LEAD + 1), b""), 1):
            if len(line) > LONGEST_LEAD:
                trouble = f"is longer than {LONGEST_LEAD} bytes; the rest of the file was not read"
                yield Sample(f"{path.name}:{number}", trouble=trouble)
                return
            if line.strip():
                yield _sample(f"{path.name}:{number}", partial(_lead, line))


def _rows(path: Path) -> Iterator[Sample]:
    """A lead for each line below the names. An empty cell is an answer that was not given."""
    with path.open(newline="", encoding="utf-8-sig") as stream:
        before, reader = 0, csv.DictReader(stream)
        try:
            before, separator = _beginning(stream)
            reader = csv.DictReader(stream, delimiter=separator, strict=True)
            reader.fieldnames = [name.strip() for name in reader.fieldnames or ()]
            if twice := _twice(reader.fieldnames):
                yield Sample(f"{path.name}:{before + 1}", trouble=f"names {', '.join(twice)} more than once")
                return
            yield from _below(reader, path.name, before)
        except (UnicodeDecodeError, csv.Error) as error:
            what = "is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error)
            where = f"{path.name}:{before + reader.line_num + 1}"
            yield Sample(where, trouble=f"{what}; the rest of the file was not read")


def _beginning(stream: IO[str]) -> tuple[int, str]:
    """How many lines stand before the names, and what separates the cells; the names are read next."""
    before, at = 0, 0
    while True:
        line = stream.readline(csv.field_size_limit())
        said = said_separator(line)
        if said is not None:
            return before + 1, said
        if line.strip() or not line:
            stream.seek(at)
            return before, separator_in(line)
        before, at = before + 1, stream.tell()


def _below(reader: "csv.DictReader[str]", name: str, before: int) -> Iterator[Sample]:
    """Row by row; one whose quotes are wrong is no lead, and hides none that follows."""
    while True:
        begins = before + reader.reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            trouble = _QUOTES.get(str(error).partition(" ")[0])
            if trouble is None:
                raise
            yield Sample(f"{name}:{begins}", trouble=trouble)
        else:
            yield _row(f"{name}:{before + reader.line_num - _breaks(row)}", row)


_QUOTES = {  # what the csv module's words begin with
    "unexpected": "has a quote that is never closed",
    **{f"'{each}'": 'has a quote inside of quotes, which is written ""' for each in SEPARATORS},
}


def _breaks(row: dict[Any, Any]) -> int:
    """A row with line breaks in it ends so many lines further down than it begins."""
    return sum(cell.count("\n") for cell in row.values() if isinstance(cell, str))


def _twice(names: Sequence[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1 and name]


def _row(name: str, row: dict[Any, Any]) -> Sample:
    if None in row:
        return Sample(name, trouble=f"has {len(row[None])} cell(s) more than the first line has names")
    return Sample(name, {column: cell for column, cell in row.items() if column and cell})
