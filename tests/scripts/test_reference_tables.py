"""The tables of docs/language.md: every example in them is true (behaviour 3)."""

import json
import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from language_page import LEAD, NOW, PAGE, TYPES, Row, codes, tables, the_scope
from leadrelay.core.condition import compile_condition
from leadrelay.core.encoding import Format
from leadrelay.core.exchange import Reply
from leadrelay.core.fields import READERS, FieldType
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.reading import ReadingSpec, compile_reading
from leadrelay.core.reading.content import Content
from leadrelay.core.reading.paths import parse_path
from leadrelay.core.reading.wordings import code_of
from leadrelay.core.scope import Scope
from leadrelay.core.template import TemplateError, compile_template
from leadrelay.core.template.moment_format import compile_moment_format
from leadrelay.core.values import to_json
from leadrelay.v1 import destination_pb2

MOMENT = datetime(2024, 3, 9, 15, 4, 5, 678901, tzinfo=ZoneInfo("America/New_York"))

# Tables: which are run, and which only explain.

PROSE = {
    ("helper", "gives"),
    ("key", "says"),
    ("setting", "means"),
    ("format", "rules"),
    ("code", "says"),
    ("what", "at most"),
}


def rows(*head: str) -> list[Any]:
    """The rows of all tables whose columns begin like that."""
    return [
        pytest.param(row, id=f"line {row.line}")
        for _, table in tables()
        if table.head[: len(head)] == head
        for row in table.rows
    ]


RUN = {
    ("template", "gives"),
    ("you want", "template", "gives"),
    ("template", "error"),
    ("condition", "holds"),
    ("condition", "error"),
    ("what", "tokens", "give"),
    ("a source sends", "goes out as", "parts"),
    ("status", "outcome", "code"),
    ("status", "body", "outcome"),
    ("a recipient says", "code"),
    ("path", "body", "leads to"),
}


def test_every_table_is_run_or_known_as_prose() -> None:
    def is_known(head: tuple[str, ...]) -> bool:
        return (
            head in PROSE
            or head[0] == "call, with `v` as"
            or any(head[: len(begin)] == begin for begin in RUN)
        )

    assert [f"line {table.line}: {table.head}" for _, table in tables() if not is_known(table.head)] == []


@pytest.mark.parametrize("row", rows("template", "gives") + rows("you want", "template", "gives"))
def test_a_template_gives_what_the_page_says(row: Row) -> None:
    scope = the_scope(LEAD)
    given = compile_template(row.code("template"), TYPES)(scope)
    assert to_json(given).decode() == row.code("gives")
    assert scope.warnings == codes(row.cells.get("warns", ""))


@pytest.mark.parametrize("row", rows("template", "error"))
def test_a_wrong_template_is_told_as_the_page_says(row: Row) -> None:
    with pytest.raises(TemplateError) as caught:
        compile_template(row.code("template"), TYPES)
    assert str(caught.value) == row.code("error")


@pytest.mark.parametrize("row", rows("condition", "holds"))
def test_a_condition_holds_as_the_page_says(row: Row) -> None:
    holds = compile_condition(row.code("condition"), TYPES).holds(the_scope(LEAD))
    assert json.dumps(holds) == row.code("holds")


@pytest.mark.parametrize("row", rows("condition", "error"))
def test_a_wrong_condition_is_told_as_the_page_says(row: Row) -> None:
    with pytest.raises(TemplateError) as caught:
        compile_condition(row.code("condition"), TYPES)
    assert str(caught.value) == row.code("error")


@pytest.mark.parametrize("row", rows("call, with `v` as"))
def test_helpers_make_of_nothing_what_the_page_says(row: Row) -> None:
    (call, *heads) = row.cells
    for head in heads:
        scope = Scope({}, {"v": json.loads(codes(head)[0])}, now=NOW)
        given = to_json(compile_template(row.code(call))(scope)).decode()
        assert row.cells[head] == f"`{given}`{' and a warning' if scope.warnings else ''}"


