"""The line before a token bucket (behaviour 7)."""

import math

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from leadrelay.core.limits.rate import Rate
from leadrelay.runtime.pace import Pace


class Line:
    """Leads before one pace, and when each of them went."""

    def __init__(self, pace: Pace) -> None:
        self.pace, self.held_until = pace, -math.inf
        self.went: dict[int, float] = {}

    async def go(self, number: int, patience: float = math.inf) -> None:
        with trio.move_on_after(patience):
            async with self.pace.turn(lambda: self.held_until):
                self.went[number] = trio.current_time()


async def test_lets_exactly_as_many_out_as_the_rate_says(autojump_clock: MockClock) -> None:
    line = Line(Pace(Rate(per_second=10, burst=5)))
    async with trio.open_nursery() as nursery:
        for number in range(1000):
            nursery.start_soon(line.go, number)
        await trio.sleep(10)
        assert len(line.went) == 5 + 100
        nursery.cancel_scope.cancel()


async def test_is_fair_in_order_of_arrival(autojump_clock: MockClock) -> None:
    line = Line(Pace(Rate(per_second=0.5)))
    async with trio.open_nursery() as nursery:
        for number in range(5):
            nursery.start_soon(line.go, number)
            await wait_all_tasks_blocked()
    assert line.went == {0: 0, 1: 2, 2: 4, 3: 6, 4: 8}


async def test_who_gives_up_takes_nothing_of_the_rate(autojump_clock: MockClock) -> None:
    line = Line(Pace(Rate(per_second=1)))
    async with trio.open_nursery() as nursery:
        for number, patience in enumerate([math.inf, 0.5, 0.7, math.inf]):
            nursery.start_soon(line.go, number, patience)
            await wait_all_tasks_blocked()
    assert line.went == {0: 0, 3: 1}


async def test_who_is_turned_away_at_its_turn_takes_nothing_either(autojump_clock: MockClock) -> None:
    pace = Pace(Rate(per_second=1))
    for _ in range(3):
        with pytest.raises(LookupError):
            async with pace.turn(lambda: 0.0):
                raise LookupError
    assert trio.current_time() == 0
    await Line(pace).go(1)
    assert trio.current_time() == 0


async def test_a_hold_is_waited_for_and_earns_no_more_than_the_burst(autojump_clock: MockClock) -> None:
    """A recipient's Retry-After and a rate together (behaviour 4.4)."""
    line = Line(Pace(Rate(per_second=2, burst=2)))
    line.held_until = 5
    async with trio.open_nursery() as nursery:
        for number in range(4):
            nursery.start_soon(line.go, number)
            await wait_all_tasks_blocked()
        await trio.sleep(1)
        line.held_until = 8  # asked again meanwhile
    assert line.went == {0: 8, 1: 8, 2: 8.5, 3: 9}


async def test_waiting_wakes_nobody(autojump_clock: MockClock) -> None:
    """A thousand in line for an hour cost as many steps of the loop as one that waits."""
    line, steps = Line(Pace(Rate(per_second=0.0001))), [0]

    class Count(trio.abc.Instrument):
        def before_task_step(self, task: trio.lowlevel.Task) -> None:
            steps[0] += 1

    async with trio.open_nursery() as nursery:
        for number in range(1000):
            nursery.start_soon(line.go, number)
        await wait_all_tasks_blocked()
        trio.lowlevel.add_instrument(counting := Count())
        await trio.sleep(3600)
        trio.lowlevel.remove_instrument(counting)
        nursery.cancel_scope.cancel()
    assert steps[0] < 10
