"""The blocks of docs/language.md: every catalog, mapping, body and reading does what the page says
(behaviour 3 and 6)."""

import json
from collections.abc import Iterator
from itertools import pairwise
from textwrap import indent
from typing import Any

import pytest

from language_page import LEAD, NOW, PARTS, TYPES, Fence, Part, Row, Table, the_lead, the_scope
from leadrelay.core.exchange import Reply, Request
from leadrelay.core.preview import Preview
from leadrelay.core.template import compile_template
from leadrelay.core.values import to_json
from leadrelay.edges.catalog.load import Loaded, SourceFile, load
from leadrelay.edges.catalog.problems import CatalogRefused
from leadrelay.edges.rehearsal import rehearse

FILE = "buyers.yaml"


def catalog(keys: str) -> str:
    """A whole catalog around the keys of one destination."""
    if "rest:" not in keys and "webhook:" not in keys:
        keys = f"rest: {{url: https://buyer.example.com/leads}}\n{keys}"
    return f"destinations:\n- name: my_buyer\n{indent(keys, '  ')}\n" + (
        "flows:\n- {name: loans, steps: [{deliver: my_buyer}]}\n"
    )


def loaded(text: str) -> Loaded:
    return load([SourceFile(FILE, text)], secret_names=None)


def rehearsed(keys: str, answers: dict[str, Any], reply: Reply | None = None) -> Preview:
    """What carries leads, rehearsed for a destination with these keys."""
    found = loaded(catalog(keys))
    assert [each for each in found.warnings if "has no mapping" not in each.message] == []
    destination = found.catalog.destinations["my_buyer"]
    return rehearse(found.catalog, destination, the_lead(answers), now=NOW, reply=reply)


def composed(keys: str, answers: dict[str, Any]) -> Request:
    preview = rehearsed(keys, answers)
    assert (preview.problems, preview.warnings) == ((), ())
    assert preview.request is not None
    return preview.request


def as_text(request: Request) -> str:
    """The request as the page writes one: of its headers only what its body is."""
    types = [f"{name}: {value}" for name, value in request.headers if name == "Content-Type"]
    body = request.body.decode().replace("\r\n", "\n")
    return "\n".join([f"{request.method} {request.url}", *types, *(["", body] if body else [])]).strip()


def stories() -> Iterator[Any]:
    """Each block that is run, with the lead that stands before it and the part that follows."""
    answers = LEAD
    for part, after in pairwise(PARTS):
        if isinstance(part, Fence) and part.kind == "json with":
            answers = json.loads(part.text)
        elif isinstance(part, Fence) and part.kind in ("yaml destination", "handlebars template"):
            yield pytest.param(part, after, answers, id=f"line {part.line}")
            answers = LEAD


def catalogs() -> list[Any]:
    """Each whole catalog with the part that follows."""
    return [
        pytest.param(part, after, id=f"line {part.line}")
        for part, after in pairwise(PARTS)
        if isinstance(part, Fence) and part.kind == "yaml catalog"
    ]


@pytest.mark.parametrize(("block", "after", "answers"), list(stories()))
def test_a_block_comes_to_what_the_page_says(block: Fence, after: Part, answers: dict[str, Any]) -> None:
    match after:
        case Fence(kind="json body", text=text):
            assert json.loads(composed(block.text, answers).body) == json.loads(text)
        case Fence(kind="http request", text=text):
            assert as_text(composed(block.text, answers)) == text
        case Fence(kind="text not sent", text=text):
            outcome = rehearsed(block.text, answers).outcome
            assert outcome is not None
            assert f"{outcome.kind}, {outcome.code}: {outcome.words}" == text
        case Fence(kind="text gives", text=text):
            assert compile_template(block.text, TYPES)(the_scope(answers)) == text
        case Table(head=("status", "body", *_)):
            for row in after.rows:
                assert read(block.text, row) == {head: row.code(head) for head in row.cells}
        case _:
            pytest.fail(f"nothing follows the block in line {block.line} that says what it comes to")


def read(keys: str, row: Row) -> dict[str, str]:
    """A row of what a reply comes to, as it should be."""
    status, body = row.code("status"), row.code("body")
    reply = Reply(status=int(status), body=body.encode())
    outcome = rehearsed(keys, LEAD, reply).outcome
    assert outcome is not None
    cells = {
        "status": status,
        "body": body,
        "outcome": outcome.kind,
        "code": outcome.code or "",
        "words": outcome.words,
        "price": "" if outcome.price is None else f"{outcome.price} {outcome.currency}".strip(),
        "reference": outcome.reference,
        "appended": to_json(outcome.appended).decode() if "appended" in row.cells else "",
    }
    return {head: cells[head] for head in row.cells}


@pytest.mark.parametrize(("block", "after"), catalogs())
def test_a_catalog_is_accepted_or_refused_as_the_page_says(block: Fence, after: Part) -> None:
    if isinstance(after, Fence) and after.kind == "text refused":
        with pytest.raises(CatalogRefused) as refused:
            loaded(block.text)
        assert str(refused.value) == after.text
    else:
        assert loaded(block.text).warnings == ()


def test_no_block_on_the_page_is_left_out() -> None:
    known = {"json lead", "json with", "yaml destination", "yaml catalog", "handlebars template"}
    results = {"json body", "http request", "text gives", "text not sent", "text refused"}
    before: Part | None = None
    for part in PARTS:
        if isinstance(part, Fence):
            assert part.kind in known | results, f"line {part.line}: nobody runs {part.kind!r}"
            is_result = part.kind in results
            assert not is_result or isinstance(before, Fence), f"line {part.line}: a result of nothing"
        before = part
