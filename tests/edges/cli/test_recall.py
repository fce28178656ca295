"""What a server tells can be drawn: events are read back into the facts that they were made from."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from edges.any_facts import entries
from leadrelay.core import facts
from leadrelay.core.exchange import Headers, ReplyRecord, RequestRecord
from leadrelay.core.facts import Entry, Fact
from leadrelay.core.lead import TraceContext
from leadrelay.core.outcome import Kind, Outcome, ReasonCode
from leadrelay.edges.cli.recall import entry_of
from leadrelay.edges.cli.timeline import render
from leadrelay.edges.grpc import convert
from leadrelay_client.v1.delivery_service_pb2 import LeadStatus
from leadrelay_client.v1.event_pb2 import Event
from values import LEAD_ID, MOMENT, a_lead


def recalled(entry: Entry, status: LeadStatus | None = None) -> Entry:
    event = Event.FromString(convert.event(entry, full=True).SerializeToString())
    return entry_of(event, status or LeadStatus(lead_id=LEAD_ID))


@settings(max_examples=300, deadline=None)
@given(entries)
def test_an_event_is_read_back_as_the_fact_that_it_was_made_from(entry: Entry) -> None:
    assert recalled(entry) == replace(entry, fact=_as_told(entry.fact, entry.at))


def _as_told(fact: Fact, at: int) -> Fact:
    """The fact without what events leave out: the lead's own answers and the parsed replies."""
    match fact:
        case facts.LeadReceived(lead=lead):
            told = replace(
                lead,
                fields={},
                nested={},
                received_at=0,
                submitted_at=None,
                ip="",
                trace=TraceContext(trace_id=lead.trace.trace_id),
            )
            return facts.LeadReceived(lead=told)
        case facts.AttemptStarted():
            return replace(fact, request=_joined(fact.request))
        case facts.AttemptEnded():
            was_sent = fact.sent_at is not None
            return replace(
                fact,
                outcome=_told(fact.outcome),
                reply=_joined(fact.reply),
                took=fact.took if was_sent else 0,
                sent_at=at - fact.took if was_sent else None,
            )
        case facts.DeliveryAsked():
            was_sent = fact.sent_at is not None
            return replace(
                fact,
                outcome=_told(fact.outcome),
                request=_joined(fact.request),
                reply=_joined(fact.reply),
                took=fact.took if was_sent else 0,
                sent_at=at - fact.took if was_sent else None,
            )
        case facts.DeliveryEnded() | facts.DeliveryResolved():
            return replace(fact, outcome=_told(fact.outcome))
    return fact


def _told(outcome: Outcome) -> Outcome:
    return replace(outcome, appended=None, currency=outcome.currency if outcome.price is not None else "")


def _joined(record: Any) -> Any:
    """Headers by name, in order; those of one name have their values joined."""
    if not isinstance(record, RequestRecord | ReplyRecord):
        return None
    return replace(record, headers=_by_name(record.headers))


def _by_name(headers: Headers) -> Headers:
    joined: dict[str, list[str]] = {}
    for name, value in headers:
        joined.setdefault(name, []).append(value)
    return tuple(sorted((name, ", ".join(values)) for name, values in joined.items()))


def test_a_lead_has_its_times_from_its_status() -> None:
    status = LeadStatus(lead_id=LEAD_ID)
    status.received_at.FromNanoseconds(MOMENT)
    entry = recalled(Entry(LEAD_ID, 1, MOMENT + 5, facts.LeadReceived(lead=a_lead(request_id="r"))), status)
    assert isinstance(entry.fact, facts.LeadReceived)
    lead = entry.fact.lead
    assert (lead.id, lead.flow, lead.request_id, lead.received_at) == (LEAD_ID, "loans", "r", MOMENT)


def test_what_was_read_back_can_be_drawn() -> None:
    no = Outcome(kind=Kind.HARD_REJECT, code=ReasonCode.DUPLICATE, words="seen it")
    told: list[Fact] = [
        facts.LeadReceived(lead=a_lead()),
        facts.AttemptStarted(delivery="a", destination="a", attempt=1),
        facts.AttemptEnded(delivery="a", destination="a", attempt=1, outcome=no, sent_at=MOMENT, took=5),
        facts.DeliveryEnded(delivery="a", destination="a", attempts=1, outcome=no),
    ]
    status = LeadStatus(lead_id=LEAD_ID)
    status.received_at.FromNanoseconds(MOMENT)
    drawn = render(
        [
            recalled(Entry(LEAD_ID, number, MOMENT + number * 1000, fact), status)
            for number, fact in enumerate(told, start=1)
        ],
        width=80,
        detail=True,
    )
    assert drawn is not None


def test_a_reason_that_this_version_does_not_know_reads_as_other() -> None:
    """The list is closed and only grows (behaviour 6)."""
    event = Event(lead_id=LEAD_ID, number=4)
    event.delivery_ended.outcome.kind = 2  # type: ignore[assignment]
    event.delivery_ended.outcome.code = 987  # type: ignore[assignment]
    event.delivery_ended.outcome.arrived = 1  # type: ignore[assignment]
    fact = entry_of(event, LeadStatus()).fact
    assert isinstance(fact, facts.DeliveryEnded)
    assert fact.outcome.code is ReasonCode.OTHER


def unknown_kind(event: Event) -> None:
    """Nothing is set that this version knows."""


def unknown_outcome(event: Event) -> None:
    event.delivery_ended.outcome.kind = 99  # type: ignore[assignment]


def unknown_result(event: Event) -> None:
    event.lead_settled.result = 99  # type: ignore[assignment]


def odd_money(event: Event) -> None:
    event.lead_settled.result = 1  # type: ignore[assignment]
    event.lead_settled.revenue.add(amount="a lot")


@pytest.mark.parametrize("change", [unknown_kind, unknown_outcome, unknown_result, odd_money])
def test_what_a_newer_server_tells_is_a_sentence_and_not_a_guess(change: Any) -> None:
    event = Event(lead_id=LEAD_ID, number=4)
    change(event)
    with pytest.raises(ValueError, match="event 4 says what this version does not know"):
        entry_of(event, LeadStatus())
