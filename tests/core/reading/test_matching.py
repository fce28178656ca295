"""Single tests of a reply (behaviour 6)."""

import json

import pytest

from leadrelay.core.exchange import Reply
from leadrelay.core.reading import Match
from leadrelay.core.reading.content import Content
from leadrelay.core.reading.matching import compile_match

REPLY = Reply(
    status=207,
    headers=(("X-Result", "Queued; later"), ("Content-Type", "application/json")),
    body=json.dumps(
        {
            "status": "Lead ACCEPTED",
            "ok": True,
            "score": "1,250.5",
            "errors": ["Bad zip", "Bad phone"],
            "none": None,
            "blank": " ",
            "a": {"b.c": [{"d": 1}]},
            "x.y": "dotted",
            "word": "L'été indien",
            "numbers": [1, "3"],
        }
    ).encode(),
)


def holds(match: Match) -> bool:
    return compile_match(match)(Content(REPLY))


@pytest.mark.parametrize(
    "match",
    [
        Match(status="207"),
        Match(status="2xx"),
        Match(status="100, 200-299"),
        Match(header="x-result"),
        Match(header="x-result", contains="queued"),
        Match(path="status"),
        Match(path="status", equals=" lead accepted"),
        Match(path="status", is_in=("x", "LEAD accepted")),
        Match(path="status", contains="acc"),
        Match(path="status", contains_word="accepted"),
        Match(path="status", matches="^lead .ccepted$"),
        Match(path="ok", equals="true"),
        Match(path="ok", equals="yes"),
        Match(path="score", equals="1250.50"),
        Match(path="score", greater=1250),
        Match(path="score", less=1250.6),
        Match(path="errors", equals="bad PHONE"),
        Match(path="errors", contains="zip"),
        Match(path="errors.1", equals="bad phone"),
        Match(path="$.errors[1]", equals="bad phone"),
        Match(path="$.a['b.c'][0].d", equals="1"),
        Match(path="x.y", equals="dotted"),
        Match(path="none", exists=False),
        Match(path="gone", exists=False),
        Match(path="blank", exists=True),
        Match(text=True, contains='"ok": true'),
        Match(text=True, contains='"OK": TRUE'),
        Match(path="errors.*", contains_word="ZIP"),
        Match(path="$..d", equals="1"),
        Match(path="$.errors[?@ == 'Bad zip']"),
        Match(path="word", contains_word="ÉTÉ"),
        Match(path="word", contains="\u0065\u0301t"),  # é in two characters
        Match(path="word", equals="L'ÉTÉ INDIEN"),
        Match(path="word", equals="l'e\u0301te\u0301 indien"),
        Match(path="word", is_in=("x", "l'e\u0301te\u0301 indien")),
        Match(path="numbers", greater=2),
    ],
)
def test_these_match(match: Match) -> None:
    assert holds(match)


@pytest.mark.parametrize(
    "match",
    [
        Match(status="200-206, 4xx"),
        Match(header="x-other"),
        Match(header="x-other", equals=""),
        Match(path="blank"),
        Match(path="none"),
        Match(path="none", equals=""),
        Match(path="none", matches=".*"),
        Match(path="status", contains_word="accept"),
        Match(path="word", contains_word="t"),
        Match(path="numbers", greater=3),
        Match(path="status", equals="accepted"),
        Match(path="score", greater=1250.5),
        Match(path="status", greater=0),
        Match(path="gone", less=5),
        Match(path="errors", equals="Bad"),
        Match(path="errors.7", exists=True),
    ],
)
def test_these_do_not_match_and_turned_round_they_do(match: Match) -> None:
    assert not holds(match)
    members = {name: getattr(match, name) for name in Match.__slots__}
    assert holds(Match(**members | {"negate": True}))
