"""Somebody says what became of an unresolved delivery, and the flow goes on from there (behaviour 4.5)."""

from dataclasses import replace
from decimal import Decimal

import pytest
import trio
from trio.testing import MockClock

from fakes import Buyer, MemoryJournal, answers, breaks, hangs
from house import House, a_house
from leadrelay.core.catalog import Catalog
from leadrelay.core.destination import Timeouts, WhenUnknown
from leadrelay.core.facts import DeliveryResolved, LeadCancelled, LeadSettled
from leadrelay.core.outcome import Kind, Outcome, ReasonCode, Result
from leadrelay.core.pricing import PriceRule
from leadrelay.core.resolving import NotUnresolved, UnknownDelivery, said
from leadrelay.core.retry import Backoff
from leadrelay.core.template import compile_template
from leadrelay.runtime.intake import Draining
from values import ACCEPTED, LEAD_ID, REJECTED, a_catalog, a_destination, a_lead, parallel, waterfall

SOLD = said(Kind.SUCCESS, "they have it", price=Decimal("42.50"), currency="USD", reference="P-1")
UNPRICED = said(Kind.SUCCESS, "they have it")
REFUSED = said(Kind.HARD_REJECT, "they do not want it")
NEVER_CAME = said(Kind.SYSTEM_ERROR, "they never saw it")


def in_order(*names: str) -> Catalog:
    return a_catalog(*map(a_destination, names), step=waterfall(*names))


def who_accept(*names: str) -> dict[str, Buyer]:
    return {name: Buyer(answers(body=ACCEPTED)) for name in names}


async def last_word(house: House) -> LeadSettled:
    """How the lead stands once nothing more happens."""
    await trio.sleep(60)
    fact = house.facts()[-1]
    assert isinstance(fact, LeadSettled)
    return fact


async def test_a_success_counts_with_its_price_and_nobody_else_is_asked(autojump_clock: MockClock) -> None:
    buyers = {"a": Buyer(breaks), **who_accept("b")}
    async with a_house(in_order("a", "b"), buyers) as house:
        assert (await house.deliver()).waiting == ("b",)
        await house.intake.resolve(LEAD_ID, "a", SOLD)
        settled = await last_word(house)
        numbers = [entry.number for entry in house.journal.entries[LEAD_ID]]
        ledger = house.intake.ledger
    assert (settled.result, settled.accepted, settled.waiting) == (Result.SUCCESS, 1, ())
    assert settled.revenue[0].amount == Decimal("42.50")
    assert buyers["b"].requests == []
    assert numbers == list(range(1, len(numbers) + 1))
    assert ledger.received + ledger.woken == ledger.settled == 2


@pytest.mark.parametrize(("outcome", "price"), [(SOLD, "42.50"), (UNPRICED, "7.50"), (REFUSED, None)])
async def test_where_nobody_says_its_price_it_is_what_was_agreed(
    outcome: Outcome, price: str | None, autojump_clock: MockClock
) -> None:
    """As with a recipient's own answer, so that settlement and sums say the same."""
    agreed = PriceRule(amount=compile_template("7.50"), currency="USD")
    catalog = a_catalog(replace(a_destination("a"), prices=(agreed,)), step=waterfall("a"))
    async with a_house(catalog, {"a": Buyer(breaks)}) as house:
        await house.deliver()
        await house.intake.resolve(LEAD_ID, "a", outcome)
        settled = await last_word(house)
        fact = next(fact for fact in house.facts() if isinstance(fact, DeliveryResolved))
    assert fact.outcome.price == (None if price is None else Decimal(price))
    assert [money.amount for money in settled.revenue] == ([] if price is None else [Decimal(price)])


@pytest.mark.parametrize("outcome", [REFUSED, NEVER_CAME])
async def test_a_no_lets_the_next_be_asked(outcome: object, autojump_clock: MockClock) -> None:
    buyers = {"a": Buyer(breaks), **who_accept("b")}
    async with a_house(in_order("a", "b"), buyers) as house:
        await house.deliver()
        await house.intake.resolve(LEAD_ID, "a", outcome)  # type: ignore[arg-type]
        settled = await last_word(house)
    assert settled.reason == "accepted by b"
    assert len(buyers["a"].requests) == len(buyers["b"].requests) == 1


