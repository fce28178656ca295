"""The only door to one destination (behaviour 7)."""

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from fakes import Buyer, BuyerAdapter, Open, TrioClock, answers
from leadrelay.core.errors import NotSent
from leadrelay.core.outcome import ReasonCode
from leadrelay.journal.tally import Tally
from leadrelay.runtime.outlet import IDLE_AFTER, Outlet
from values import a_destination


def an_outlet(concurrency: int = 2, queue: int = 10) -> tuple[Outlet, BuyerAdapter]:
    adapter = BuyerAdapter(Buyer(answers()))
    destination = a_destination("a", concurrency=concurrency, queue=queue)
    return Outlet(destination, adapter, Open(), TrioClock(), Tally()), adapter


async def hold(outlet: Outlet, seconds: float, order: list[int] | None = None, number: int = 0) -> None:
    async with outlet.slot():
        if order is not None:
            order.append(number)
        await trio.sleep(seconds)


async def test_no_more_leads_are_out_at_once_than_there_are_slots(autojump_clock: MockClock) -> None:
    outlet, adapter = an_outlet(concurrency=2)
    async with trio.open_nursery() as nursery:
        for _ in range(6):
            nursery.start_soon(hold, outlet, 1)
    assert trio.current_time() == pytest.approx(3)
    assert len(adapter.wires) == 2


async def test_who_waits_is_served_in_order_of_arrival(autojump_clock: MockClock) -> None:
    outlet, _ = an_outlet(concurrency=1)
    order: list[int] = []
    async with trio.open_nursery() as nursery:
        for number in range(5):
            nursery.start_soon(hold, outlet, 1, order, number)
            await wait_all_tasks_blocked()
    assert order == [0, 1, 2, 3, 4]


async def test_a_queue_that_is_full_turns_a_lead_away_that_certainly_did_not_arrive(
    autojump_clock: MockClock,
) -> None:
    outlet, _ = an_outlet(concurrency=1, queue=2)
    async with trio.open_nursery() as nursery:
        for _ in range(3):
            nursery.start_soon(hold, outlet, 1)
        await wait_all_tasks_blocked()
        assert outlet.waiting == 2
        with pytest.raises(NotSent) as caught:
            async with outlet.slot():
                pass
    assert caught.value.code is ReasonCode.QUEUE_FULL


async def test_the_connection_used_last_is_used_next(autojump_clock: MockClock) -> None:
    """So that a quiet hour lets the surplus go."""
    outlet, adapter = an_outlet(concurrency=3)
    async with trio.open_nursery() as nursery:
        for seconds in (1, 2, 3):
            nursery.start_soon(hold, outlet, seconds)
            await wait_all_tasks_blocked()
    for _ in range(5):
        async with outlet.slot() as wire:
            assert wire is adapter.wires[2]
    assert len(adapter.wires) == 3


async def test_idle_connections_are_closed_and_all_of_them_at_the_end(autojump_clock: MockClock) -> None:
    outlet, adapter = an_outlet(concurrency=2)
    async with trio.open_nursery() as nursery:
        await nursery.start(outlet.run)
        async with trio.open_nursery() as leads:
            for _ in range(2):
                leads.start_soon(hold, outlet, 1)
        for _ in range(3):  # one of the two goes on working
            await trio.sleep(IDLE_AFTER / 2)
            await hold(outlet, 0)
        assert [wire.is_closed for wire in adapter.wires].count(True) == 1
        nursery.cancel_scope.cancel()
    assert all(wire.is_closed for wire in adapter.wires)


async def test_a_pause_holds_everybody_and_a_shorter_one_does_not_end_it(autojump_clock: MockClock) -> None:
    outlet, _ = an_outlet()
    outlet.pause(5)
    outlet.pause(1)
    async with outlet.slot():
        assert trio.current_time() == pytest.approx(5)


async def test_a_lead_cancelled_in_the_queue_leaves_no_hole(autojump_clock: MockClock) -> None:
    outlet, _ = an_outlet(concurrency=1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(hold, outlet, 1)
        await wait_all_tasks_blocked()
        with trio.move_on_after(0.1):
            await hold(outlet, 1)
    with trio.fail_after(0.1):
        await hold(outlet, 0)
    assert outlet.waiting == 0


async def test_a_lead_cancelled_during_a_pause_gives_its_slot_back(autojump_clock: MockClock) -> None:
    outlet, _ = an_outlet(concurrency=1)
    outlet.pause(10)
    with trio.move_on_after(1):
        await hold(outlet, 0)
    with trio.fail_after(9.5):
        await hold(outlet, 0)
