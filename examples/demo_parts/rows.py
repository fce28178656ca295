"""The sample file: one lead a row, sent through the flows in turn so that each gets a fair share."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from demo_parts.processes import Failed, shown
from leadrelay_client import Lead, lead_of


@dataclass(frozen=True, slots=True)
class Row:
    """A lead of the file, and where it is to go."""

    name: str  # the source's own number for it
    flow: str
    request_id: str  # new for every run, so that no run joins the leads of another
    lead: Lead


def read_rows(file: Path, run: str, flows: Sequence[str], limit: int | None = None) -> list[Row]:
    """The rows of the file, at most `limit`. Raises Failed."""
    try:
        with file.open(newline="", encoding="utf-8") as stream:
            rows = list(_rows(islice(csv.DictReader(stream), limit), run, flows))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Failed(f"{shown(file)} cannot be read: {error}") from error
    if not rows:
        raise Failed(
            f"{shown(file)} has no leads: a line of column names and a line for each lead are needed"
        )
    return rows


def _rows(lines: Iterator[dict[str, str]], run: str, flows: Sequence[str]) -> Iterator[Row]:
    for number, (answers, flow) in enumerate(zip(lines, cycle(flows), strict=False), start=1):
        name = answers.get("request_id") or f"row-{number}"
        # A short row has None for what it lacks, a long one keeps the surplus under None: both go.
        given = {field: answer for field, answer in answers.items() if field and answer}
        yield Row(name, flow, f"{run}-{name}", lead_of(given, source=given.get("source", "")))
