"""What waits on its way to the caller or to the handler: a few messages, never more.

Both boxes are bounded in messages and in bytes, so a caller who does not read, or a handler that
does not, fills its own box and nothing else. The last message that goes in may exceed the bytes,
or one that is larger than the box could never pass.
"""

from collections import deque

import trio

from leadrelay.edges.grpc.bridge.park import Park


class Box:
    """Messages in order, with a word for when it is time to stop putting more in."""

    __slots__ = ("_bytes", "_max_bytes", "_max_messages", "_messages")

    def __init__(self, max_messages: int, max_bytes: int) -> None:
        self._max_messages, self._max_bytes = max_messages, max_bytes
        self._messages: deque[bytes] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._messages)

    @property
    def is_full(self) -> bool:
        return len(self._messages) >= self._max_messages or self._bytes >= self._max_bytes

    def put(self, message: bytes) -> None:
        self._messages.append(message)
        self._bytes += len(message)

    def take(self) -> bytes:
        message = self._messages.popleft()
        self._bytes -= len(message)
        return message

    def drop(self) -> None:
        self._messages.clear()
        self._bytes = 0


class Outbox(Box):
    """Several tasks of one handler may send; all of them wait for the same room."""

    __slots__ = ("_room",)

    def __init__(self, max_messages: int, max_bytes: int) -> None:
        super().__init__(max_messages, max_bytes)
        self._room: trio.Event | None = None

    async def wait_for_room(self) -> None:
        """Return once something has left the box. Another sender may have been quicker."""
        if self._room is None:
            self._room = trio.Event()
        await self._room.wait()

    def take(self) -> bytes:
        message = super().take()
        self._tell_senders()
        return message

    def drop(self) -> None:
        super().drop()
        self._tell_senders()

    def _tell_senders(self) -> None:
        if self._room is not None:
            self._room.set()
            self._room = None


class Inbox(Box):
    """One task reads; after `end` it is told so once the box is empty."""

    __slots__ = ("_arrival", "has_ended")

    def __init__(self, max_messages: int, max_bytes: int) -> None:
        super().__init__(max_messages, max_bytes)
        self._arrival = Park()
        self.has_ended = False

    def put(self, message: bytes) -> None:
        super().put(message)
        self._arrival.wake()

    def end(self) -> None:
        self.has_ended = True
        self._arrival.wake()

    async def next(self) -> bytes | None:
        """Wait for a message; None says that no more will come."""
        while not self._messages:
            if self.has_ended:
                return None
            await self._arrival.wait()
        return self.take()
