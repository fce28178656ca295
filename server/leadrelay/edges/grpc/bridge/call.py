"""What a handler sees of its call.

The end of a call reaches its handler as trio.Cancelled: when the caller hangs up, when the caller's
deadline passes, when the server stops and the grace is over, or when the caller is turned out. Work that
must outlive the caller belongs into a nursery outside of the call.
"""

import math
import time
from typing import Final

import trio
from google.protobuf.message import Message

from leadrelay.edges.grpc.bridge.cython import Metadata
from leadrelay.edges.grpc.bridge.status import Abort, checked
from leadrelay.edges.grpc.bridge.wire import Wire

# Seconds. A client whose deadline passes hangs up by itself, a moment before ours would pass here.
SAME_MOMENT = 0.1
FOR_EVER = 1e8  # seconds; core writes "no deadline" as a date that no clock will show


class Call:
    """One call, from the first header to the last. Its methods belong to the trio thread."""

    __slots__ = (
        "_trailing_metadata",
        "_wire",
        "caller",
        "cancelled_by_peer",
        "metadata",
        "method",
        "peer",
        "scope",
        "verdict",
    )

    def __init__(self, wire: Wire, *, method: str, metadata: Metadata, peer: str, deadline: float) -> None:
        self._wire = wire
        self.method: Final = method  # "/package.Service/Method"
        self.metadata: Final = metadata  # keys are lower case; values under `…-bin` are bytes
        self.peer: Final = peer  # "ipv4:127.0.0.1:50000": for people, never for a decision
        self.caller: object | None = None  # who an interceptor found it to be; None: nobody asked
        self._trailing_metadata: Metadata = ()
        self.verdict: Abort | None = None  # with which it was turned out
        self.cancelled_by_peer = False  # the caller hung up or its connection broke
        self.scope: Final = trio.CancelScope()  # around the handler; the server enters it
        left = deadline - time.time()
        if left < FOR_EVER:
            self.scope.deadline = trio.current_time() + left

    def get(self, key: str) -> str | bytes | None:
        """The first value of a metadata key, written in lower case."""
        return next((value for name, value in self.metadata if name == key), None)

    def time_remaining(self) -> float | None:
        """Seconds until the caller's deadline, or None where the caller named none."""
        if self.scope.deadline == math.inf:
            return None
        return max(0.0, self.scope.deadline - trio.current_time())

    def auth_context(self) -> dict[str, tuple[bytes, ...]]:
        """What TLS proved of the caller, such as `x509_common_name`; little or nothing without TLS."""
        return self._wire.auth_context()

    @property
    def max_request_bytes(self) -> int:
        """How large a request may be; see `Limits.max_receive_bytes`."""
        return self._wire.max_request_bytes

    async def send(self, message: Message | bytes) -> None:
        """Queue one answer, waiting while the caller is `Limits.outbox_…` answers behind."""
        await self._wire.send(message if isinstance(message, bytes) else message.SerializeToString())

    async def receive(self) -> bytes | None:
        """The body of the next request, or None once the caller has sent its last.

        For one task at a time. `methods` turns bodies into messages.
        """
        return await self._wire.receive()

    def set_trailing_metadata(self, *pairs: tuple[str, str | bytes]) -> None:
        """Send these with the status. The last call of this wins; an Abort adds its own."""
        self._trailing_metadata = checked(pairs)

    @property
    def trailing_metadata(self) -> Metadata:
        return self._trailing_metadata

    def turn_out(self, verdict: Abort) -> None:
        """End the call from outside of its handler, with these last words."""
        self.verdict = verdict
        self.scope.cancel()

    def hang_up(self) -> None:
        """The caller is gone: tell the handler, and for what reason."""
        remaining = self.time_remaining()
        came_early = remaining is None or remaining > SAME_MOMENT
        self.cancelled_by_peer = came_early and not self.scope.cancel_called
        self.scope.cancel()
