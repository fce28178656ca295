"""The reading of a destination (behaviour 6)."""

import orjson
import pytest

from catalog_texts import loaded, of_rest, refused, warned
from leadrelay.core.exchange import Reply
from leadrelay.core.outcome import Kind, Outcome, ReasonCode
from leadrelay.edges.catalog.compile_reading import code_of, kind_of
from leadrelay.v1 import outcome_pb2

JSON = (("content-type", "application/json"),)


def read(reading: str, status: int, body: object) -> Outcome:
    compiled = loaded(of_rest(f"reading: {reading}")).catalog.destinations["crm"].reading
    return compiled.read(Reply(status=status, headers=JSON, body=orjson.dumps(body)))


def test_reads_as_the_catalog_says() -> None:
    reading = """{
      rules: [
        {outcome: success, match: [{status: 2xx}, {path: result, in: {values: [ok, accepted]}}]},
        {outcome: soft_reject, code: cap_exceeded, match: [{path: reason, contains: full}], reason: later},
        {outcome: hard_reject, match: [{header: content-type, exists: true}]}
      ],
      price: [price], currency: [currency], reference: [id], capture: {url: link}}"""
    accepted = read(reading, 200, {"result": "OK", "price": "1.5", "currency": "USD", "id": 7, "link": "x"})
    assert (accepted.kind, str(accepted.price), accepted.currency) == (Kind.SUCCESS, "1.5", "USD")
    assert (accepted.reference, accepted.appended) == ("7", {"url": "x"})
    full = read(reading, 200, {"reason": "we are full"})
    assert (full.kind, full.code) == (Kind.SOFT_REJECT, ReasonCode.CAP_EXCEEDED)
    assert read(reading, 404, {}).kind is Kind.HARD_REJECT


def test_without_rules_the_status_decides() -> None:
    assert read("{}", 201, {}).kind is Kind.SUCCESS
    assert read("{}", 503, {}).kind is Kind.SOFT_REJECT


def test_otherwise_and_numbers_are_carried_over() -> None:
    reading = "{rules: [{outcome: success, match: [{path: score, greater: 5}]}], otherwise: hard_reject}"
    assert read(reading, 200, {"score": 6}).kind is Kind.SUCCESS
    assert read(reading, 200, {"score": 5}).kind is Kind.HARD_REJECT


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        (
            "{match: [{status: 2xx}]}",
            "reading.rules[0]: needs an `outcome`: success, hard_reject, soft_reject, system_error or",
        ),
        ("{outcome: skipped}", "reading.rules[0].outcome: `skipped` is not an outcome that a reply can have"),
        (
            "{outcome: success, match: [{equals: x}]}",
            "reading.rules[0].match[0]: says not what it looks at: `status`, `header`, `path` or `text`",
        ),
        (
            "{outcome: success, match: [{text: false}]}",
            "reading.rules[0].match[0].text: can only be true; remove it to look at something else",
        ),
        (
            "{outcome: success, match: [{status: 2xx}, {status: 9xx}]}",
            "reading.rules[0].match[1].status: `9xx` is no status",
        ),
        (
            "{outcome: success, match: [{path: a, matches: '('}]}",
            "reading.rules[0].match[0].matches: not a regular",
        ),
    ],
)
def test_says_what_is_wrong_with_a_rule(rule: str, problem: str) -> None:
    (found,) = refused(of_rest(f"reading: {{rules: [{rule}]}}"))
    assert found.startswith(f"c.yaml:5: destinations[crm].{problem}")


def test_what_is_captured_may_be_written_as_a_list() -> None:
    text = of_rest("reading: {capture: {id: [lead.id, id], name: name}}")
    (crm,) = loaded(text).message.destinations
    assert dict(crm.reading.capture) == {"id": "lead.id\nid", "name": "name"}
    (problem,) = refused(of_rest("reading:\n  capture:\n    id: [a, 5]\n"))
    assert problem.startswith(
        "c.yaml:7: destinations[crm].reading.capture.id[1]: expected a text, found the number 5"
    )
    (problem,) = refused(of_rest("reading: {capture: {id: [a, 'b[']}}"))
    assert "reading.capture.id: `b[` breaks off" in problem


def test_a_problem_with_a_place_is_told_at_that_place() -> None:
    text = of_rest("reading:\n  reason: [a]\n  price:\n  - b\n  - a..b\n  capture: {x: '$['}\n")
    assert [problem.rpartition(": ")[0] for problem in refused(text)] == [
        "c.yaml:9: destinations[crm].reading.price[1]",
        "c.yaml:10: destinations[crm].reading.capture.x",
    ]


def test_a_word_that_is_part_of_its_opposite_is_a_warning() -> None:
    text = of_rest("reading: {rules: [{outcome: success, match: [{text: true, contains: success}]}]}")
    (warning,) = warned(text)
    assert warning.startswith(
        "c.yaml:5: destinations[crm].reading.rules[0].match[0].contains: `success` is also"
    )


def test_every_outcome_and_code_of_the_protos_has_our_word() -> None:
    kinds = {kind_of(value) for value in outcome_pb2.OutcomeKind.values()}
    assert kinds == {None, *Kind}
    assert {code_of(value) for value in outcome_pb2.ReasonCode.values()} == {None, *ReasonCode}
