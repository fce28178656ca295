"""Events reach trio, and the thread behind them ends with the queue."""

import threading

import trio
from trio.testing import wait_all_tasks_blocked

from leadrelay.edges.grpc.bridge.polling import Polling


def event_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "grpc-events"]


async def test_the_end_of_the_queue_ends_the_run_and_the_thread() -> None:
    before = len(event_threads())
    polling = Polling()
    async with trio.open_nursery() as nursery:
        polling.start()
        nursery.start_soon(polling.run)
        await wait_all_tasks_blocked()
        assert len(event_threads()) == before + 1
        polling.queue.shutdown()
        with trio.fail_after(5):
            await polling.shut()
    assert len(event_threads()) == before
