"""A place where one trio task waits to be woken.

A trio.Event is spent once it is set and a new one costs an allocation for every wait; the tasks
here go to sleep thousands of times a second. Both sides must be in the trio thread. Waking nobody
does nothing, so whoever waits looks first whether there is anything to wait for.
"""

import trio


class Park:
    __slots__ = ("_task",)

    def __init__(self) -> None:
        self._task: trio.lowlevel.Task | None = None

    def wake(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            trio.lowlevel.reschedule(task)

    async def wait(self) -> None:
        if self._task is not None:
            raise trio.BusyResourceError("another task is waiting here already")
        self._task = trio.lowlevel.current_task()
        await trio.lowlevel.wait_task_rescheduled(self._leave)

    def _leave(self, _: trio.lowlevel.RaiseCancelT) -> trio.lowlevel.Abort:
        self._task = None
        return trio.lowlevel.Abort.SUCCEEDED
