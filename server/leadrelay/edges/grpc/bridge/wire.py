"""One call as core sees it: batches of operations, and one completion for each.

The rules, all of them core's:
- A batch that was started completes exactly once, and one that was refused never does. The call
  may be forgotten when all have completed, the last status was handed over or can no longer be
  sent, and nobody is left who would send.
- One batch of sends and one receive may be under way at a time.
- A message batched with the initial metadata must not carry the hint that more follows: such a
  batch never completes.

Whoever opens a wire calls `finish` on it exactly once, also after it was lost. All of it runs in
the trio thread.
"""

from collections.abc import Callable
from functools import partial

import grpc
import trio

from leadrelay.edges.grpc.bridge import cython
from leadrelay.edges.grpc.bridge.boxes import Inbox, Outbox
from leadrelay.edges.grpc.bridge.cython import BatchEvent, CoreCall, Operation
from leadrelay.edges.grpc.bridge.limits import Limits
from leadrelay.edges.grpc.bridge.park import Park
from leadrelay.edges.grpc.bridge.status import Status

MOMENT = 0.005  # seconds; both reports come from one step in core, some microseconds apart


class Flusher:
    """Lets what one handler says in one tick leave together, its last message with its status."""

    def __init__(self, glance: Callable[[], None]) -> None:
        """`glance` handles what core has done meanwhile."""
        self._glance = glance
        self._marked: list[Wire] = []
        self._park = Park()

    def mark(self, wire: "Wire") -> None:
        self._marked.append(wire)
        self._park.wake()

    @trio.lowlevel.enable_ki_protection
    async def run(self) -> None:
        while True:
            while self._marked:
                marked, self._marked = self._marked, []
                for wire in marked:
                    wire.flush()
                self._glance()
            await self._park.wait()


