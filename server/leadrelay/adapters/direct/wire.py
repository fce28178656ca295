"""A direct delivery on its way: called once, listened to until the peer's lead has settled.

The peer honours the request id, so a call that broke is made again, or its lead watched from where the
stream ended, and the lead is sold once whatever happens in between. All of that is bounded by the caller's
cancel scope, which ends the listening alone: the peer goes on (behaviour 8).
"""

from collections.abc import Callable, Sequence
from typing import Final

import trio
from google.protobuf.message import DecodeError

from leadrelay.adapters.direct import refusal
from leadrelay.adapters.direct.call import Status, Unreadable, call
from leadrelay.adapters.direct.channel import Channel
from leadrelay.adapters.direct.message import as_message
from leadrelay.adapters.direct.stream import Headers, Lost
from leadrelay.adapters.direct.telling import Telling
from leadrelay.adapters.head import header_value
from leadrelay.core.errors import NoAnswer, NotSent
from leadrelay.core.exchange import Reply, Request
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.ports import Progress
from leadrelay.v1 import delivery_service_pb2 as pb
from leadrelay.v1 import event_pb2

SERVICE: Final = "/leadrelay.v1.DeliveryService"
MAX_TOLD: Final = 8 * 1024 * 1024  # bytes of all events of one lead
# At first quickly, for a connection that had gone stale, then for as long as a server takes to start again.
PAUSES: Final = (0.0, 0.1, 0.2, 0.5, 1.0, 2.0, 2.0, 4.0, 4.0, 8.0, 8.0, 8.0)


class DirectWire:
    """One slot's way to the peer. All slots share the channel."""

    def __init__(self, channel: Channel, pauses: Sequence[float] = PAUSES) -> None:
        """`pauses`: seconds before each call after the first that one delivery may take."""
        self._channel, self._pauses = channel, pauses

    async def send(self, request: Request, progress: Progress) -> Reply:
        """See core.ports.Wire."""
        return await _Exchange(self._channel, request, progress).reply(self._pauses)

    async def aclose(self) -> None:
        """See core.ports.Wire. The channel stays: it is not this slot's."""
        await trio.lowlevel.checkpoint()


class _Exchange:
    """One request, and all calls that it takes."""

    def __init__(self, channel: Channel, request: Request, progress: Progress) -> None:
        self._channel, self._progress = channel, progress
        self._message = as_message(request.body).SerializeToString()
        self._metadata = _metadata(request)
        self._told = Telling()
        self._size = 0  # bytes of all that was told
        self._has_left = False
        self._may_be_taken = False  # the peer may have the lead
        self._watches = ""  # the peer's lead, once it is known
        self._may_watch = True  # our key lets us; else the call is made again, which replays it all
        self._asked = 0.0  # seconds that the peer wants to be left alone

    async def reply(self, pauses: Sequence[float]) -> Reply:
        failure: Lost | Unreadable | NotSent | None = None
        for pause in (0.0, *pauses):
            await trio.sleep(max(pause, self._asked))
            try:
                status = await self._listen()
            except NotSent as error:
                if not self._may_be_taken:
                    raise
                failure = error
            except Lost as error:
                self._may_be_taken |= error.was_read
                failure = error
            except (Unreadable, DecodeError) as error:
                self._may_be_taken = True
                failure = Unreadable(str(error))
            else:
                if (reply := self._ended(status)) is not None:
                    return reply
                failure = Unreadable(f"{status.name}: {status.message}")
        raise self._given_up(failure)

    async def _listen(self) -> Status:
        """One call to its end. Raises NotSent where there is no connection, Lost, and Unreadable."""
        connection = await self._channel.connection()
        path, message, read = self._next_call()
        async with call(
            connection,
            path=f"{SERVICE}/{path}",
            authority=self._channel.authority,
            metadata=self._metadata,
            message=message,
            is_plaintext=self._channel.is_plaintext,
            on_leaving=self._leaving,
        ) as answer:
            try:
                while (body := await answer.message()) is not None:
                    self._hear(read(body))
                return answer.status()
            except Lost:
                if not self._told.is_settled:  # what is known by now is the end of it
                    raise
                return Status(name="OK")

    def _next_call(self) -> tuple[str, bytes, Callable[[bytes], event_pb2.Event]]:
        if not (self._watches and self._may_watch):
            return "Deliver", self._message, lambda body: pb.DeliverResponse.FromString(body).event
        watch = pb.WatchRequest(lead_id=self._watches, after=self._told.last, detail=pb.DETAIL_OUTCOMES)
        return "Watch", watch.SerializeToString(), lambda body: pb.WatchResponse.FromString(body).event

    def _leaving(self) -> None:
        if not self._has_left:
            self._has_left = True
            self._progress.sending()

    def _hear(self, event: event_pb2.Event) -> None:
        self._may_be_taken = True
        self._size += event.ByteSize()
        if self._size > MAX_TOLD:
            words = f"the peer tells more of the lead than the {MAX_TOLD} bytes that are taken"
            raise NoAnswer(ReasonCode.RESPONSE_TOO_LARGE, words)
        self._told.add(event)
        self._watches = event.lead_id

    def _ended(self, status: Status) -> Reply | None:
        """The reply, where the call has come to one; None where another call is due."""
        if self._told.is_settled:
            return self._told.reply()
        if holder := refusal.holder_of(status):
            self._may_be_taken, self._watches = True, holder
            return None
        if self._watches and self._may_watch and status.name == "PERMISSION_DENIED":
            self._may_watch = False
            return None
        if not refusal.is_refusal(status):  # also an answer that ended early, such as by `answer_within`
            self._may_be_taken = True
            return None
        if self._watches or (self._may_be_taken and refusal.is_blind(status)):
            self._asked = status.retry_after
            if self._asked:
                return None
            return refusal.reply_of(status, may_be_taken=True)
        return refusal.reply_of(status, may_be_taken=False)

    def _given_up(self, failure: Exception | None) -> NoAnswer | NotSent:
        why = getattr(failure, "words", "") or str(failure)
        if not self._may_be_taken:
            return NotSent(ReasonCode.RESET, f"the peer took no call: {why}")
        where = f"as {self._watches}, which goes on there" if self._watches else "or not"
        return NoAnswer(ReasonCode.RESET, f"the peer took the lead {where}, and the stream broke: {why}")


def _metadata(request: Request) -> Headers:
    """Raises NotSent for a value that cannot be sent."""
    return [(name.lower().encode(), header_value(name, value)) for name, value in request.headers]
