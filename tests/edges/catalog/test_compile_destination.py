"""Times, retries and limits of a destination, and what tells two versions of it apart."""

import pytest

from catalog_texts import loaded, of_destination, of_rest, refused, warned
from leadrelay.core.destination import Destination, Timeouts, WhenUnknown
from leadrelay.core.outcome import Kind, ReasonCode
from leadrelay.core.retry import Backoff


def crm(keys: str, more: str = "") -> Destination:
    return loaded(of_rest(keys) + more).catalog.destinations["crm"]


def test_what_is_not_said_has_the_defaults_of_the_page() -> None:
    """Behaviour 4.3, 4.4 and 4.5."""
    destination = crm("")
    assert destination.timeouts == Timeouts(connect=5, response=15, total=30)
    assert destination.retry == Backoff(
        attempts=1, first_delay=1, factor=2, max_delay=60, jitter=False, on=None
    )
    assert destination.when_unknown is WhenUnknown.HOLD
    assert (destination.concurrency, destination.queue, destination.proofs) == (32, 10_000, ())


def test_what_is_said_is_carried_over() -> None:
    destination = crm("""
        timeouts: {connect: 500ms, response: 2s, total: 1m}
        retry: {attempts: 4, first_delay: 250ms, factor: 3, max_delay: 20s, jitter: true, on: [timeout, dns]}
        when_unknown: resend
        limits: {concurrency: 4, queue: 50}
    """)
    assert destination.timeouts == Timeouts(connect=0.5, response=2, total=60)
    assert destination.retry == Backoff(
        attempts=4,
        first_delay=0.25,
        factor=3,
        max_delay=20,
        jitter=True,
        on=frozenset({Kind.TIMEOUT, ReasonCode.DNS}),
    )
    assert destination.when_unknown is WhenUnknown.RESEND
    assert (destination.concurrency, destination.queue) == (4, 50)


def test_what_is_parked_is_the_catalogs_choice() -> None:
    """Behaviour 4.4."""
    assert crm("retry: {attempts: 2}").retry.park_after == 30
    assert crm("retry: {attempts: 2, park_after: 2m}").retry.park_after == 120
    assert crm("retry: {attempts: 2, park_after: 0s}").retry.park_after == 0, "every pause is parked"


def test_a_first_delay_above_the_default_longest_is_no_contradiction() -> None:
    assert crm("retry: {attempts: 2, first_delay: 5m}\ntimeouts: {total: 10m}").retry.max_delay == 300


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ("timeouts: {connect: 0s}", "timeouts.connect: must be more than zero"),
        ("retry: {attempts: 5000}", "retry.attempts: more than 1000 attempts cannot be meant"),
        (
            "retry: {attempts: 2, factor: 0.5}",
            "retry.factor: must be from 1 to 100, so that pauses neither shrink nor leap",
        ),
        (
            "retry: {attempts: 2, first_delay: 5s, max_delay: 2s}",
            "retry.max_delay: is below the first delay, 5s",
        ),
        (
            "retry: {attempts: 2, on: [soft_rejct]}",
            "retry.on[0]: no outcome or reason code is called `soft_rejct`; did you mean `soft_reject`?",
        ),
        ("retry: {attempts: 2, on: [timeout, hard_reject]}", "retry.on[1]: a `hard_reject` is never retried"),
        ("limits: {concurrency: 10001}", "limits.concurrency: cannot be more than 10000"),
        ("limits: {queue: 1000001}", "limits.queue: cannot be more than 1000000"),
    ],
)
def test_says_what_cannot_be_meant(keys: str, problem: str) -> None:
    assert refused(of_rest(keys)) == [f"c.yaml:5: destinations[crm].{problem}"]


def test_a_timeout_of_zero_is_told_beside_one_that_cannot_be_read() -> None:
    connect, total = refused(of_rest("timeouts: {connect: 0s, total: soon}"))
    assert connect.endswith("timeouts.connect: must be more than zero") or total.endswith("more than zero")
    assert "expected a duration" in connect + total


