"""The writing thread: calls in order, each waited for to its end, none lost in silence."""

import threading

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from leadrelay.core.errors import JournalError
from leadrelay.journal.pen import Pen


async def test_calls_run_in_one_thread_of_their_own_and_in_order() -> None:
    pen, written, threads = Pen(), list[int](), set[int]()

    def call(number: int) -> int:
        written.append(number)
        threads.add(threading.get_ident())
        return number

    async def write(number: int) -> None:
        assert await pen.write(lambda: call(number)) == number

    async with trio.open_nursery() as nursery:
        await nursery.start(pen.run)
        async with trio.open_nursery() as writers:
            for number in range(50):
                writers.start_soon(write, number)
                await trio.lowlevel.checkpoint()
        nursery.cancel_scope.cancel()
    assert written == list(range(50))
    assert len(threads) == 1
    assert threading.get_ident() not in threads


async def test_what_a_call_raises_reaches_its_caller_and_the_next_call_runs() -> None:
    pen = Pen()
    async with trio.open_nursery() as nursery:
        await nursery.start(pen.run)
        with pytest.raises(ZeroDivisionError):
            await pen.write(lambda: 1 / 0)
        assert await pen.write(lambda: 1) == 1
        nursery.cancel_scope.cancel()


async def test_a_cancelled_caller_waits_for_the_end_of_its_call() -> None:
    pen, may_end, ended = Pen(), threading.Event(), list[int]()

    async def write() -> None:
        with trio.CancelScope() as scope:
            scope.cancel()
            ended.append(await pen.write(lambda: (may_end.wait(60) and 1) or 0))

    async with trio.open_nursery() as nursery:
        await nursery.start(pen.run)
        async with trio.open_nursery() as writers:
            writers.start_soon(write)
            await wait_all_tasks_blocked(0.01)
            assert ended == []
            may_end.set()
        assert ended == [1]
        nursery.cancel_scope.cancel()


async def test_a_call_that_nobody_would_run_is_refused() -> None:
    pen = Pen()
    with pytest.raises(JournalError, match="closed"):
        await pen.write(lambda: 1)
