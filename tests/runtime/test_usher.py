"""A place that comes free under a cap goes to the parked delivery that has waited longest (behaviour 7)."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from fakes import Act, Buyer, answers, breaks
from house import House, a_house
from leadrelay.core.catalog import Catalog
from leadrelay.core.errors import JournalError
from leadrelay.core.facts import AttemptEnded, AttemptStarted, DeliveryParked, LeadParked
from leadrelay.core.limits.caps import Cap
from leadrelay.core.limits.full import WhenFull
from leadrelay.core.limits.periods import PeriodKind
from leadrelay.core.outcome import Kind
from leadrelay.core.pricing import PriceRule
from leadrelay.core.resolving import said
from leadrelay.core.template import compile_template
from runtime.limited import by_code, cap, capped, lead_id, open_from, outcomes
from values import ACCEPTED, REJECTED, a_catalog, a_destination, a_lead, parallel

SELLS: Act = answers(body=ACCEPTED, after=1)
DECLINES: Act = answers(body=REJECTED, after=10)
HOUR = 3600


def parking(*caps: Cap) -> Catalog:
    return a_catalog(a_destination("buyer", limits=capped(*caps, when_full=WhenFull.PARK)))


async def receive(house: House, numbers: Iterable[int], **fields: str) -> None:
    for number in numbers:
        await house.intake.receive(a_lead(lead_id=lead_id(number), **fields), "", house.catalog)
        await wait_all_tasks_blocked()


def sent_at(house: House, number: int) -> float | None:
    """When a lead was first sent, in seconds since the test began."""
    began = house.journal.entries[lead_id(0)][0].at
    for entry in house.journal.entries[lead_id(number)]:
        if isinstance(entry.fact, AttemptStarted):
            return round((entry.at - began) / 1e9)
    return None


def parked(house: House, number: int) -> int:
    """How often a lead was parked."""
    return sum(isinstance(fact, LeadParked) for fact in house.facts(lead_id(number)))


async def test_whoever_has_waited_longest_has_the_place_that_a_no_leaves(autojump_clock: MockClock) -> None:
    buyer = Buyer(DECLINES, DECLINES, SELLS)
    async with a_house(parking(cap(1)), {"buyer": buyer}) as house:
        await receive(house, range(4))
        assert house.intake.ledger.under_way == 1
        await trio.sleep(HOUR)
        assert [sent_at(house, number) for number in range(4)] == [0, 10, 20, None]
        assert house.intake.ledger.parked == 3
        assert [parked(house, number) for number in range(4)] == [0, 1, 1, 1], "nobody is called in vain"


async def test_a_lead_that_comes_later_is_not_quicker(autojump_clock: MockClock) -> None:
    """Not even one that comes at the very moment, before the journal has said whose turn it is."""
    buyer = Buyer(DECLINES, SELLS)
    async with a_house(parking(cap(1)), {"buyer": buyer}) as house:
        await receive(house, range(3))
        await trio.sleep_until(9.95)
        for number in range(3, 300):
            await receive(house, [number])
            await trio.sleep(0.001)
        await trio.sleep(HOUR)
        assert [number for number in range(300) if sent_at(house, number) is not None] == [0, 1]
        assert by_sale(house, lead_id(1))


def by_sale(house: House, lead: str) -> bool:
    ends = (fact for fact in house.facts(lead) if isinstance(fact, AttemptEnded))
    return any(end.outcome.kind is Kind.SUCCESS for end in ends)


async def test_places_that_come_free_are_all_sold_and_no_more(autojump_clock: MockClock) -> None:
    """Every second lead is rejected; 60 wait for 10 places."""
    buyer = Buyer(*[answers(body=REJECTED, after=1), answers(body=ACCEPTED, after=2)] * 40)
    async with a_house(parking(cap(10)), {"buyer": buyer}) as house:
        await receive(house, range(60))
        await trio.sleep(HOUR)
        sold = [number for number in range(60) if by_sale(house, lead_id(number))]
        sent = [number for number in range(60) if sent_at(house, number) is not None]
    assert len(sold) == 10
    assert sent == list(range(len(sent))), "in order of receipt"
    assert sum(parked(house, number) for number in range(60)) == 50


async def test_a_lead_that_was_resolved_leaves_its_place(autojump_clock: MockClock) -> None:
    buyer = Buyer(breaks, SELLS)
    async with a_house(parking(cap(1)), {"buyer": buyer}) as house:
        await receive(house, range(2))
        await trio.sleep(HOUR)
        assert sent_at(house, 1) is None, "the first may have been sold"
        await house.intake.resolve(lead_id(0), "buyer", said(Kind.HARD_REJECT, "never heard of it"))
        await house.settled(lead_id(1))
        assert sent_at(house, 1) == HOUR


@pytest.mark.parametrize("caps", [(cap(3),), (), (cap(3, name="other"),)], ids=["more", "none", "another"])
async def test_a_catalog_that_takes_more_lets_them_go_at_once(
    caps: tuple[Cap, ...], autojump_clock: MockClock
) -> None:
    async with a_house(parking(cap(1)), {"buyer": Buyer(SELLS)}) as house:
        await receive(house, range(4))
        await trio.sleep(HOUR)
        house.catalogs.current = parking(*caps)
        await trio.sleep(HOUR)
        allowed = 3 if caps and caps[0].name == "" else 3 + 1
        assert sum(sent_at(house, number) is not None for number in range(4)) == allowed
        assert sent_at(house, 1) == HOUR


async def test_a_restart_finds_the_line_and_the_places(autojump_clock: MockClock) -> None:
    async with a_house(parking(cap(1)), {"buyer": Buyer(SELLS)}) as house:
        await receive(house, range(4))
        await trio.sleep(5)
        journal = house.journal
    async with a_house(parking(cap(2)), {"buyer": Buyer(SELLS)}, journal=journal) as house:
        await house.settled(lead_id(1))
        await trio.sleep(5)
        assert [sent_at(house, number) for number in range(4)] == [0, 5, None, None]


async def test_a_delivery_whose_lead_is_under_way_is_called_up_there(autojump_clock: MockClock) -> None:
    """Its other destination is slow, so the lead does not rest."""
    limits = capped(cap(1), when_full=WhenFull.PARK)
    both = a_destination("buyer", limits=limits), a_destination("slow")
    catalog = a_catalog(*both, step=parallel("buyer", "slow"))
    buyers = {"buyer": Buyer(DECLINES, SELLS), "slow": Buyer(answers(body=ACCEPTED, after=12))}
    async with a_house(catalog, buyers) as house:
        await receive(house, range(2))
        await house.settled(lead_id(1))
        assert sent_at(house, 1) == 0
        assert trio.current_time() < 20
        assert house.outcomes(lead_id(1))["buyer"].kind is Kind.SUCCESS


async def test_who_is_cancelled_on_the_way_leaves_the_place_to_the_next(autojump_clock: MockClock) -> None:
    async with a_house(parking(cap(1)), {"buyer": Buyer(DECLINES, SELLS)}) as house:
        await receive(house, range(3))
        await house.intake.cancel(lead_id(1), "not any more")
        await house.settled(lead_id(2))
        assert [sent_at(house, number) for number in range(3)] == [0, None, 10]


async def test_who_finds_another_cap_full_waits_in_that_line(autojump_clock: MockClock) -> None:
    caps = cap(1, name="all"), cap(1, PeriodKind.WEEK, name="texas", when='state == "TX"')
    buyer = Buyer(SELLS, DECLINES, SELLS)
    async with a_house(parking(*caps), {"buyer": buyer}) as house:
        await receive(house, [0], state="TX")
        await trio.sleep(2)
        house.catalogs.current = parking(replace(caps[0], count=2), caps[1])
        await receive(house, [1], state="CA")
        await receive(house, [2], state="TX")
        await receive(house, [3], state="CA")
        await house.settled(lead_id(3))
        assert [sent_at(house, number) for number in range(4)] == [0, 2, None, 12]
        reasons = [fact.cap for fact in house.facts(lead_id(2)) if isinstance(fact, DeliveryParked)]
        assert reasons == ["buyer/texas/week"]


async def test_who_costs_more_than_is_left_is_not_called_again_and_again(autojump_clock: MockClock) -> None:
    prices = (PriceRule(amount=compile_template("{{default cost 10}}"), currency="USD"),)
    limits = capped(cap(None, money="30"), when_full=WhenFull.PARK)
    catalog = a_catalog(replace(a_destination("buyer", limits=limits), prices=prices))
    accepts = answers(body={"result": "accepted"}, after=1)
    async with a_house(catalog, {"buyer": Buyer(accepts, accepts, DECLINES, accepts)}) as house:
        await receive(house, range(3))
        await receive(house, [3], cost="25")
        await receive(house, [4])
        await trio.sleep(HOUR)
        assert by_code(outcomes(house, range(3)))["success"] == 2
        assert sent_at(house, 3) is None, "10 are left of 30"
        assert parked(house, 3) <= 3


async def test_a_place_that_comes_free_after_hours_is_left_until_it_opens(autojump_clock: MockClock) -> None:
    """It is 16:00, and closes at 17:00."""
    hours = open_from(8, until=17).schedule
    limits = replace(capped(cap(1), when_full=WhenFull.PARK), schedule=hours)
    catalog = a_catalog(a_destination("buyer", limits=limits))
    async with a_house(catalog, {"buyer": Buyer(breaks, SELLS)}) as house:
        await receive(house, range(3))
        await trio.sleep(2 * HOUR)
        await house.intake.resolve(lead_id(0), "buyer", said(Kind.HARD_REJECT, "no"))
        await trio.sleep(HOUR)
        assert sent_at(house, 1) is None
        assert parked(house, 1) == 2
        await house.settled(lead_id(1))
        assert sent_at(house, 1) == 16 * HOUR


@contextmanager
def unreadable(house: House, lead: str) -> Iterator[None]:
    read = house.journal.read

    async def fails(lead_id: str, after: int = 0) -> list[object]:
        if lead_id == lead:
            raise JournalError("the disk reports an error")
        return await read(lead_id, after)  # type: ignore[return-value]

    house.journal.read = fails  # type: ignore[method-assign, assignment]
    yield
    house.journal.read = read  # type: ignore[method-assign]


async def test_one_lead_that_cannot_be_read_holds_up_no_other(autojump_clock: MockClock) -> None:
    async with a_house(parking(cap(1)), {"buyer": Buyer(DECLINES, SELLS)}) as house:
        await receive(house, range(3))
        with unreadable(house, lead_id(1)):
            await house.settled(lead_id(2))
        assert sent_at(house, 2) == 10
