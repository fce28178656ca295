"""What a simulated run is said to have come to."""

from decimal import Decimal

from journal.samples import entry, lead_id, received, started
from leadrelay.core.facts import DeliveryEnded, Entry, LeadSettled
from leadrelay.core.outcome import Arrived, Kind, Money, Outcome, ReasonCode, Result, skipped
from leadrelay.edges.cli.simulated import Run, Told, as_data, summary, table

SOLD = Outcome(kind=Kind.SUCCESS, price=Decimal("12.50"), currency="USD", reference="R-1")
CLOSED, FULL = skipped(ReasonCode.CLOSED, ""), skipped(ReasonCode.CAP_FULL, "")
NO = Outcome(kind=Kind.HARD_REJECT, code=ReasonCode.DUPLICATE, words="Duplicate")


def ended(name: str, outcome: Outcome, *, is_ping: bool = False) -> DeliveryEnded:
    attempts = 0 if outcome.kind is Kind.SKIPPED else 1
    return DeliveryEnded(delivery=name, destination=name, outcome=outcome, attempts=attempts, is_ping=is_ping)


def told(place: int, *facts: DeliveryEnded, result: Result | None = Result.SUCCESS) -> Told:
    entries: list[Entry] = [received(place), started(place, 2)]
    entries += [entry(place, number, fact) for number, fact in enumerate(facts, 3)]
    if result is not None:
        revenue = (Money(amount=Decimal("12.50"), currency="USD"),) if result is Result.SUCCESS else ()
        settled = LeadSettled(result=result, reason="so it is", revenue=revenue, accepted=len(revenue))
        entries.append(entry(place, len(entries) + 1, settled))
    return Told(f"leads.csv:{place}", entries)


def a_run(*leads: Told) -> Run:
    run = Run()
    for each in leads:
        run.add(each)
    return run


def test_destinations_are_counted_each_in_a_line_and_skips_below() -> None:
    run = a_run(
        told(
            1, ended("ask", SOLD, is_ping=True), ended("a", SOLD), ended("b", skipped(ReasonCode.CLOSED, ""))
        ),
        told(2, ended("a", NO), ended("b", skipped(ReasonCode.CAP_FULL, "")), result=Result.FAILURE),
        told(3, ended("a", NO), ended("b", skipped(ReasonCode.CAP_FULL, "")), result=Result.FAILURE),
    )
    assert list(table(run)) == [
        "destination     tried      sold      bids  rejected   skipped  revenue",
        "ask                 1         -         1         -         -",
        "a                   3         1         -         2         -  12.50 USD",
        "b                   -         -         -         -         3",
        "  skipped: cap_full 2, closed 1",
    ]
    assert summary(run) == "3 lead(s): 2 failure, 1 success; revenue 12.50 USD"


def test_every_kind_of_no_has_a_column_where_there_was_one() -> None:
    kinds = [Kind.HARD_REJECT, Kind.SOFT_REJECT, Kind.SYSTEM_ERROR, Kind.TIMEOUT]
    run = a_run(*(told(place, ended("a", Outcome(kind=kind))) for place, kind in enumerate(kinds, 1)))
    head, row = table(run)
    assert head.split() == ["destination", "tried", "rejected", "later", "errors", "timeouts", "revenue"]
    assert row.split() == ["a", "4", "1", "1", "1", "1"]


def test_a_lead_that_still_rests_is_counted_as_parked() -> None:
    assert summary(a_run(told(1, result=None))) == "1 lead(s): 1 parked"


def test_a_lead_for_programs() -> None:
    lost = Outcome(kind=Kind.TIMEOUT, code=ReasonCode.TIMEOUT_RESPONSE, arrived=Arrived.UNKNOWN)
    data = as_data(told(1, ended("a", lost), ended("b", SOLD)))
    assert data["lead"] == "leads.csv:1"
    assert data["lead_id"] == lead_id(1)
    assert (data["result"], data["accepted"], data["sent"]) == ("success", 1, ["crm/2"])
    assert data["revenue"] == [{"amount": "12.50", "currency": "USD"}]
    assert data["deliveries"][0] == {
        "delivery": "a",
        "destination": "a",
        "ping": False,
        "attempts": 1,
        "outcome": "timeout",
        "code": "timeout_response",
        "words": "",
        "price": None,
        "reference": "",
        "arrived": "unknown",
    }
    assert data["deliveries"][1]["price"] == {"amount": "12.50", "currency": "USD"}
    assert as_data(told(1, result=None))["result"] is None