def test_a_strange_word_for_what_is_retried_gets_the_list() -> None:
    (problem,) = refused(of_rest("retry: {attempts: 2, on: [zzzzzz]}"))
    assert "there are: `already_sold`, `auction_lost`" in problem


def test_a_timeout_beyond_the_total_is_a_warning() -> None:
    assert warned(of_rest("timeouts: {response: 40s}")) == [
        "c.yaml:5: destinations[crm].timeouts.response: is never reached, because `total` (30s, by default) "
        "ends everything before"
    ]
    (warning,) = warned(of_rest("timeouts: {connect: 6s, total: 4s}"))
    assert "`total` (4s)" in warning
    assert warned(of_rest("timeouts: {total: 4s}")) == []  # the defaults of the others were not asked for


def test_the_fingerprint_tells_what_changed_from_what_did_not() -> None:
    """An outlet keeps its connections while nothing about its destination changes."""
    assert crm("").fingerprint == crm("").fingerprint
    assert crm("").fingerprint != crm("when_unknown: resend").fingerprint
    other_flow = "- {name: g, steps: [{deliver: crm}]}\n"
    assert crm("").fingerprint == crm("", other_flow).fingerprint


def test_the_fingerprint_changes_with_what_must_be_masked() -> None:
    """The compiled mapping knows which values to mask, and lives as long as the outlet."""
    fields = "fields: [{name: nickname, sensitive: true}]\n"
    assert crm("").fingerprint != crm("", fields).fingerprint


def test_the_fingerprint_does_not_change_with_the_examples() -> None:
    """They say nothing of how a lead is delivered, so no connection and no token is given up for them."""
    with_one = crm("examples: [{lead: {email: a}, request: {body: {email: a}}}]")
    assert with_one.fingerprint == crm("").fingerprint


def test_a_first_pause_that_neither_fits_nor_is_parked_is_doubted() -> None:
    never = of_rest("retry: {attempts: 3, first_delay: 20s}\ntimeouts: {total: 10s, response: 5s}")
    assert warned(never) == [
        "c.yaml:5: destinations[crm].retry: a pause of 20s does not fit into `total` (10s), and is no longer "
        "than `park_after` (30s), so that nothing is ever sent again"
    ]
    for fine in (
        "first_delay: 40s",
        "first_delay: 5s",
        "first_delay: 20s, jitter: true",
        "first_delay: 20s, park_after: 10s",
    ):
        assert warned(never.replace("first_delay: 20s", fine)) == []


def test_what_the_body_cannot_take_is_told_at_its_rule() -> None:
    text = """\
    rest: {url: "https://example.com", body: {csv: {columns: [email, phone]}}}
    mapping:
    - {to: email, value: "{{email}}"}
    - {to: Phone, value: "{{phone_1}}"}
    """
    assert refused(of_destination(text)) == [
        "c.yaml:6: destinations[crm].mapping[Phone].to: `Phone` is no column, so it would not be sent; "
        "did you mean `phone`?"
    ]
    rest = 'rest: {url: "https://example.com", body: {format: xml}}'
    (roots,) = refused(of_destination(f"{rest}\nmapping: [{{to: a, value: 1}}, {{to: b, value: 2}}]"))
    assert roots.startswith("c.yaml:4: destinations[crm].mapping: XML has one root element")


def test_every_text_of_a_list_is_told_at_its_own_line() -> None:
    text = """\
    rest: {url: "https://example.com"}
    mapping:
    - to: a
      value:
      - "{{email}}"
      - "{{uper email}}"
      - ["{{lowr email}}"]
    """
    assert [problem.split(": at ")[0] for problem in refused(of_destination(text))] == [
        "c.yaml:8: destinations[crm].mapping[a].value[1]",
        "c.yaml:9: destinations[crm].mapping[a].value[2][0]",
    ]
