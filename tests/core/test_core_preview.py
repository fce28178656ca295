"""A preview says what would be sent, which rule gave it and what a reply would mean (behaviour 3.6)."""

from dataclasses import replace
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from fakes import TrioClock
from leadrelay.adapters.registry import adapter_over
from leadrelay.auth.build import signer_for
from leadrelay.auth.secrets import open_secrets
from leadrelay.core.destination import ApiKey, Basic, Destination, Rest
from leadrelay.core.encoding import Body, Format, compile_body
from leadrelay.core.exchange import Reply
from leadrelay.core.fates import Fate
from leadrelay.core.limits import Limits
from leadrelay.core.limits.schedule import Hours, Schedule
from leadrelay.core.mapping import Empty, PassThrough, Rule, compile_mapping
from leadrelay.core.outcome import Kind, ReasonCode
from leadrelay.core.ports import Wire
from leadrelay.core.preview import Given, Preview, preview
from leadrelay.core.template import compile_template
from leadrelay.core.values import ABSENT, to_json
from values import ACCEPTED, LEAD_ID, MOMENT, a_destination, a_lead

SENSITIVE = frozenset({"ssn"})


def nowhere() -> Wire:
    raise AssertionError("a preview opens no connection")


def a_crm(*rules: Rule, pass_through: PassThrough = PassThrough.LISTED, **more: Any) -> Destination:
    mapping = compile_mapping(rules, pass_through=pass_through, sensitive=SENSITIVE)
    return replace(a_destination("crm"), mapping=mapping, **more)


def previewed(destination: Destination, reply: Reply | None = None, /, **fields: str) -> Preview:
    return preview(
        destination,
        a_lead(**fields),
        adapter=adapter_over(destination, nowhere),
        signer=signer_for(destination.proofs, open_secrets(None, {}), nowhere, TrioClock()),
        sensitive=SENSITIVE,
        now=MOMENT,
        reply=reply,
    )


def fates(destination: Destination, **fields: str) -> list[tuple[Fate, object, str]]:
    return [(each.fate, each.value, each.why) for each in previewed(destination, **fields).given]


def test_it_shows_the_whole_request_with_its_proofs_masked() -> None:
    proofs = (Basic(username="me", password="s"), ApiKey(key="s", query="key"))
    record = previewed(a_crm(Rule("email", "{{email}}"), proofs=proofs)).record
    assert record is not None
    assert (record.method, record.url) == ("POST", "http://buyer/?key=***")
    assert record.body == '{"email":"ada@example.com"}'
    headers = dict(record.headers)
    assert headers["Authorization"] == "***"
    assert headers["Idempotency-Key"] == f"{LEAD_ID}-crm"
    assert headers["traceparent"].startswith(f"00-{LEAD_ID.replace('-', '')}-")


def test_it_says_which_rule_gave_what_and_why_others_gave_nothing() -> None:
    crm = a_crm(
        Rule("a", "{{first_name}}"),
        Rule("b", "{{middle_name}} {{nick}}", default="none"),
        Rule("c", "{{nick}}", empty=Empty.NULL),
        Rule("d", "{{middle_name}}"),
        Rule("e", "x", when='state == "TX"'),
        Rule("f", 5.0),
        Rule("f", "{{age}}"),
        Rule("g", "old"),
        Rule("g", "new"),
        Rule("h", ["{{middle_name}}", "{{nick}}"]),
    )
    assert fates(crm, first_name="Ada", nick=" ", state="CA") == [
        (Fate.VALUE, "Ada", ""),
        (Fate.DEFAULT, "none", "middle_name is missing, nick is blank"),
        (Fate.EMPTY, None, "nick is blank"),
        (Fate.BLANK, ABSENT, "middle_name is missing"),
        (Fate.CONDITION_FALSE, ABSENT, 'state == "TX" (state is CA)'),
        (Fate.VALUE, 5, ""),
        (Fate.BLANK, ABSENT, "age is missing; what rule 6 gives stays"),
        (Fate.OVERRULED, ABSENT, "what rule 9 gives is sent"),
        (Fate.VALUE, "new", ""),
        (Fate.BLANK, ABSENT, "middle_name is missing, nick is blank"),
    ]
    (first, *_) = previewed(crm).given
    assert first == Given(to="a", rule=1, fate=Fate.VALUE, value="Ada", template="{{first_name}}")


def test_a_rule_that_came_to_nothing_from_what_is_there_says_so() -> None:
    assert fates(a_crm(Rule("a", '{{if state "TX" then "x"}}')), state="CA") == [
        (Fate.BLANK, ABSENT, "it comes to nothing")
    ]


def test_what_is_passed_through_has_no_rule_and_what_is_sensitive_is_withheld() -> None:
    crm = a_crm(Rule("b", "{{a}}"), Rule("c", "{{d}}"), pass_through=PassThrough.ALL)
    shown = previewed(crm, a="1", b="2", c="3", ssn="078-05-1120").given
    assert [(each.to, each.rule, each.fate, each.value) for each in shown] == [
        ("b", 1, Fate.VALUE, "1"),
        ("c", 2, Fate.BLANK, ABSENT),
        ("a", 0, Fate.PASSED, "1"),
        ("c", 0, Fate.PASSED, "3"),
        ("ssn", 0, Fate.WITHHELD, ABSENT),
    ]
    assert shown[1].why == "d is missing; the lead's own value stays"


