"""How many leads may be out at once, in order of arrival; the number may change while they are."""

from collections import OrderedDict

import trio


class Slots:
    """A semaphore whose size can be set. A smaller one is reached as leads come back."""

    def __init__(self, size: int) -> None:
        self._size, self.taken = size, 0
        self._line: OrderedDict[trio.lowlevel.Task, None] = OrderedDict()

    @property
    def waiting(self) -> int:
        return len(self._line)

    async def take(self) -> None:
        """A slot; waits in order of arrival.

        A free one costs no tick of the loop, so that a wave's starts reach the journal together.
        """
        if self.taken < self._size and not self._line:
            self.taken += 1
            return
        task = trio.lowlevel.current_task()
        self._line[task] = None

        def leave(_: object) -> trio.lowlevel.Abort:
            del self._line[task]
            return trio.lowlevel.Abort.SUCCEEDED

        await trio.lowlevel.wait_task_rescheduled(leave)

    def give_back(self) -> None:
        self.taken -= 1
        self._let_in()

    def resize(self, size: int) -> None:
        self._size = size
        self._let_in()

    def _let_in(self) -> None:
        while self._line and self.taken < self._size:
            task, _ = self._line.popitem(last=False)
            self.taken += 1
            trio.lowlevel.reschedule(task)
