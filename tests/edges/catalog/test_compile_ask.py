"""A status request is compiled with the destination, and refused where it could decide nothing."""

import pytest

from catalog_texts import loaded, of_rest, refused
from leadrelay.core.destination import StatusRequest, WhenUnknown
from leadrelay.core.exchange import Reply
from leadrelay.core.retry import Backoff

READING = "reading: {rules: [{outcome: success, match: [{path: status, equals: sold}]}]}"
URL = "https://example.com/leads/{{delivery.idempotency_key}}"

ASKS = f"when_unknown: ask\nask: {{request: {{url: '{URL}'}}, {READING}"


def ask_of(keys: str) -> StatusRequest:
    text = of_rest(f"{ASKS}{keys}}}")
    destination = loaded(text).catalog.destinations["crm"]
    assert destination.when_unknown is WhenUnknown.ASK
    assert destination.ask is not None
    return destination.ask


def test_what_is_not_said_has_its_defaults() -> None:
    ask = ask_of("")
    assert ask.request.method == "GET"
    assert ask.retry == Backoff(attempts=3, first_delay=2)
    assert ask.not_known.read(Reply(status=404)).accepted
    assert not ask.not_known.read(Reply(status=200)).accepted


def test_what_is_said_is_carried_over() -> None:
    ask = ask_of(
        ", not_known: [{path: found, equals: 'false'}], retry: {attempts: 5, first_delay: 10s, max_delay: 1h}"
    )
    assert ask.retry == Backoff(attempts=5, first_delay=10, max_delay=3600)
    headers = (("content-type", "application/json"),)
    assert ask.not_known.read(Reply(status=200, headers=headers, body=b'{"found": false}')).accepted
    assert not ask.not_known.read(Reply(status=404)).accepted


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ("when_unknown: ask", "when_unknown: `ask` needs a request to ask with"),
        (f"ask: {{request: {{url: '{URL}'}}, {READING}}}", "ask: is for `when_unknown: ask` only"),
        (f"when_unknown: ask\nask: {{request: {{url: '{URL}'}}}}", "ask: needs a `reading` with a rule"),
        (f"when_unknown: ask\nask: {{{READING}, request: {{method: POST}}}}", "ask.request: needs a `url`"),
        (
            f"{ASKS}, retry: {{jitter: true}}}}",
            "ask.retry.jitter: means nothing for a status request",
        ),
        (
            f"{ASKS}, not_known: [{{status: 40x4}}]}}",
            "ask.not_known: ",
        ),
        (
            f"when_unknown: ask\nask: {{request: {{url: '{{{{if'}}, {READING}}}",
            "ask.request.url",
        ),
    ],
)
def test_what_could_decide_nothing_is_refused_with_its_place(keys: str, problem: str) -> None:
    assert any(problem in line for line in refused(of_rest(keys))), refused(of_rest(keys))
