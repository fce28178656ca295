"""Entries as rows and back."""

from decimal import Decimal

import pytest

from journal.samples import a_lead, entry, lead_id, received, settled, started
from leadrelay.core.errors import JournalError
from leadrelay.core.exchange import ReplyRecord, RequestRecord
from leadrelay.core.facts import (
    AttemptEnded,
    AttemptStarted,
    DeliveryAsked,
    DeliveryEnded,
    DeliveryParked,
    DeliveryResolved,
    Entry,
    Fact,
    LeadCancelled,
    LeadParked,
    LeadReceived,
    LeadSettled,
)
from leadrelay.core.outcome import Kind, Money, Outcome, Result
from leadrelay.journal import rows
from leadrelay.journal.store import Receipt, Row, Turn

OUTCOME = Outcome(kind=Kind.SUCCESS, price=Decimal("12.50"), appended={"id": [1, {"a": None}]})
FACTS: list[Fact] = [
    AttemptStarted(
        delivery="crm#2",
        destination="crm",
        attempt=1,
        request=RequestRecord(method="POST", url="/", headers=(("a", "b"),), body="Grüße"),
        warnings=("too few digits",),
    ),
    AttemptEnded(
        delivery="crm", destination="crm", attempt=1, outcome=OUTCOME, reply=ReplyRecord(status=200), took=5
    ),
    DeliveryParked(delivery="crm", destination="crm", due_at=9),
    DeliveryAsked(
        delivery="crm",
        destination="crm",
        number=1,
        outcome=OUTCOME,
        request=RequestRecord(method="GET", url="/status", headers=(("a", "b"),)),
        reply=ReplyRecord(status=404),
        took=5,
    ),
    LeadParked(due_at=9),
    DeliveryResolved(delivery="crm", destination="crm", outcome=OUTCOME, attempts=1),
    DeliveryEnded(delivery="crm", destination="crm", outcome=OUTCOME, attempts=1),
    LeadSettled(result=Result.SUCCESS, revenue=(Money(amount=Decimal("12.50"), currency="USD"),)),
    LeadCancelled(reason="asked"),
]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: type(fact).__name__)
def test_an_entry_comes_back_from_its_row_as_it_was(fact: Fact) -> None:
    written = entry(1, 2, fact)
    (row,) = rows.parcel([written]).rows
    assert rows.entry(row) == written


def test_a_receipt_and_a_settlement_are_told_apart_from_other_facts() -> None:
    parcel = rows.parcel([received(1, request_id="r-1", digest="d"), started(1, 2), settled(1, 3)])
    first, _, last = parcel.rows
    assert parcel.receipts == [Receipt(first.lead, "r-1", "d", "loans", 1, a_lead(1).received_at)]
    assert parcel.turns == [Turn(last.lead, last.at, "success")]
    assert rows.entry(first) == received(1, request_id="r-1", digest="d")


def test_a_lead_that_is_parked_takes_its_moment_along() -> None:
    parcel = rows.parcel([entry(1, 2, LeadParked(due_at=9))])
    assert parcel.turns == [Turn(parcel.rows[0].lead, due_at=9)]


def test_a_lead_of_which_a_delivery_was_resolved_is_open_again() -> None:
    resolved = DeliveryResolved(delivery="crm", destination="crm", outcome=OUTCOME)
    parcel = rows.parcel([entry(1, 5, resolved)])
    assert parcel.turns == [Turn(parcel.rows[0].lead)]


def test_a_lead_id_has_one_spelling() -> None:
    assert rows.text(rows.key(lead_id(1))) == lead_id(1)
    for wrong in (
        "",
        "x",
        lead_id(1).upper(),
        lead_id(1).replace("-", ""),
        f" {lead_id(1)}",
        lead_id(1)[:-2],
    ):
        with pytest.raises(ValueError, match=r"canonical|hexadecimal"):
            rows.key(wrong)


@pytest.mark.parametrize("wrong", [entry(1, 2, LeadReceived(lead=a_lead(1))), started(1, 1)])
def test_a_lead_that_recovery_would_never_find_is_refused(wrong: Entry) -> None:
    with pytest.raises(JournalError, match="LeadReceived is the first fact of a lead"):
        rows.parcel([wrong])


def test_what_cannot_be_encoded_is_refused_without_being_shown() -> None:
    outcome = Outcome(kind=Kind.SUCCESS, appended={"secret": object()})
    with pytest.raises(JournalError) as caught:
        rows.parcel([entry(1, 2, DeliveryEnded(delivery="crm", destination="crm", outcome=outcome))])
    assert "entry 2 of lead" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("LeadBlessed", b"{}"),
        ("LeadCancelled", b'{"reason": "", "blessing": 1}'),
        ("LeadCancelled", b'{"reas'),
        ("DeliveryEnded", b'{"outcome": {}}'),
    ],
)
def test_a_row_that_this_version_cannot_read_is_named(kind: str, body: bytes) -> None:
    with pytest.raises(JournalError, match=rf"entry 3 of lead {lead_id(1)}, a '{kind}'.*newer"):
        rows.entry(Row(rows.key(lead_id(1)), 3, 0, kind, body))
