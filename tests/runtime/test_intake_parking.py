"""A delivery whose next try is far off rests in the journal and comes back when it is due (behaviour 4.4)."""

from collections.abc import Mapping

import pytest
import trio
from trio.testing import MockClock

from fakes import Buyer, MemoryJournal, answers, hangs
from house import a_house
from leadrelay.core.catalog import Catalog
from leadrelay.core.destination import Timeouts
from leadrelay.core.facts import DeliveryEnded, DeliveryParked, LeadCancelled, LeadParked, LeadSettled
from leadrelay.core.outcome import Arrived, Kind, ReasonCode, Result
from leadrelay.core.retry import Backoff
from values import ACCEPTED, LEAD_ID, MOMENT, REJECTED, a_catalog, a_destination, a_lead, parallel, waterfall

HOURLY = Backoff(attempts=4, first_delay=3600, max_delay=3600)
SECOND = LEAD_ID[:-1] + "2"


def hourly(*names: str) -> Catalog:
    """Each destination is tried four times, an hour apart; those whose name is `q...` once."""
    return a_catalog(
        *(a_destination(name, retry=Backoff() if name[0] == "q" else HOURLY) for name in names),
        step=waterfall(*names),
    )


def in_seconds(due_at: int) -> float:
    return (due_at - MOMENT) / 1e9


async def test_a_schedule_of_hours_holds_no_task_and_is_kept(autojump_clock: MockClock) -> None:
    buyer = Buyer(answers(503), answers(503), answers(503), answers(body=ACCEPTED))
    async with a_house(hourly("a"), {"a": buyer}) as house:
        await house.intake.receive(a_lead(), "", house.catalog)
        await trio.sleep(60)
        assert house.intake.ledger.under_way == 0
        settled = await house.settled(LEAD_ID)
        ledger = house.intake.ledger
        assert ledger.received + ledger.resumed + ledger.woken == ledger.settled + ledger.parked
    assert settled.result is Result.SUCCESS
    assert buyer.called_at == pytest.approx([0, 3600, 7200, 10800], abs=0.5)
    assert len(set(buyer.keys)) == 1


async def test_parking_is_told_with_its_moment_and_its_reason(autojump_clock: MockClock) -> None:
    async with a_house(hourly("a"), {"a": Buyer(answers(503), answers(body=ACCEPTED))}) as house:
        await house.deliver()
        (parked,) = [fact for fact in house.facts() if isinstance(fact, DeliveryParked)]
        (rests,) = [fact for fact in house.facts() if isinstance(fact, LeadParked)]
    assert in_seconds(parked.due_at) == pytest.approx(3600, abs=0.5)
    assert "unavailable" in parked.reason
    assert rests.due_at == parked.due_at


async def test_a_short_pause_is_slept(autojump_clock: MockClock) -> None:
    retry = Backoff(attempts=2, first_delay=5)
    buyer = Buyer(answers(503), answers(body=ACCEPTED))
    async with a_house(a_catalog(a_destination("a", retry=retry)), {"a": buyer}) as house:
        await house.deliver()
        assert not any(isinstance(fact, DeliveryParked) for fact in house.facts())


async def test_each_waking_has_the_whole_total_again(autojump_clock: MockClock) -> None:
    """Behaviour 4.3: `total` covers what is done in line; a parked delivery is not in line."""
    times, retry = Timeouts(response=8, total=10), Backoff(attempts=3, first_delay=100, max_delay=100)
    catalog = a_catalog(a_destination("a", timeouts=times, retry=retry))
    buyer = Buyer(answers(503, after=7), answers(503, after=7), answers(body=ACCEPTED, after=7))
    async with a_house(catalog, {"a": buyer}) as house:
        settled = await house.deliver()
    assert settled.result is Result.SUCCESS
    assert buyer.called_at == pytest.approx([0, 107, 214], abs=0.5)


async def test_a_retry_after_of_an_hour_parks_the_lead_and_those_that_come_meanwhile(
    autojump_clock: MockClock,
) -> None:
    """Behaviour 4.4: a 429 pauses the whole outlet; who comes fares as the lead that heard it."""
    buyer = Buyer(answers(429, Retry_After="3600"), answers(body=ACCEPTED))
    catalog = a_catalog(a_destination("a", retry=Backoff(attempts=3)))
    async with a_house(catalog, {"a": buyer}) as house:
        await house.intake.receive(a_lead(), "", house.catalog)
        await trio.sleep(60)
        await house.intake.receive(a_lead(lead_id=SECOND), "", house.catalog)
        await trio.sleep(60)
        assert house.intake.ledger.under_way == 0
        first, second = await house.settled(LEAD_ID), await house.settled(SECOND)
    assert first.result is second.result is Result.SUCCESS
    assert buyer.called_at == pytest.approx([0, 3600, 3600], abs=1)


