"""One task waits, another wakes it."""

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from leadrelay.edges.grpc.bridge.park import Park


async def test_the_one_who_waits_is_woken() -> None:
    park, woken = Park(), []

    async def wait() -> None:
        await park.wait()
        woken.append(True)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait)
        await wait_all_tasks_blocked()
        assert not woken
        park.wake()
        park.wake()  # twice is once
    assert woken


async def test_a_wake_with_nobody_waiting_is_not_kept(autojump_clock: MockClock) -> None:
    park = Park()
    park.wake()
    with trio.move_on_after(1) as waiting:
        await park.wait()
    assert waiting.cancelled_caught


async def test_a_cancelled_waiter_leaves_the_place_to_the_next(autojump_clock: MockClock) -> None:
    park = Park()
    with trio.move_on_after(1):
        await park.wait()
    park.wake()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(park.wait)
        await wait_all_tasks_blocked()
        park.wake()


async def test_a_second_waiter_is_refused_rather_than_forgotten() -> None:
    park = Park()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(park.wait)
        await wait_all_tasks_blocked()
        with pytest.raises(trio.BusyResourceError):
            await park.wait()
        park.wake()
