"""Any fact that the runtime could have written down, for property tests."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from leadrelay.core import facts
from leadrelay.core.exchange import ReplyRecord, RequestRecord
from leadrelay.core.lead import Lead, TraceContext
from leadrelay.core.outcome import Arrived, Kind, Money, Outcome, ReasonCode, Result
from values import LEAD_ID

texts = st.text(max_size=12)
moments = st.integers(0, 2**62)
counts = st.integers(0, 2**32 - 1)
names = {"delivery": texts, "destination": texts}
money = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=4)
# What a parsed reply may be; nothing that JSON has not.
jsons: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | texts | money,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
headers = st.lists(st.tuples(texts, texts), max_size=3).map(tuple)
outcomes = st.builds(
    Outcome,
    kind=st.sampled_from(Kind),
    code=st.none() | st.sampled_from(ReasonCode),
    words=texts,
    arrived=st.sampled_from(Arrived),
    price=st.none() | money,
    currency=st.sampled_from(["", "USD"]),
    reference=texts,
    next_attempt_at=st.none() | moments,
    appended=st.none() | st.dictionaries(texts, jsons, max_size=3),
)
request_records = st.builds(
    RequestRecord,
    method=texts,
    url=texts,
    headers=headers,
    body=texts,
    is_base64=st.booleans(),
    truncated=st.booleans(),
)
reply_records = st.builds(
    ReplyRecord,
    status=st.integers(100, 999),
    headers=headers,
    body=texts,
    is_base64=st.booleans(),
    truncated=st.booleans(),
)
leads = st.builds(
    Lead,
    id=st.just(LEAD_ID),
    flow=texts,
    fields=st.dictionaries(texts, texts, max_size=2),
    received_at=moments,
    source=texts,
    request_id=texts,
    trace=st.builds(TraceContext, trace_id=texts),
    catalog_version=st.integers(0, 2**63 - 1),
)
any_fact: st.SearchStrategy[facts.Fact] = st.one_of(
    st.builds(facts.LeadReceived, lead=leads),
    st.builds(
        facts.AttemptStarted,
        **names,
        attempt=counts,
        request=st.none() | request_records,
        warnings=st.lists(texts, max_size=2).map(tuple),
    ),
    st.builds(
        facts.AttemptEnded,
        **names,
        attempt=counts,
        outcome=outcomes,
        reply=st.none() | reply_records,
        sent_at=st.none() | moments,
        took=st.integers(0, 2**40),
        overrun=st.integers(0, 2**40),
        endpoint=texts,
        passed_over=st.lists(texts, max_size=2).map(tuple),
        batch=texts,
        batch_size=counts,
    ),
    st.builds(
        facts.DeliveryAsked,
        **names,
        number=counts,
        outcome=outcomes,
        request=st.none() | request_records,
        reply=st.none() | reply_records,
        sent_at=st.none() | moments,
        took=st.integers(0, 2**40),
    ),
    st.builds(facts.DeliveryParked, **names, due_at=moments, reason=texts),
    st.builds(facts.LeadParked, due_at=moments),
    st.builds(facts.DeliveryEnded, **names, outcome=outcomes, attempts=counts),
    st.builds(facts.DeliveryResolved, **names, outcome=outcomes, attempts=counts),
    st.builds(
        facts.LeadSettled,
        result=st.sampled_from(Result),
        reason=texts,
        revenue=st.lists(st.builds(Money, amount=money.map(Decimal), currency=texts), max_size=2).map(tuple),
        accepted=counts,
        waiting=st.lists(texts, max_size=2).map(tuple),
    ),
    st.builds(facts.LeadCancelled, reason=texts),
)
entries = st.builds(
    facts.Entry, lead_id=st.just(LEAD_ID), number=st.integers(1, 2**32 - 1), at=moments, fact=any_fact
)