async def test_without_retries_a_lead_that_comes_during_a_long_pause_goes_to_the_next(
    autojump_clock: MockClock,
) -> None:
    buyers = {"a": Buyer(answers(429, Retry_After="3600")), "b": Buyer(answers(body=ACCEPTED))}
    catalog = a_catalog(a_destination("a"), a_destination("b"), step=waterfall("a", "b"))
    async with a_house(catalog, buyers) as house:
        await house.deliver()
        await house.deliver(a_lead(lead_id=SECOND))
        outcome = house.outcomes(SECOND)["a"]
    assert (outcome.kind, outcome.code, outcome.arrived) == (
        Kind.SOFT_REJECT,
        ReasonCode.UNAVAILABLE,
        Arrived.NO,
    )
    assert len(buyers["a"].requests) == 1
    assert trio.current_time() < 1


async def test_what_is_under_way_beside_a_parked_delivery_keeps_the_lead(autojump_clock: MockClock) -> None:
    catalog = a_catalog(a_destination("a", retry=HOURLY), a_destination("slow"), step=parallel("a", "slow"))
    buyers = {
        "a": Buyer(answers(503), answers(body=ACCEPTED)),
        "slow": Buyer(answers(body=ACCEPTED, after=9)),
    }
    async with a_house(catalog, buyers) as house:
        await house.intake.receive(a_lead(), "", house.catalog)
        await trio.sleep(5)
        assert house.intake.ledger.under_way == 1
        await trio.sleep(10)
        assert house.intake.ledger.under_way == 0
        settled = await house.settled(LEAD_ID)
    assert settled.accepted == 2
    assert len(buyers["slow"].requests) == 1


async def test_a_delivery_is_woken_on_time_while_another_is_under_way(autojump_clock: MockClock) -> None:
    retry = Backoff(attempts=2, first_delay=40)
    long = Timeouts(response=80, total=90)
    catalog = a_catalog(
        a_destination("a", retry=retry), a_destination("slow", timeouts=long), step=parallel("a", "slow")
    )
    buyers = {
        "a": Buyer(answers(503), answers(body=ACCEPTED)),
        "slow": Buyer(answers(body=ACCEPTED, after=60)),
    }
    async with a_house(catalog, buyers) as house:
        await house.deliver()
        assert not any(isinstance(fact, LeadParked) for fact in house.facts())
    assert buyers["a"].called_at == pytest.approx([0, 40], abs=0.5)


async def test_the_earliest_of_several_parked_deliveries_wakes_the_lead(autojump_clock: MockClock) -> None:
    catalog = a_catalog(
        a_destination("a", retry=Backoff(attempts=2, first_delay=900, max_delay=900)),
        a_destination("b", retry=Backoff(attempts=2, first_delay=300, max_delay=300)),
        step=parallel("a", "b"),
    )
    buyers = {name: Buyer(answers(503), answers(body=ACCEPTED)) for name in "ab"}
    async with a_house(catalog, buyers) as house:
        await house.deliver()
        rests = [in_seconds(fact.due_at) for fact in house.facts() if isinstance(fact, LeadParked)]
    assert buyers["a"].called_at == pytest.approx([0, 900], abs=0.5)
    assert buyers["b"].called_at == pytest.approx([0, 300], abs=0.5)
    assert rests == pytest.approx([300, 900], abs=0.5)


async def test_a_parked_lead_outlives_a_restart_and_is_not_tried_before_its_time(
    autojump_clock: MockClock,
) -> None:
    journal, first = MemoryJournal(), Buyer(answers(503))
    async with a_house(hourly("a"), {"a": first}, journal=journal) as house:
        await house.intake.receive(a_lead(), "", house.catalog)
        await trio.sleep(100)
    after = Buyer(answers(body=ACCEPTED))
    async with a_house(hourly("a"), {"a": after}, journal=journal) as house:
        assert await house.intake.resume() == 0, "it is not among the leads that a start takes up"
        await trio.sleep(3000)
        assert after.requests == []
        settled = await house.settled(LEAD_ID)
    assert settled.result is Result.SUCCESS
    assert after.called_at == pytest.approx([3600], abs=0.5)
    assert after.keys == first.keys


@pytest.mark.parametrize("cut", range(1, 12))
async def test_a_crash_after_any_fact_of_a_parked_lead_loses_nothing(
    cut: int, autojump_clock: MockClock
) -> None:
    def buyers() -> Mapping[str, Buyer]:
        return {"a": Buyer(answers(503), answers(body=REJECTED)), "b": Buyer(answers(body=ACCEPTED))}

    journal, before, after = MemoryJournal(), buyers(), buyers()
    async with a_house(hourly("a", "b"), dict(before), journal=journal) as house:
        await house.deliver()
    rows = journal.entries[LEAD_ID]
    journal.entries[LEAD_ID] = rows[: min(cut, len(rows) - 1)]
    async with a_house(hourly("a", "b"), dict(after), journal=journal) as house:
        await house.intake.resume()
        settled = await house.settled(LEAD_ID)
    assert settled.result in (Result.SUCCESS, Result.UNRESOLVED)
    assert len(set(before["b"].keys + after["b"].keys)) <= 1


