"""Slots whose number may change while leads are out."""

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from leadrelay.runtime.slots import Slots


async def hold(slots: Slots, seconds: float, order: list[int], number: int) -> None:
    await slots.take()
    try:
        order.append(number)
        await trio.sleep(seconds)
    finally:
        slots.give_back()


async def start(nursery: trio.Nursery, slots: Slots, count: int, seconds: float = 1) -> list[int]:
    order: list[int] = []
    for number in range(count):
        nursery.start_soon(hold, slots, seconds, order, number)
        await wait_all_tasks_blocked()
    return order


async def test_a_free_one_costs_no_tick(autojump_clock: MockClock) -> None:
    """So that a wave's starts reach the journal together."""
    slots = Slots(1)
    with pytest.raises(StopIteration):
        slots.take().send(None)
    assert slots.taken == 1


async def test_who_waits_is_served_in_order_of_arrival(autojump_clock: MockClock) -> None:
    slots = Slots(1)
    async with trio.open_nursery() as nursery:
        order = await start(nursery, slots, 6)
        assert (slots.taken, slots.waiting) == (1, 5)
    assert order == [0, 1, 2, 3, 4, 5]
    assert trio.current_time() == 6
    assert (slots.taken, slots.waiting) == (0, 0)


async def test_a_larger_number_lets_more_in_at_once(autojump_clock: MockClock) -> None:
    slots = Slots(1)
    async with trio.open_nursery() as nursery:
        order = await start(nursery, slots, 5)
        slots.resize(4)
        await wait_all_tasks_blocked()
        assert sorted(order) == [0, 1, 2, 3]  # in one tick, in which the loop picks the order


async def test_a_smaller_number_is_reached_as_leads_come_back(autojump_clock: MockClock) -> None:
    slots = Slots(3)
    async with trio.open_nursery() as nursery:
        order = await start(nursery, slots, 6)
        slots.resize(1)
        await trio.sleep(1.5)  # three have come back, and one of the waiting ones is out
        assert (order, slots.taken) == ([0, 1, 2, 3], 1)


async def test_who_gives_up_leaves_no_hole(autojump_clock: MockClock) -> None:
    slots = Slots(1)
    async with trio.open_nursery() as nursery:
        order = await start(nursery, slots, 1)
        with trio.move_on_after(0.5):
            await slots.take()
        assert slots.waiting == 0
        nursery.start_soon(hold, slots, 1, order, 7)
    assert order == [0, 7]
    assert slots.taken == 0


async def test_one_that_is_let_in_as_it_gives_up_gives_its_slot_back(autojump_clock: MockClock) -> None:
    slots = Slots(1)
    async with trio.open_nursery() as nursery:
        order = await start(nursery, slots, 2)
        nursery.cancel_scope.deadline = trio.current_time() + 1  # the very moment of the hand-over
    assert order[0] == 0
    assert (slots.taken, slots.waiting) == (0, 0)
