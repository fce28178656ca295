"""The caps follow the facts (behaviour 7)."""

from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from journal.samples import MOMENT, entry, lead_id
from leadrelay.core.facts import AttemptEnded, AttemptStarted, DeliveryEnded, DeliveryResolved, Fact
from leadrelay.core.limits.caps import Cap, Claim, Count, Holder, Wanted
from leadrelay.core.limits.full import Full
from leadrelay.core.limits.periods import PeriodKind
from leadrelay.core.outcome import Arrived, Kind, Outcome, ReasonCode, skipped
from leadrelay.journal.tally import Change, Tally

CAP = Cap(key="crm//day", period=PeriodKind.DAY, zone=ZoneInfo("UTC"), count=1)
PERIOD = CAP.period_at(MOMENT)
CLAIM = Claim(cap=CAP.key, period=PERIOD.label, ends_at=PERIOD.ends)
WANTED = [Wanted(CAP, PERIOD)]
SOLD = Outcome(kind=Kind.SUCCESS)
NO = Outcome(kind=Kind.HARD_REJECT)
UNKNOWN = Outcome(kind=Kind.TIMEOUT, code=ReasonCode.TIMEOUT_RESPONSE, arrived=Arrived.UNKNOWN)


def holder(place: int) -> Holder:
    return lead_id(place), "crm"


def told(place: int, tally: Tally, *facts: Fact) -> list[Change]:
    """What facts of a lead change, booked."""
    changes = tally.changes([entry(place, number, fact) for number, fact in enumerate(facts, 2)])
    tally.book(changes)
    return changes


def start(claims: tuple[Claim, ...] = (CLAIM,)) -> AttemptStarted:
    return AttemptStarted(delivery="crm", destination="crm", attempt=1, claims=claims)


def end(outcome: Outcome) -> AttemptEnded:
    return AttemptEnded(delivery="crm", destination="crm", attempt=1, outcome=outcome)


def ended(outcome: Outcome) -> DeliveryEnded:
    return DeliveryEnded(delivery="crm", destination="crm", outcome=outcome, attempts=1)


def is_full(tally: Tally) -> bool:
    return tally.full(holder(99), WANTED) is not None


async def test_a_place_is_held_sold_or_freed_by_what_the_facts_say() -> None:
    tally = Tally()
    assert await tally.hold(holder(1), WANTED) == (CLAIM,)
    assert told(1, tally, start())
    assert is_full(tally)
    assert told(1, tally, end(NO))
    assert not is_full(tally)
    await tally.hold(holder(2), WANTED)
    told(2, tally, start(), end(SOLD), ended(SOLD))
    assert is_full(tally)
    assert isinstance(await tally.hold(holder(3), WANTED), Full)


async def test_a_lead_that_may_have_arrived_is_decided_by_whatever_fact_comes_later() -> None:
    tally = Tally()
    await tally.hold(holder(1), WANTED)
    told(1, tally, start(), end(UNKNOWN), ended(UNKNOWN))
    assert is_full(tally)
    assert told(1, tally, DeliveryResolved(delivery="crm", destination="crm", outcome=NO))
    assert not is_full(tally)


async def test_a_refusal_that_says_nothing_of_an_earlier_try_frees_no_place() -> None:
    tally = Tally()
    await tally.hold(holder(1), WANTED)
    told(1, tally, start(), end(UNKNOWN), start(), replace(end(NO), in_doubt=True), ended(UNKNOWN))
    assert is_full(tally)
    assert told(1, tally, DeliveryResolved(delivery="crm", destination="crm", outcome=NO))
    assert not is_full(tally)


async def test_a_delivery_that_ends_without_an_attempt_frees_what_it_holds() -> None:
    tally = Tally()
    await tally.hold(holder(1), WANTED)
    told(1, tally, start(), ended(skipped(ReasonCode.CANCELLED, "cancelled")))
    assert not is_full(tally)


def test_facts_of_other_deliveries_change_nothing() -> None:
    tally = Tally()
    assert told(1, tally, start(()), end(SOLD), ended(SOLD)) == []


async def test_changes_count_from_when_they_are_booked() -> None:
    """Until then they are not durable."""
    tally = Tally()
    await tally.hold(holder(1), WANTED)
    told(1, tally, start())
    changes = tally.changes([entry(1, 3, end(NO))])
    assert is_full(tally)
    tally.book(changes)
    tally.book(changes)  # a second append of the same fact, after a failure that was none
    assert not is_full(tally)


def test_begins_with_what_an_earlier_run_left() -> None:
    count = Count(sold=1, spent=Decimal(5))
    assert is_full(Tally(counts=[(CLAIM, count)]))
    left = Tally(held=[(holder(1), CLAIM)])
    assert is_full(left)
    told(1, left, end(UNKNOWN), ended(NO))
    assert not is_full(left)


async def test_a_place_that_comes_free_belongs_to_those_who_stand_in_line(autojump_clock: MockClock) -> None:
    tally = Tally()
    await tally.hold(holder(1), WANTED)
    told(1, tally, start())
    tally.stand_in_line([CAP.key])
    told(1, tally, end(NO))
    assert await tally.moved() == {CAP.key}
    assert is_full(tally), "for everybody else"
    assert isinstance(await tally.hold(holder(2), WANTED), Full)
    assert tally.keep(holder(3), WANTED[0])
    tally.served(CAP.key, is_over=False)
    assert is_full(tally)
    assert tally.full(holder(3), WANTED) is None
    assert await tally.hold(holder(3), WANTED) == (CLAIM,)
    tally.let_go(holder(3))
    assert is_full(tally), "it is held now, and no longer set aside"


async def test_what_nobody_in_line_wants_is_there_for_all_again(autojump_clock: MockClock) -> None:
    tally = Tally()
    tally.stand_in_line([CAP.key])
    tally.look_at([CAP.key, "another//day"])
    assert await tally.moved() == {CAP.key}, "nobody waits for the other"
    assert tally.keep(holder(3), WANTED[0])
    assert not tally.keep(holder(4), WANTED[0])
    tally.let_go(holder(3))
    tally.served(CAP.key, is_over=True)
    assert not is_full(tally)
    told(1, tally, start(), end(NO))
    with trio.move_on_after(1) as nothing:
        await tally.moved()
    assert nothing.cancelled_caught, "there is no line any more"


async def test_a_place_that_comes_free_while_the_line_is_served_is_looked_at_too(
    autojump_clock: MockClock,
) -> None:
    tally = Tally()
    tally.stand_in_line([CAP.key])
    tally.look_at([CAP.key])
    await tally.moved()
    tally.look_at([CAP.key])
    tally.served(CAP.key, is_over=True)
    assert await tally.moved() == {CAP.key}
    assert is_full(tally)


async def test_wakes_whoever_waits_for_a_place(autojump_clock: MockClock) -> None:
    tally, woken = Tally(), list[int]()

    async def wait(number: int) -> None:
        await tally.freed(CAP.key)
        woken.append(number)

    async with trio.open_nursery() as nursery:
        await tally.hold(holder(1), WANTED)
        nursery.start_soon(wait, 1)
        nursery.start_soon(tally.freed, "another//day")
        await wait_all_tasks_blocked()
        told(1, tally, start())
        await wait_all_tasks_blocked()
        assert woken == []
        told(1, tally, end(NO))
        await wait_all_tasks_blocked()
        assert woken == [1]
        await tally.hold(holder(2), WANTED)
        nursery.start_soon(wait, 2)
        await wait_all_tasks_blocked()
        tally.release(holder(2))
        await wait_all_tasks_blocked()
        assert woken == [1, 2]
        nursery.cancel_scope.cancel()
