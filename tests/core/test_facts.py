"""Facts survive the journal as they were (design 2.3)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.exchange import ReplyRecord, RequestRecord
from leadrelay.core.facts import (
    AttemptEnded,
    AttemptStarted,
    DeliveryEnded,
    DeliveryParked,
    Fact,
    LeadCancelled,
    LeadParked,
    LeadReceived,
    LeadSettled,
    decode,
    encode,
)
from leadrelay.core.lead import Lead, TraceContext
from leadrelay.core.limits.caps import Claim
from leadrelay.core.outcome import Arrived, Kind, Money, Outcome, ReasonCode, Result

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
NUMBER = st.integers(0, 2**62)
HEADERS = st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
OUTCOMES = st.builds(
    Outcome,
    kind=st.sampled_from(Kind),
    code=st.none() | st.sampled_from(ReasonCode),
    words=TEXT,
    arrived=st.sampled_from(Arrived),
    price=st.none() | st.decimals(0, 10_000, places=2),
    currency=st.sampled_from(["", "USD"]),
    reference=TEXT,
    next_attempt_at=st.none() | NUMBER,
    appended=st.none() | st.dictionaries(TEXT, JSON, max_size=3),
)
LEADS = st.builds(
    Lead,
    id=st.uuids().map(str),
    flow=TEXT,
    fields=st.dictionaries(TEXT, TEXT, max_size=5),
    nested=st.dictionaries(TEXT, JSON, max_size=3),
    source=TEXT,
    submitted_at=st.none() | NUMBER,
    ip=TEXT,
    request_id=TEXT,
    received_at=NUMBER,
    catalog_version=st.integers(1, 1000),
    trace=st.builds(TraceContext, trace_id=TEXT, parent_id=TEXT, sampled=st.booleans(), state=TEXT),
)
RECORDS = st.builds(RequestRecord, method=TEXT, url=TEXT, headers=HEADERS, body=TEXT, is_base64=st.booleans())
REPLIES = st.builds(ReplyRecord, status=st.integers(100, 599), headers=HEADERS, body=TEXT)
ATTEMPT = st.integers(1, 50)
MONEY = st.none() | st.decimals(0, 10_000, places=2)
CLAIMS = st.builds(
    Claim,
    cap=TEXT,
    period=TEXT,
    ends_at=NUMBER,
    money=MONEY,
    currency=st.sampled_from(["", "USD"]),
    price=MONEY,
)
FACTS = st.one_of(
    st.builds(LeadReceived, lead=LEADS, digest=TEXT),
    st.builds(
        AttemptStarted,
        delivery=TEXT,
        destination=TEXT,
        attempt=ATTEMPT,
        request=st.none() | RECORDS,
        warnings=st.lists(TEXT, max_size=2).map(tuple),
        claims=st.lists(CLAIMS, max_size=2).map(tuple),
    ),
    st.builds(
        AttemptEnded,
        delivery=TEXT,
        destination=TEXT,
        attempt=ATTEMPT,
        outcome=OUTCOMES,
        reply=st.none() | REPLIES,
        sent_at=st.none() | NUMBER,
        took=NUMBER,
    ),
    st.builds(DeliveryParked, delivery=TEXT, destination=TEXT, due_at=NUMBER, reason=TEXT),
    st.builds(DeliveryEnded, delivery=TEXT, destination=TEXT, outcome=OUTCOMES, attempts=ATTEMPT),
    st.builds(
        LeadSettled,
        result=st.sampled_from(Result),
        reason=TEXT,
        revenue=st.lists(
            st.builds(Money, amount=st.decimals(0, 10**6, places=2), currency=TEXT), max_size=2
        ).map(tuple),
        accepted=st.integers(0, 9),
        waiting=st.lists(TEXT, max_size=2).map(tuple),
    ),
    st.builds(LeadCancelled, reason=TEXT),
    st.builds(LeadParked, due_at=NUMBER),
)


@given(FACTS)
def test_a_fact_reads_back_as_it_was_written(fact: Fact) -> None:
    assert decode(*encode(fact)) == fact


def test_money_keeps_its_exact_digits() -> None:
    outcome = Outcome(kind=Kind.SUCCESS, price=Decimal("12.50"))
    fact = DeliveryEnded(delivery="a", destination="a", outcome=outcome)
    again = decode(*encode(fact))
    assert isinstance(again, DeliveryEnded)
    assert str(again.outcome.price) == "12.50"


def test_a_fact_of_a_newer_version_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="LeadAuctioned"):
        decode("LeadAuctioned", b"{}")


def test_an_attempt_that_was_written_before_there_were_caps_holds_no_place() -> None:
    old = b'{"delivery": "crm", "destination": "crm", "attempt": 1, "request": null, "warnings": []}'
    assert decode("AttemptStarted", old) == AttemptStarted(delivery="crm", destination="crm", attempt=1)