async def test_cancelling_a_parked_lead_ends_it_at_once(autojump_clock: MockClock) -> None:
    buyers = {"a": Buyer(answers(503)), "b": Buyer(answers(body=ACCEPTED))}
    async with a_house(hourly("a", "b"), buyers) as house:
        await house.intake.receive(a_lead(), "", house.catalog)
        await trio.sleep(60)
        assert await house.intake.cancel(LEAD_ID, "sold elsewhere")
        settled = await house.settled(LEAD_ID)
        outcomes, ledger = house.outcomes(), house.intake.ledger
        assert LeadCancelled(reason="sold elsewhere") in house.facts()
        await trio.sleep(7200)
    assert trio.current_time() == pytest.approx(7260, abs=1)
    assert settled.result is Result.ERROR
    assert outcomes["a"].kind is Kind.SOFT_REJECT
    assert outcomes["a"].next_attempt_at is None
    assert outcomes["b"].code is ReasonCode.CANCELLED
    assert len(buyers["a"].requests) == 1
    assert ledger.settled == 1


async def test_a_lead_cancelled_in_the_moment_in_which_it_is_parked_ends_too(
    autojump_clock: MockClock,
) -> None:
    journal = MemoryJournal(commit_takes=2)
    async with a_house(hourly("a"), {"a": Buyer(answers(503))}, journal=journal) as house:
        await house.intake.receive(a_lead(), "", house.catalog)
        for _ in range(100):
            if any(isinstance(fact, DeliveryParked) for fact in house.facts()):
                break
            await trio.sleep(0.1)
            if trio.current_time() > 4:  # the last write is under way, and the lead about to leave
                break
        assert await house.intake.cancel(LEAD_ID, "asked")
        await house.settled(LEAD_ID)
    assert trio.current_time() < 20


async def test_two_who_cancel_a_parked_lead_at_once_carry_it_once(autojump_clock: MockClock) -> None:
    async with a_house(hourly("a"), {"a": Buyer(answers(503))}) as house:
        await house.intake.receive(a_lead(), "", house.catalog)
        await trio.sleep(60)
        async with trio.open_nursery() as nursery:
            for _ in range(3):
                nursery.start_soon(house.intake.cancel, LEAD_ID, "asked")
        await house.settled(LEAD_ID)
        facts = house.facts()
    assert sum(isinstance(fact, LeadCancelled) for fact in facts) == 1
    assert sum(isinstance(fact, LeadSettled) for fact in facts) == 1
    assert sum(isinstance(fact, DeliveryEnded) for fact in facts) == 1


async def test_a_caller_who_goes_cancels_a_parked_lead_too(autojump_clock: MockClock) -> None:
    async with a_house(hourly("a"), {"a": Buyer(answers(503))}) as house:
        await house.intake.receive(a_lead(), "", house.catalog)
        await trio.sleep(60)
        house.intake.cancel_soon(LEAD_ID, "the caller went away")
        await house.settled(LEAD_ID)
    assert trio.current_time() < 61


async def test_leads_that_are_due_at_once_leave_half_of_the_room_to_new_ones(
    autojump_clock: MockClock,
) -> None:
    journal = MemoryJournal()
    ids = [f"{LEAD_ID[:-4]}{number:04x}" for number in range(1, 21)]
    async with a_house(hourly("a"), {"a": Buyer(answers(503))}, journal=journal) as house:
        for lead_id in ids:
            await house.intake.receive(a_lead(lead_id=lead_id), "", house.catalog)
        await trio.sleep(3000)
    async with a_house(hourly("a"), {"a": Buyer(hangs)}, journal=journal, max_leads=8) as house:
        await trio.sleep(601)
        assert house.intake.ledger.under_way == 4
        await house.intake.receive(a_lead(lead_id=f"{LEAD_ID[:-4]}ffff"), "", house.catalog)
        await trio.sleep(300)
        assert house.intake.ledger.woken == 20


async def test_a_drain_does_not_wait_for_what_is_parked(autojump_clock: MockClock) -> None:
    async with a_house(hourly("a"), {"a": Buyer(answers(503))}) as house:
        await house.intake.receive(a_lead(), "", house.catalog)
        await trio.sleep(5)
        await house.intake.drain(grace=50)
        assert trio.current_time() < 6