def test_a_sensitive_field_that_a_rule_lists_is_not_called_withheld() -> None:
    crm = a_crm(Rule("ssn", "{{ssn}}"), pass_through=PassThrough.ALL)
    assert fates(crm, ssn="078-05-1120") == [(Fate.VALUE, "***", "")]


def test_no_sensitive_value_is_shown_anywhere() -> None:
    """Behaviour 9: not in a value, a condition, the URL, a header, the body or an outcome."""
    protocol = Rest(
        url=compile_template("http://buyer/{{ssn}}", escape=lambda text: text),
        body=compile_body(Body(format=Format.FORM)),
        headers={"X-Id": compile_template("{{ssn}}")},
    )
    rules = (
        Rule("a", "{{ssn}}"),
        Rule("b", "{{missing}}", default="{{ssn}}"),
        Rule("c", "x", when='ssn == "1"'),
        Rule("d", "x {{email}}"),
    )
    echo = Reply(
        status=422, body=b'{"result": "rejected", "reason": "078-05-1120 is known", "id": "078051120"}'
    )
    seen = previewed(
        a_crm(*rules, protocol=protocol), echo, ssn="078-05-1120", email="078-05-1120@example.com"
    )
    told = repr((seen.given, seen.record, seen.outcome, seen.warnings, seen.problems))
    assert "078" not in told
    assert seen.record is not None
    assert seen.record.url == "http://buyer/***"
    assert seen.request is not None
    assert b"a=078-05-1120" in seen.request.body, "the request itself is what would leave"


def test_every_reason_for_which_nothing_would_be_sent_is_told_at_once() -> None:
    protocol = Rest(
        url=compile_template("http://buyer/"),
        body=compile_body(Body()),
        headers={"X-Name": compile_template("{{name}}")},
    )
    crm = a_crm(
        Rule("a", "{{x}}", required=True),
        Rule("b", "{{y}}", required=True),
        Rule("c", "{{big}}" * 20),
        protocol=protocol,
    )
    seen = previewed(crm, name="a\nb", big="z" * 65536)
    assert [problem.partition(":")[0] for problem in seen.problems] == [
        "a",
        "b",
        "c",
        "the value of the header X-Name contains a line break or another control character",
    ]
    assert [each.fate for each in seen.given] == [Fate.MISSING, Fate.MISSING, Fate.FAILED]
    assert (seen.request, seen.record) == (None, None)
    assert seen.outcome is not None
    assert (seen.outcome.kind, seen.outcome.code) == (Kind.SYSTEM_ERROR, ReasonCode.MAPPING_REQUIRED)


def test_what_cannot_be_composed_ends_as_it_would_when_it_is_delivered() -> None:
    protocol = Rest(url=compile_template("{{base}}/leads"), body=compile_body(Body()))
    seen = previewed(a_crm(Rule("a", "x"), protocol=protocol))
    assert seen.outcome is not None
    assert seen.outcome.code is ReasonCode.MAPPING_INVALID
    assert seen.problems == (seen.outcome.words,)


def test_a_reply_is_read_as_it_would_be() -> None:
    seen = previewed(a_crm(Rule("a", "x")), Reply(status=200, body=to_json(ACCEPTED)))
    assert seen.outcome is not None
    assert (seen.outcome.kind, str(seen.outcome.price), seen.outcome.reference) == (
        Kind.SUCCESS,
        "12.50",
        "B-1",
    )
    assert seen.outcome.appended == ACCEPTED
    assert previewed(a_crm(Rule("a", "x"))).outcome is None


def test_warnings_about_the_data_are_told_and_stop_nothing() -> None:
    seen = previewed(a_crm(Rule("a", '{{format phone "(###) ###-####"}}')), phone="555")
    assert seen.problems == ()
    (warning,) = seen.warnings
    assert "phone" in warning


@pytest.mark.parametrize("size", [20_000, 900_000])
def test_a_long_body_is_shown_whole(size: int) -> None:
    record = previewed(a_crm(Rule("a", "{{a}}")), a="x" * size).record
    assert record is not None
    assert not record.truncated
    assert len(record.body) > size


@pytest.mark.parametrize(
    ("opens", "shut"), [(17, "closed, opens 2025-11-24T17:00+00:00"), (16, "")], ids=["closed", "open"]
)
def test_it_says_when_the_recipient_is_closed_at_this_moment(opens: int, shut: str) -> None:
    """Behaviour 7. The request is shown all the same."""
    week = {day: (Hours(time(opens), time(20)),) for day in range(7)}
    limits = Limits(schedule=Schedule(zone=ZoneInfo("UTC"), week=week))
    seen = previewed(a_crm(Rule("email", "{{email}}"), limits=limits))
    assert seen.shut == shut
    assert seen.request is not None
