"""Why a rule did or did not match, in words (behaviour 3.6)."""

import pytest

from leadrelay.core.exchange import Reply
from leadrelay.core.outcome import Kind
from leadrelay.core.reading import Match, ReadingRule, ReadingSpec, compile_reading

REPLY = Reply(
    status=200,
    headers=(("X-Result", "queued"),),
    body=b'{"result": "rejected", "n": 5, "list": ["a", "b"], "long": "' + b"x" * 100 + b'"}',
)


def why(*matches: Match, reply: Reply = REPLY) -> str:
    rule = ReadingRule(outcome=Kind.SUCCESS, match=matches)
    return compile_reading(ReadingSpec(rules=(rule,))).explain(reply)[0].why


@pytest.mark.parametrize(
    ("match", "words"),
    [
        (Match(status="2xx"), "the status is 200"),
        (Match(status="201, 4xx"), "the status is 200, and was to be: 201, 4xx"),
        (Match(path="result", equals="accepted"), 'result is "rejected", and was to be: "accepted"'),
        (Match(path="result", is_in=("a", "b")), 'result is "rejected", and was to be: in "a", "b"'),
        (Match(path="result", contains_word="ok"), 'result is "rejected", and was to be: with the word "ok"'),
        (Match(path="result", contains="ok"), 'result is "rejected", and was to be: with "ok"'),
        (Match(path="result", matches="^a"), 'result is "rejected", and was to be: like "^a"'),
        (Match(path="n", greater=7), "n is 5, and was to be: greater 7"),
        (Match(path="n", less=3), "n is 5, and was to be: less 3"),
        (Match(path="list", equals="c"), 'list is ["a","b"], and was to be: "c"'),
        (Match(path="gone"), "gone is not there, and was to be: there and not blank"),
        (Match(path="gone", exists=True), "gone is not there, and was to be: there"),
        (Match(path="n", exists=False), "n is 5, and was to be: not there"),
        (Match(path="n", equals="5", negate=True), 'n is 5, and was to be: not "5"'),
        (Match(header="x-result", equals="done"), 'the header x-result is "queued", and was to be: "done"'),
        (Match(path="long", equals="y"), f'long is "{"x" * 59}…", and was to be: "y"'),
        (Match(path="//a"), "it looks into the reply, but the body is not XML"),
    ],
)
def test_it_says_what_was_found_and_what_was_asked(match: Match, words: str) -> None:
    assert why(match) == words


def test_the_first_test_that_fails_is_told_and_all_that_hold_where_none_does() -> None:
    assert why(Match(status="200"), Match(path="n", equals="6")) == 'n is 5, and was to be: "6"'
    assert why(Match(status="200"), Match(path="n", equals="5")) == "the status is 200; n is 5"
    assert why() == "it asks for nothing, and so applies to every reply"


def test_every_rule_has_a_row_and_there_is_one_more_where_none_matches() -> None:
    rules = tuple(
        ReadingRule(outcome=kind, match=(Match(path="result", equals=word),))
        for kind, word in (
            (Kind.SUCCESS, "accepted"),
            (Kind.HARD_REJECT, "rejected"),
            (Kind.SOFT_REJECT, "busy"),
            (Kind.SOFT_REJECT, "rejected!"),
        )
    )
    rows = compile_reading(ReadingSpec(rules=rules)).explain(REPLY)
    assert [(row.number, row.kind, row.matched) for row in rows] == [
        (1, Kind.SUCCESS, False),
        (2, Kind.HARD_REJECT, True),
        (3, Kind.SOFT_REJECT, False),
        (4, Kind.SOFT_REJECT, False),
    ]
    assert [row.why for row in rows[2:]] == ["not tried"] * 2
    other = Reply(status=404, body=b"{}")
    assert (
        compile_reading(ReadingSpec(rules=rules)).explain(other)[4].why
        == "no rule matches; the status 404 decides"
    )
    fixed = ReadingSpec(rules=rules, otherwise=Kind.HARD_REJECT)
    assert compile_reading(fixed).explain(other)[4].why == "no rule matches; `otherwise` decides"
    assert (
        compile_reading(ReadingSpec()).explain(other)[0].why == "there are no rules; the status 404 decides"
    )


@pytest.mark.parametrize("body", [b"<html>", b'{"result":"rejected"}', b'{"result":"?"}', b""])
@pytest.mark.parametrize("status", [200, 404, 503])
def test_the_row_that_matched_has_the_outcome_of_the_reading(body: bytes, status: int) -> None:
    rules = (
        ReadingRule(outcome=Kind.SUCCESS, match=(Match(path="result", equals="accepted"),)),
        ReadingRule(outcome=Kind.HARD_REJECT, match=(Match(path="result", equals="rejected"),)),
    )
    reading, reply = compile_reading(ReadingSpec(rules=rules)), Reply(status=status, body=body)
    (matched,) = [row for row in reading.explain(reply) if row.matched]
    assert matched.kind is reading.read(reply).kind