async def test_it_is_durable_when_it_is_answered(autojump_clock: MockClock) -> None:
    journal = MemoryJournal(commit_takes=0.5)
    async with a_house(in_order("a"), {"a": Buyer(breaks)}, journal=journal) as house:
        await house.deliver()
        await house.intake.resolve(LEAD_ID, "a", SOLD)
        assert any(isinstance(fact, DeliveryResolved) for fact in house.facts())


async def test_said_again_it_changes_nothing(autojump_clock: MockClock) -> None:
    async with a_house(in_order("a"), {"a": Buyer(breaks)}) as house:
        await house.deliver()
        await house.intake.resolve(LEAD_ID, "a", SOLD)
        await last_word(house)
        before = len(house.facts())
        await house.intake.resolve(LEAD_ID, "a", SOLD)
        with pytest.raises(NotUnresolved):
            await house.intake.resolve(LEAD_ID, "a", REFUSED)
        with pytest.raises(UnknownDelivery):
            await house.intake.resolve(LEAD_ID, "z", REFUSED)
        await trio.sleep(60)
        assert len(house.facts()) == before
        assert house.intake.ledger.under_way == 0


async def test_two_who_say_it_at_once_are_heard_once(autojump_clock: MockClock) -> None:
    buyers = {"a": Buyer(breaks), **who_accept("b")}
    journal = MemoryJournal(commit_takes=0.1)
    async with a_house(in_order("a", "b"), buyers, journal=journal) as house:
        await house.deliver()
        async with trio.open_nursery() as nursery:
            for _ in range(3):
                nursery.start_soon(house.intake.resolve, LEAD_ID, "a", REFUSED)
        await last_word(house)
        resolved = [fact for fact in house.facts() if isinstance(fact, DeliveryResolved)]
    assert len(resolved) == 1
    assert len(buyers["b"].requests) == 1


async def test_a_lead_that_is_still_under_way_is_resolved_too(autojump_clock: MockClock) -> None:
    slow = a_destination("slow", timeouts=Timeouts(response=50, total=60))
    catalog = a_catalog(a_destination("a"), slow, step=parallel("a", "slow"))
    buyers = {"a": Buyer(breaks), "slow": Buyer(answers(body=REJECTED, after=40))}
    async with a_house(catalog, buyers) as house:
        house.nursery.start_soon(house.deliver)
        await trio.sleep(10)
        await house.intake.resolve(LEAD_ID, "a", SOLD)
        with pytest.raises(NotUnresolved, match="under way"):
            await house.intake.resolve(LEAD_ID, "slow", SOLD)
        settled = await last_word(house)
        assert sum(isinstance(fact, LeadSettled) for fact in house.facts()) == 1
    assert settled.reason == "accepted by a"


async def test_a_parked_lead_is_resolved_and_stays_parked(autojump_clock: MockClock) -> None:
    hourly = a_destination("b", retry=Backoff(attempts=2, first_delay=3600, max_delay=3600))
    catalog = a_catalog(a_destination("a"), hourly, step=parallel("a", "b"))
    buyers = {"a": Buyer(breaks), "b": Buyer(answers(503), answers(body=REJECTED))}
    async with a_house(catalog, buyers) as house:
        await house.intake.receive(a_lead(), "", house.catalog)
        await trio.sleep(60)
        await house.intake.resolve(LEAD_ID, "a", SOLD)
        await trio.sleep(60)
        assert house.intake.ledger.under_way == 0
        settled = await house.settled(LEAD_ID)
    assert settled.accepted == 1
    assert buyers["b"].called_at == pytest.approx([0, 3600], abs=1)


