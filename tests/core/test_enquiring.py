"""What an answer to a status request says of an attempt that may have arrived (behaviour 4.5)."""

from decimal import Decimal

import orjson
import pytest

from leadrelay.core.enquiring import enlightened, enquired_at, still_unknown
from leadrelay.core.exchange import Reply
from leadrelay.core.outcome import Arrived, Kind, Outcome, ReasonCode
from values import ACCEPTED, REJECTED, a_destination, a_status_request

LOST = Outcome(
    kind=Kind.TIMEOUT, code=ReasonCode.TIMEOUT_RESPONSE, words="no answer", arrived=Arrived.UNKNOWN
)


def said(body: object, status: int = 200) -> Outcome:
    headers = (("content-type", "application/json"),)
    reply = Reply(status=status, headers=headers, body=orjson.dumps(body))
    return enlightened(a_status_request(), LOST, reply)


def test_a_yes_is_the_attempts_success_with_its_price() -> None:
    outcome = said(ACCEPTED)
    assert (outcome.kind, outcome.price, outcome.reference) == (Kind.SUCCESS, Decimal("12.50"), "B-1")


def test_a_no_is_the_attempts_rejection() -> None:
    assert said(REJECTED).kind is Kind.HARD_REJECT


def test_a_lead_that_is_not_known_there_did_not_arrive() -> None:
    outcome = said({}, status=404)
    assert (outcome.kind, outcome.code, outcome.arrived) == (LOST.kind, LOST.code, Arrived.NO)
    assert "does not know the lead" in outcome.words


@pytest.mark.parametrize(
    ("body", "status"), [({}, 503), ({}, 500), ({"result": "pending"}, 200), ({}, 401), ("?", 202)]
)
def test_whatever_else_is_said_the_lead_is_as_unknown_as_before(body: object, status: int) -> None:
    """Never a silent success."""
    outcome = said(body, status)
    assert outcome.is_unresolved
    assert (outcome.kind, outcome.code) == (LOST.kind, LOST.code)


def test_words_do_not_grow_with_every_question() -> None:
    once = still_unknown(LOST, "busy")
    assert still_unknown(once, "busy") == once


def test_only_a_destination_with_a_status_request_is_asked() -> None:
    assert enquired_at(a_destination("a")) is None
    asked = enquired_at(a_destination("a", ask=a_status_request()))
    assert asked is not None
    assert asked.ask is not None
    assert asked.protocol is asked.ask.request
