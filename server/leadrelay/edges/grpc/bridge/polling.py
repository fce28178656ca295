"""The completion queue, emptied by trio itself while there is work and by a thread while there is none.

Core announces everything through one queue. Blocking on it needs a thread, but a thread that hands
every event to trio costs two changes of the interpreter lock per event. So the thread fetches only
the *first* event, wakes trio and waits at a gate. Trio then takes the following ones without
blocking, a batch per tick so that other tasks have their turn, and opens the gate again only after
two ticks in a row found nothing. Under load no event changes threads at all.

The thread touches the queue, `_fetched`, `_is_armed` (to clear it, after the append), the gate and
`run_sync_soon`, and nothing else. Only trio arms, and it opens the gate exactly once for that.
"""

import threading
from collections import deque

import trio

from leadrelay.edges.grpc.bridge.cython import NOTHING_CAME, QUEUE_IS_SHUT, CoreQueue, Event, new_queue
from leadrelay.edges.grpc.bridge.park import Park

BATCH = 32  # events per tick; 16 and 64 were measured at a fifth and a tenth more time per call


class Polling:
    """Calls the tag of every event, in the trio thread."""

    def __init__(self) -> None:
        self.queue: CoreQueue = new_queue()
        self._fetched: deque[Event] = deque()  # one event, seldom two
        self._arrival = Park()
        self._gate = threading.Lock()
        self._gate.acquire()
        self._is_armed = False
        # A daemon, for a fault in a tag ends the process with the thread still inside core.
        self._thread = threading.Thread(target=self._fetch, name="grpc-events", daemon=True)

    def start(self) -> None:
        self._trio = trio.lowlevel.current_trio_token()
        self._thread.start()

    @trio.lowlevel.enable_ki_protection
    async def run(self) -> None:
        """Until the queue is shut and empty. A tag that raises is a bug, and ends this with it."""
        while True:
            if not self._is_armed and not self._fetched:
                self._open_gate()
            if not self._fetched:
                await self._arrival.wait()
            quiet_ticks = 0
            while quiet_ticks < 2:
                handled = self._handle_batch()
                if handled is None:
                    return
                quiet_ticks = 0 if handled else quiet_ticks + 1
                await trio.lowlevel.cancel_shielded_checkpoint()

    async def shut(self) -> None:
        """After `run` has ended: let the thread see the end too, and wait for it."""
        if not self._is_armed:
            self._open_gate()
        await trio.to_thread.run_sync(self._thread.join)

    def _handle_batch(self) -> int | None:
        """How many events there were, or None at the end of the queue."""
        fetched, poll = self._fetched, self.queue.poll
        for handled in range(BATCH):
            event = fetched.popleft() if fetched else poll(0)
            if event.completion_type == NOTHING_CAME:
                return handled
            if event.completion_type == QUEUE_IS_SHUT:
                return None
            event.tag(event)
        return BATCH

    def glance(self) -> None:
        """Handle what has come by now. In the trio thread, by whoever has just given core something to do.

        Most sends are done before core returns from taking them. To look at once is quicker than the
        thread, which then finds nothing and sleeps on, and spares two changes of threads a send.
        """
        while self._handle_batch():
            pass

    def _open_gate(self) -> None:
        self._is_armed = True
        self._gate.release()

    def _fetch(self) -> None:
        """The other thread."""
        is_last = False
        while not is_last:
            self._gate.acquire()
            event = self.queue.poll(None)
            is_last = event.completion_type == QUEUE_IS_SHUT
            self._fetched.append(event)
            del event  # it may hold the last reference to a call, which core wants back
            self._is_armed = False
            try:
                self._trio.run_sync_soon(self._arrival.wake)
            except trio.RunFinishedError:
                return