@pytest.mark.parametrize("row", rows("what", "tokens", "give"))
def test_a_token_gives_what_the_page_says(row: Row) -> None:
    written = [compile_moment_format(token)(MOMENT) for token in codes(row.cells["tokens"])]
    assert written == codes(row.cells["give"])


TYPED = [
    pytest.param(FieldType(heading), row, id=f"{heading}, line {row.line}")
    for heading, table in tables()
    if table.head == ("a source sends", "goes out as", "parts")
    for row in table.rows
]


@pytest.mark.parametrize(("type_", "row"), TYPED)
def test_a_type_reads_as_the_page_says(type_: FieldType, row: Row) -> None:
    scope = Scope({"v": json.loads(row.code("a source sends"))}, now=NOW)

    def given(path: str) -> str:
        return to_json(compile_template(f"{{{{{path}}}}}", {"v": READERS[type_]})(scope)).decode()

    assert given("v") == row.code("goes out as")
    assert given("v.valid") == json.dumps(row.cells["parts"] != "not valid")
    told = codes(row.cells["parts"])
    assert {name: given(f"v.{name}") for name in told[::2]} == dict(zip(told[::2], told[1::2], strict=True))


def test_every_type_is_on_the_page() -> None:
    assert {param.values[0] for param in TYPED} == set(FieldType)


def in_range(words: str) -> range:
    first, _, last = words.partition("-")
    return range(int(first), int(last or first) + 1)


@pytest.mark.parametrize("row", rows("status", "outcome", "code"))
def test_a_status_means_what_the_page_says(row: Row) -> None:
    reading = compile_reading(ReadingSpec())
    for status in in_range(row.code("status")):
        outcome = reading.read(Reply(status=status))
        assert (outcome.kind, outcome.code or "") == (row.code("outcome"), row.code("code"))


@pytest.mark.parametrize("row", rows("path", "body", "leads to"))
def test_a_path_leads_where_the_page_says(row: Row) -> None:
    content = Content(Reply(status=200, body=row.code("body").encode()))
    assert to_json(content.at(parse_path(row.code("path")))).decode() == row.code("leads to")


@pytest.mark.parametrize("row", rows("a recipient says", "code"))
def test_words_come_to_the_code_that_the_page_says(row: Row) -> None:
    assert (code_of(row.code("a recipient says")) or ReasonCode.OTHER) == row.code("code")


# Hand-written lists of what there is.


def listed(heading: str, head: str) -> set[str]:
    """Everything in backticks in a column of the tables under a heading."""
    return {
        code
        for under, table in tables()
        if under == heading and table.head[0] == head and (table.head in PROSE)
        for row in table.rows
        for code in codes(row.cells[head])
    }


def test_the_page_lists_every_key_of_a_mapping_and_of_a_match_and_every_format() -> None:
    assert listed("Mapping rules", "key") == set(destination_pb2.MappingRule.DESCRIPTOR.fields_by_name)
    assert listed("Readings", "key") == set(destination_pb2.Match.DESCRIPTOR.fields_by_name)
    assert listed("LeadConduit's settings", "setting") == set(
        destination_pb2.LeadConduitReading.DESCRIPTOR.fields_by_name
    )
    assert listed("Bodies", "format") == set(Format)
    assert listed("Reason codes", "code") == set(ReasonCode)


# What stands between tables and blocks.


def test_every_whole_tag_in_the_prose_compiles() -> None:
    """But for the forms of helpers, where `[…]` is what may be left out, and for parts of blocks."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    prose = "\n".join(line for line in lines if not line.startswith("|"))
    written = [code for code in codes(re.sub(r"(?ms)^```.*?^```$", "", prose)) if code.startswith("{{")]
    whole = [code for code in written if code.endswith("}}") and not re.search(r"[…\[#]", code)]
    assert whole
    for code in whole:
        compile_template(code, TYPES)


def test_every_link_leads_somewhere() -> None:
    page = PAGE.read_text(encoding="utf-8")
    titles = re.findall(r"^#+ (.+)$", re.sub(r"(?ms)^```.*?^```$", "", page), re.MULTILINE)
    anchors = [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles]
    assert len(set(anchors)) == len(anchors)
    assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= set(anchors)