async def test_a_waiting_delivery_of_a_cancelled_lead_does_not_start(autojump_clock: MockClock) -> None:
    buyers = {"a": Buyer(hangs), **who_accept("b")}
    async with a_house(in_order("a", "b"), buyers) as house:
        house.nursery.start_soon(house.deliver)
        await trio.sleep(1)
        await house.intake.cancel(LEAD_ID, "asked")
        at_first, said_at_once = await last_word(house), house.outcomes()["b"]
        await house.intake.resolve(LEAD_ID, "a", REFUSED)
        assert (await last_word(house)).result is Result.FAILURE
        assert house.outcomes()["b"] == said_at_once
    assert said_at_once.code is ReasonCode.CANCELLED
    assert (at_first.result, at_first.waiting) == (Result.UNRESOLVED, ())
    assert buyers["b"].requests == []


async def test_a_refused_resolution_leaves_no_trace_of_a_settled_lead(autojump_clock: MockClock) -> None:
    async with a_house(in_order("a"), who_accept("a")) as house:
        await house.deliver()
        before = house.facts()
        with pytest.raises(NotUnresolved):
            await house.intake.resolve(LEAD_ID, "a", REFUSED)
        assert not await house.intake.cancel(LEAD_ID, "too late")
        await trio.sleep(1)
        assert house.facts() == before
        assert not any(isinstance(fact, LeadCancelled) for fact in house.facts())


async def test_an_unknown_lead_and_a_stopping_server_are_told(autojump_clock: MockClock) -> None:
    async with a_house(in_order("a"), who_accept("a")) as house:
        with pytest.raises(LookupError):
            await house.intake.resolve(LEAD_ID, "a", SOLD)
        house.intake.close()
        with pytest.raises(Draining):
            await house.intake.resolve(LEAD_ID, "a", SOLD)


@pytest.mark.parametrize("keep", range(1, 5))
async def test_a_crash_after_it_was_said_goes_on_at_the_next_start(
    keep: int, autojump_clock: MockClock
) -> None:
    """Behaviour 4.5 and design 2.1: recovery reads the same facts; nobody is asked twice under two keys."""
    journal, before, after = MemoryJournal(), who_accept("b"), who_accept("a", "b")
    async with a_house(in_order("a", "b"), {"a": Buyer(breaks), **before}, journal=journal) as house:
        await house.deliver()
        await house.intake.resolve(LEAD_ID, "a", REFUSED)
        await last_word(house)
    rows = journal.entries[LEAD_ID]
    said_at = next(place for place, row in enumerate(rows) if isinstance(row.fact, DeliveryResolved))
    journal.entries[LEAD_ID] = rows[: said_at + keep]
    async with a_house(in_order("a", "b"), after, journal=journal) as house:
        await house.intake.resume()
        settled = await last_word(house)
    assert settled.result in (Result.SUCCESS, Result.UNRESOLVED)
    assert after["a"].requests == []
    assert len(set(before["b"].keys + after["b"].keys)) == 1


async def test_who_calls_a_lead_that_may_have_arrived_a_duplicate_has_accepted_it(
    autojump_clock: MockClock,
) -> None:
    """Behaviour 4.5."""
    duplicate = answers(body={"result": "rejected", "reason": "Duplicate lead"})
    resends = a_destination("a", when_unknown=WhenUnknown.RESEND, retry=Backoff(attempts=3))
    async with a_house(a_catalog(resends), {"a": Buyer(breaks, duplicate)}) as house:
        settled = await house.deliver()
        outcome = house.outcomes()["a"]
    assert settled.result is Result.SUCCESS
    assert (outcome.kind, outcome.code) == (Kind.SUCCESS, ReasonCode.DUPLICATE)


async def test_a_duplicate_without_an_unknown_before_it_is_a_no(autojump_clock: MockClock) -> None:
    duplicate = answers(body={"result": "rejected", "reason": "Duplicate lead"})
    resends = a_destination("a", when_unknown=WhenUnknown.RESEND, retry=Backoff(attempts=3))
    async with a_house(a_catalog(resends), {"a": Buyer(answers(503), duplicate)}) as house:
        assert (await house.deliver()).result is Result.FAILURE
