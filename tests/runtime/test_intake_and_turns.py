"""Turns are drawn where leads become ours, and each is drawn once (behaviour 5)."""

from collections import Counter
from collections.abc import Iterator
from uuid import UUID

import trio
from trio.testing import MockClock

from fakes import Buyer, MemoryJournal, answers
from house import House, a_house
from leadrelay.core.catalog import Catalog
from leadrelay.core.errors import AlreadyReceived
from leadrelay.core.facts import LeadReceived
from leadrelay.core.flow import Flow, Order, Sequence, Step, Waterfall
from values import ACCEPTED, REJECTED, a_catalog, a_destination, a_lead, to

BUYERS = "abc"


def lead_id(number: int) -> str:
    return str(UUID(int=0x0193_5F00_0000_7000_8000_0000_0000_0000 + number))


def going_round(*steps: Step) -> Catalog:
    waterfall = Step(kind=Waterfall(steps=steps, order=Order.ROUND_ROBIN, name="loans/1"))
    catalog = a_catalog(*map(a_destination, BUYERS))
    flow = Flow(name="loans", root=Step(kind=Sequence(steps=(waterfall,))), rotates=True)
    return Catalog(version=1, destinations=catalog.destinations, flows={"loans": flow})


def buyers() -> dict[str, Buyer]:
    return {name: Buyer(answers(body=ACCEPTED)) for name in BUYERS}


async def deliver_all(house: House, numbers: Iterator[int] | range, request_id: str = "") -> None:
    async def one(number: int) -> None:
        await house.deliver(a_lead(lead_id=lead_id(number), request_id=request_id))

    async with trio.open_nursery() as nursery:
        for number in numbers:
            nursery.start_soon(one, number)


async def test_leads_that_come_together_are_dealt_out_exactly(autojump_clock: MockClock) -> None:
    got = buyers()
    async with a_house(going_round(*map(to, BUYERS)), got) as house:
        await deliver_all(house, range(91))
    assert sorted(len(buyer.requests) for buyer in got.values()) == [30, 30, 31]


async def test_a_restart_goes_on_where_the_turn_was(autojump_clock: MockClock) -> None:
    journal, first = MemoryJournal(), buyers()
    for numbers in (range(4), range(4, 5), range(5, 12)):
        async with a_house(going_round(*map(to, BUYERS)), first, journal=journal) as house:
            await deliver_all(house, numbers)
    assert [len(buyer.requests) for buyer in first.values()] == [4, 4, 4]


async def test_a_lead_that_is_refused_takes_no_turn(autojump_clock: MockClock) -> None:
    got = buyers()
    async with a_house(going_round(*map(to, BUYERS)), got) as house:
        for number in range(6):
            try:
                await house.deliver(a_lead(lead_id=lead_id(number), request_id=f"r-{number // 2}"))
            except AlreadyReceived:
                continue
    assert [len(buyer.requests) for buyer in got.values()] == [1, 1, 1]


async def test_who_says_no_hands_the_lead_on_and_keeps_its_turn(autojump_clock: MockClock) -> None:
    got = buyers() | {"a": Buyer(answers(body=REJECTED))}
    async with a_house(going_round(*map(to, BUYERS)), got) as house:
        for number in range(9):
            await house.deliver(a_lead(lead_id=lead_id(number)))
    assert {name: len(buyer.requests) for name, buyer in got.items()} == {"a": 3, "b": 6, "c": 3}


async def test_the_turn_stands_in_the_leads_first_fact(autojump_clock: MockClock) -> None:
    async with a_house(going_round(*map(to, BUYERS)), buyers()) as house:
        await deliver_all(house, range(5))
        firsts = [house.facts(lead_id(number))[0] for number in range(5)]
    drawn = Counter(fact.turns["loans/1"] for fact in firsts if isinstance(fact, LeadReceived))
    assert drawn == {1: 1, 2: 1, 3: 1, 4: 1, 5: 1}


async def test_a_flow_that_does_not_go_round_waits_for_nothing_more(autojump_clock: MockClock) -> None:
    """Its receipt still shares a commit with its first start."""
    journal = MemoryJournal(commit_takes=0.01)
    async with a_house(a_catalog(a_destination("a")), buyers(), journal=journal) as house:
        await house.deliver(a_lead(lead_id=lead_id(1)))
        before = journal.commits
        await house.deliver(a_lead(lead_id=lead_id(2)))
    assert journal.commits - before == 2