class Wire:
    __slots__ = (
        "_core",
        "_flusher",
        "_has_begun",
        "_has_ended",
        "_in_flight",
        "_inbox",
        "_is_forgotten",
        "_is_lost",
        "_is_marked",
        "_is_receiving",
        "_is_sending",
        "_on_forgotten",
        "_on_lost",
        "_outbox",
        "_status",
        "_wants_more",
        "max_request_bytes",
    )

    def __init__(self, core: CoreCall, limits: Limits, flusher: Flusher) -> None:
        self._core = core  # deleted once forgotten: core waits for every reference
        self._flusher = flusher
        self._outbox = Outbox(limits.outbox_messages, limits.outbox_bytes)
        self._inbox = Inbox(limits.inbox_messages, limits.inbox_bytes)
        self.max_request_bytes = limits.max_receive_bytes  # what comes may be larger, so that we can say so
        self._status: Status | None = None
        self._in_flight = 0  # batches that will still complete
        self._wants_more = False  # another message may be asked for
        self._is_receiving = self._is_sending = self._is_marked = False
        self._has_begun = False  # the initial metadata went out
        self._has_ended = False  # the status was handed to core
        self._is_lost = False  # the caller is gone
        self._is_forgotten = False

    def open(self, on_lost: Callable[[], None], on_forgotten: Callable[[], None]) -> None:
        """Listen for the caller's leaving. `on_lost` says it once, `on_forgotten` ends everything."""
        self._on_lost, self._on_forgotten = on_lost, on_forgotten
        self._start((cython.receive_close(0),), self._closed)

    def listen(self) -> None:
        """Ask for messages, as many as the inbox holds."""
        self._wants_more = True
        self._ask()

    def listen_once(self, then: Callable[[], None]) -> None:
        """Ask for one message. `then` is called when it is there, or when it is known not to come."""
        self._is_receiving = self._start((cython.receive_message(0),), partial(self._received_once, then))
        if not self._is_receiving:
            then()

    async def send(self, message: bytes) -> None:
        """Queue a message, waiting while the outbox is full. For a caller who is gone it does nothing.

        That does not spin in a loop of sends: it yields, and inside the call's scope it raises Cancelled.
        """
        while self._outbox.is_full and not self._is_over:
            await self._outbox.wait_for_room()
        if self._is_over:
            await trio.lowlevel.checkpoint()
        else:
            self._outbox.put(message)
            self._mark()

    async def receive(self) -> bytes | None:
        """The next message, or None after the last one.

        A caller who is gone has not ended anything, so inside the call's scope this raises Cancelled.
        Core first reports a broken stream as an ended one and says so a moment later; that moment is
        waited for, or half a stream would be taken for a whole one.
        """
        message = await self._inbox.next()
        if message is None:
            await trio.sleep(MOMENT)
        else:
            self._ask()
        return message

    def finish(self, status: Status, *, at_once: bool = False) -> None:
        """End the call after what waits in the outbox, or instead of it."""
        self._status = status
        self._inbox.drop()
        if at_once:
            self._outbox.drop()
        self._mark()

    def flush(self) -> None:
        self._is_marked = False
        if not (self._is_sending or self._is_lost or self._has_ended):
            self._send_next()
        self._forget_if_over()

    def auth_context(self) -> dict[str, tuple[bytes, ...]]:
        return {} if self._is_forgotten else cython.auth_context_of(self._core)

    @property
    def _is_over(self) -> bool:
        return self._is_lost or self._status is not None

    def _mark(self) -> None:
        if not (self._is_sending or self._is_marked):
            self._is_marked = True
            self._flusher.mark(self)

    def _send_next(self) -> None:
        operations: list[Operation] = []
        outbox = self._outbox
        if outbox:
            message = outbox.take()
            hint = cython.MORE_FOLLOWS if outbox and self._has_begun else 0
            operations.append(cython.send_message(message, hint))
        if self._status is not None and not outbox:
            status = self._status
            operations.append(cython.send_status(status.trailing, status.code, status.message, 0))
            self._has_ended = True
        if not operations:
            return
        if not self._has_begun:
            self._has_begun = True
            operations.insert(0, cython.send_initial_metadata((), 0))
        self._is_sending = self._start(tuple(operations), self._sent)

    def _ask(self) -> None:
        if self._wants_more and not (self._is_receiving or self._inbox.is_full or self._is_over):
            self._is_receiving = self._start((cython.receive_message(0),), self._received)

    def _start(self, operations: tuple[Operation, ...], then: Callable[[BatchEvent], None]) -> bool:
        """Whether `then` will be called. If not, the batch was wrong, and the call cannot be saved."""
        if self._core.start_server_batch(operations, then):
            self._core.cancel(grpc.StatusCode.INTERNAL.value[0], "internal error")
            self._lose()
            return False
        self._in_flight += 1
        return True

    # Completions, called by Polling.

    def _closed(self, event: BatchEvent) -> None:
        self._in_flight -= 1
        if event.batch_operations[0].cancelled():
            self._lose()
        self._forget_if_over()

    def _received(self, event: BatchEvent) -> None:
        self._in_flight -= 1
        self._is_receiving = False
        message = event.batch_operations[0].message()
        if message is None:
            self._wants_more = False
            self._inbox.end()
        elif not self._is_over:
            self._inbox.put(message)
            self._ask()
        self._forget_if_over()

    def _received_once(self, then: Callable[[], None], event: BatchEvent) -> None:
        self._received(event)
        then()

    def _sent(self, event: BatchEvent) -> None:
        self._in_flight -= 1
        self._is_sending = False
        if not event.success:
            self._lose()
        self.flush()

    def _lose(self) -> None:
        if not self._is_lost:
            self._is_lost = True
            self._on_lost()  # first, so that those who are woken next find themselves cancelled
            self._outbox.drop()
            self._inbox.drop()
            self._inbox.end()

    def _forget_if_over(self) -> None:
        if self._is_forgotten or self._in_flight or self._is_marked or self._status is None:
            return
        if self._is_lost or self._has_ended:
            self._is_forgotten = True
            self._on_forgotten()
            del self._core, self._on_lost, self._on_forgotten  # the latter two refer back to here
