"""One HTTP/1.1 connection: a request out in one piece, its reply in, and whether another may follow.

A small request leaves in one write and nobody waits for it. Of a large one the recipient may have enough
before it has read everything: then its answer is read while the rest still stands in line, and the
connection ends with it.
"""

import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress

import trio

from leadrelay.adapters.head import Message, Origin, written
from leadrelay.adapters.line import CertificateRefused, Line
from leadrelay.adapters.reply_parser import ReplyParser
from leadrelay.adapters.why import why_no_tls
from leadrelay.core.errors import NoAnswer, NotSent
from leadrelay.core.exchange import Reply
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.ports import Progress

AT_ONCE = 16 * 1024  # bytes that every system's buffers hold, so that sending them cannot block for long

# Seconds a connection may rest and be used again. A lead that leaves at the moment in which its
# recipient closes the connection is lost from sight, and 5 s is where Node, Apache and uvicorn close.
IDLE = 4.0

LOST = "the connection was lost before an answer had come; only the recipient can tell if it has the lead"


async def speak_http1(origin: Origin, line: Line) -> "Http1Connection":
    """A connection over a line. The client speaks first, so there is nothing to wait for."""
    return Http1Connection(origin, line)


class Http1Connection:
    """See leadrelay.adapters.http.Connection."""

    def __init__(self, origin: Origin, line: Line) -> None:
        self.origin = origin
        self._line = line
        self._usable_until = 0.0
        self._is_sent = False

    async def exchange(self, message: Message, progress: Progress, max_body: int) -> Reply:
        """See leadrelay.adapters.http.Connection."""
        outgoing = written(message)
        parser = ReplyParser(is_head=message.method == b"HEAD", max_body=max_body)
        self._usable_until, self._is_sent = 0.0, False
        await trio.lowlevel.checkpoint_if_cancelled()
        progress.sending()
        try:
            if len(outgoing) <= AT_ONCE:
                await self._send(outgoing)
                reply = await self._receive(parser)
            else:
                reply = await answered_meanwhile(lambda: self._send(outgoing), lambda: self._receive(parser))
        except trio.BrokenResourceError as error:
            raise NoAnswer(ReasonCode.RESET, LOST) from error
        except CertificateRefused as error:
            raise NotSent(ReasonCode.TLS, why_no_tls(error)) from error
        except ssl.SSLError as error:
            raise NoAnswer(ReasonCode.TLS, why_no_tls(error)) from error
        if parser.may_go_on and self._is_sent:
            self._usable_until = trio.current_time() + _rest(parser.announced_rest)
        return reply

    def may_rest(self) -> bool:
        """See leadrelay.adapters.http.Connection."""
        return self._usable_until > 0

    def is_usable(self) -> bool:
        """See leadrelay.adapters.http.Connection."""
        return trio.current_time() < self._usable_until and self._line.is_quiet()

    def close(self) -> None:
        """See leadrelay.adapters.http.Connection."""
        self._line.close()

    async def _send(self, outgoing: bytes) -> None:
        # What went wrong is told by what comes, or does not: a recipient may have answered and then closed.
        with suppress(trio.BrokenResourceError, ssl.SSLError):
            await self._line.send(outgoing)
            self._is_sent = True

    async def _receive(self, parser: ReplyParser) -> Reply:
        while True:
            if received := await self._line.receive():
                parser.feed(received)
            else:
                parser.end()
            if parser.reply is not None:
                return parser.reply


def _rest(announced: float | None) -> float:
    """How long the connection may rest; some recipients say when they will close it."""
    return IDLE if announced is None else min(IDLE, announced - 1)


async def answered_meanwhile(
    send: Callable[[], Awaitable[None]], receive: Callable[[], Awaitable[Reply]]
) -> Reply:
    """What is received while the rest is still being sent, which then ends; errors of receiving come bare."""
    failure: BaseException | None = None
    async with trio.open_nursery() as nursery:
        nursery.start_soon(send)
        try:
            return await receive()
        except Exception as error:  # of whatever kind: the nursery would wrap it
            failure = error
        finally:
            nursery.cancel_scope.cancel()
    raise failure
