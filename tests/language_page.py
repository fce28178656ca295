"""docs/language.md as a reader sees it: its headings, tables and fenced blocks, and its examples' lead."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from leadrelay.core.fields import known_fields, types_of
from leadrelay.core.lead import Lead, TraceContext
from leadrelay.core.outcome import Kind, Outcome, ReasonCode
from leadrelay.core.scope import DeliveryContext, Scope

PAGE = Path(__file__).parents[1] / "docs/language.md"

_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_CELL = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class Heading:
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced block; `kind` is all that stands behind the fence, such as `yaml destination`."""

    line: int
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    cells: dict[str, str]  # by the heads of their columns

    def code(self, head: str) -> str:
        """The code in a cell; empty where there is none."""
        found = codes(self.cells[head])
        return found[0] if found else ""


@dataclass(frozen=True, slots=True)
class Table:
    line: int
    head: tuple[str, ...]
    rows: tuple[Row, ...]


Part = Heading | Fence | Table


def parts(page: str) -> Iterator[Part]:
    """What a page is made of, but for its prose."""
    lines = page.splitlines()
    at = 0
    while at < len(lines):
        line, start = lines[at], at + 1
        at += 1
        if line.startswith("```"):
            end = lines.index("```", at)
            yield Fence(start, line.removeprefix("```"), "\n".join(lines[at:end]))
            at = end + 1
        elif line.startswith("#"):
            yield Heading(start, line.lstrip("#").strip())
        elif line.startswith("|"):
            while at < len(lines) and lines[at].startswith("|"):
                at += 1
            yield _table(lines[start - 1 : at], start)


def _table(lines: list[str], first: int) -> Table:
    head = _cells(lines[0])
    rows = [Row(first + at, dict(zip(head, _cells(line), strict=True))) for at, line in enumerate(lines)]
    return Table(first, tuple(head), tuple(rows[2:]))


def _cells(line: str) -> list[str]:
    return [cell.strip().replace(r"\|", "|") for cell in _CELL.split(line)[1:-1]]


def codes(words: str) -> list[str]:
    """Everything in backticks. Outer spaces are the backticks' own, where there are some on both sides."""
    return [_bare(found[2]) for found in _CODE.finditer(words)]


def _bare(code: str) -> str:
    is_padded = code.startswith(" ") and code.endswith(" ") and not code.isspace()
    return code[1:-1] if is_padded else code


# What the page says of its examples.

PARTS = tuple(parts(PAGE.read_text(encoding="utf-8")))
TYPES = types_of(known_fields())
NOW = 1_700_000_000_000_000_000  # 2023-11-14T22:13:20Z
(LEAD,) = (json.loads(part.text) for part in PARTS if isinstance(part, Fence) and part.kind == "json lead")


def tables() -> Iterator[tuple[str, Table]]:
    """Every table, with the heading that it stands under."""
    heading = ""
    for part in PARTS:
        if isinstance(part, Heading):
            heading = part.text
        elif isinstance(part, Table):
            yield heading, part


def the_lead(answers: dict[str, Any]) -> Lead:
    """The lead of the page, with these answers."""
    return Lead(
        id="018bcfe5-6800-7000-8000-000000000041",
        flow="loans",
        fields={name: value for name, value in answers.items() if isinstance(value, str)},
        nested={name: value for name, value in answers.items() if not isinstance(value, str)},
        received_at=NOW,
        submitted_at=NOW - 15_000_000_000,
        source="acme_media",
        ip="203.0.113.7",
        trace=TraceContext(trace_id="0" * 32),
        catalog_version=1,
    )


def the_scope(answers: dict[str, Any]) -> Scope:
    """On its way to `my_buyer`, after `crm` has taken it and `premium_buyer` has not."""
    too_poor = Outcome(kind=Kind.HARD_REJECT, code=ReasonCode.NOT_ELIGIBLE, words="Income too low")
    return Scope.of(
        the_lead(answers),
        appended={"crm": {"id": "00Q5"}},
        outcomes={
            "crm": Outcome(kind=Kind.SUCCESS, price=Decimal("12.50"), reference="00Q5"),
            "premium_buyer": too_poor,
        },
        destination="my_buyer",
        delivery=DeliveryContext(id="my_buyer", idempotency_key="L-1-my_buyer"),
        now=NOW,
    )
