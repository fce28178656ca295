"""The thread that writes: one call at a time, handed over and waited for at the price of two wake-ups.

trio's own `to_thread.run_sync` lends any thread to any caller, with a limiter, a context and a cache of
threads around each call. There is one writer here, hundreds of times a second for as long as the server
lives, so it has a thread of its own.
"""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TypeVar

import outcome
import trio

from leadrelay.core.errors import JournalError

T = TypeVar("T")

Call = Callable[[], None]


class Pen:
    """Runs calls in one thread, in order. `run` owns the thread."""

    def __init__(self) -> None:
        self._calls: SimpleQueue[Call | None] = SimpleQueue()
        self._is_open = False

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Until cancelled. Every call has ended by then, for those who made one wait for it."""
        self._trio = trio.lowlevel.current_trio_token()
        thread = threading.Thread(target=self._work, name="journal", daemon=True)
        thread.start()
        self._is_open = True
        try:
            task_status.started()
            await trio.sleep_forever()
        finally:
            self._is_open = False
            self._calls.put(None)
            with trio.CancelScope(shield=True):
                await trio.to_thread.run_sync(thread.join)

    async def write(self, call: Callable[[], T]) -> T:
        """What the call returns or raises. Never half cancelled: it is waited for to its end.

        Raises JournalError where `run` does not run, for nobody would ever write.
        """
        if not self._is_open:
            raise JournalError("the journal is closed: the server is stopping")
        task = trio.lowlevel.current_task()

        def carried() -> None:
            ended = outcome.capture(call)
            self._trio.run_sync_soon(trio.lowlevel.reschedule, task, ended)

        self._calls.put(carried)
        result: T = await trio.lowlevel.wait_task_rescheduled(_wait_on)
        return result

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            call()


def _wait_on(_: object) -> trio.lowlevel.Abort:
    return trio.lowlevel.Abort.FAILED
