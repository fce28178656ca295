"""A small HTTP/1.1 server for the sample recipients: honest about the protocol, and bounded everywhere.

It exists because the bench puts its load here: a full web stack would cost more than what is being
measured. One task per connection reads, answers in the order of arrival and writes each answer once.
It listens where it is told and is meant for loopback: it is a partner to test against, not a front door.
"""

import errno
import logging
import math
import ssl
import traceback
from contextlib import suppress

import trio

from leadrelay.recipients.http_message import Handler, HungUpError, Request, Response, as_json, to_wire
from leadrelay.recipients.http_parser import Limits, RefusedError, RequestParser

__all__ = ["CannotListenError", "Handler", "Limits", "Request", "Response", "as_json", "serve"]

READ_SIZE = 65_536
LIMITS = Limits()
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

log = logging.getLogger("leadrelay.recipients")


class CannotListenError(Exception):
    """The address cannot be had; the message says why and what to do."""


async def serve(
    handler: Handler,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    tls: ssl.SSLContext | None = None,
    limits: Limits = LIMITS,
    task_status: trio.TaskStatus[int] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Answer requests until cancelled. Tells the bound port once connections are taken."""
    listeners = await _listen(host, port)
    door = _Door(handler, tls, limits)
    async with trio.open_nursery() as nursery:
        await nursery.start(trio.serve_listeners, door.welcome, listeners)
        task_status.started(listeners[0].socket.getsockname()[1])


async def _listen(host: str, port: int) -> list[trio.SocketListener]:
    try:
        listeners = await trio.open_tcp_listeners(port, host=host)
    except OSError as error:
        raise CannotListenError(_why_not(host, port, error)) from error
    if port == 0:
        # A name such as localhost has two addresses, and each would get a port of its own.
        for other in listeners[1:]:
            await other.aclose()
        del listeners[1:]
    return listeners


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is taken: stop what listens there, or choose another port"
    return f"cannot listen on {host} port {port}: {error.strerror or error}"


class _Door:
    """Counts who is inside, speaks TLS where asked to, and sees that nobody stays for ever."""

    def __init__(self, handler: Handler, tls: ssl.SSLContext | None, limits: Limits) -> None:
        self._handler, self._tls, self._limits = handler, tls, limits
        self._inside = 0

    async def welcome(self, socket: trio.SocketStream) -> None:
        """Serve one connection, from its first byte to its end; `serve_listeners` closes the socket."""
        stream = socket if self._tls is None else trio.SSLStream(socket, self._tls, server_side=True)
        self._inside += 1
        try:
            await self._talk(stream)
        except RefusedError as refusal:
            await self._say_goodbye(stream, socket, refusal)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass  # the peer went away, or its TLS is not ours: nobody is left to tell
        except HungUpError:
            pass  # we do
        finally:
            self._inside -= 1

    async def _talk(self, stream: trio.abc.Stream) -> None:
        talk = _Conversation(stream, self._handler, self._limits)
        with trio.CancelScope() as patience:
            if self._inside > self._limits.connections:
                raise RefusedError(503, f"more than {self._limits.connections} connections")
            await talk.run(patience)
        if patience.cancelled_caught and talk.is_owed_the_rest:
            raise RefusedError(408, f"the request took longer than {self._limits.receive:g} s to arrive")

    async def _say_goodbye(
        self, stream: trio.abc.Stream, socket: trio.SocketStream, refusal: RefusedError
    ) -> None:
        """Tell why, then take what the peer is still sending: closing on unread bytes would reset the
        connection and destroy the answer on its way."""
        answer = to_wire(as_json(refusal.status, {"error": refusal.why}), method="", keep_alive=False)
        with trio.move_on_after(self._limits.linger), suppress(trio.BrokenResourceError):
            await stream.send_all(answer)
            await socket.send_eof()
            while await socket.receive_some(READ_SIZE):
                pass


class _Conversation:
    """The requests of one connection, answered one after the other."""

    def __init__(self, stream: trio.abc.Stream, handler: Handler, limits: Limits) -> None:
        self._stream, self._handler, self._limits = stream, handler, limits
        self._parser = RequestParser(limits)
        self.is_owed_the_rest = False  # the peer has begun a request and is awaited

    async def run(self, patience: trio.CancelScope) -> None:
        """Until either side ends it. `patience` runs while the peer is awaited, never while we work."""
        patience.deadline = trio.current_time() + self._limits.idle
        while data := await self._stream.receive_some(READ_SIZE):
            self.is_owed_the_rest = False
            begun_before = self._parser.begun
            self._parser.feed(bytes(data))
            if not await self._answer_all(patience):
                return
            self.is_owed_the_rest = self._parser.is_midway
            if self.is_owed_the_rest and self._parser.begun > begun_before:
                patience.deadline = trio.current_time() + self._limits.receive

    async def _answer_all(self, patience: trio.CancelScope) -> bool:
        """Answer what has arrived, in order. False: the connection has to end."""
        parser = self._parser
        while parser.arrived:
            arrived = parser.arrived.popleft()
            patience.deadline = math.inf
            response = await self._ask(arrived.request)
            patience.deadline = trio.current_time() + self._limits.idle
            method, keep_alive = arrived.request.method, arrived.keep_alive
            await self._stream.send_all(to_wire(response, method=method, keep_alive=keep_alive))
            if not keep_alive:
                return False
        if parser.refusal is not None:
            raise parser.refusal
        if parser.wants_continue:
            parser.wants_continue = False
            await self._stream.send_all(CONTINUE)
        return True

    async def _ask(self, request: Request) -> Response:
        """A handler that breaks answers 500, and its fault is logged without the lead's values."""
        try:
            return await self._handler(request)
        except HungUpError:
            raise
        except Exception as error:  # the one place where any fault of a handler has to end
            where = traceback.extract_tb(error.__traceback__)[-1]
            log.error("a handler failed: %s in %s, line %s", type(error).__name__, where.name, where.lineno)
            return as_json(500, {"error": "the recipient failed"})
