"""HTTP for one slot: at most one connection, exact about whether anything left (behaviour 4.5).

Until `Progress.sending` was called every failure is NotSent; after it every failure is NoAnswer,
because the recipient may have the lead, save where it is known to have looked at nothing: TLS 1.3 tells only
then that it refused our certificate, HTTP/2 that it refused a stream, and a proxy that it wants a password.
Nothing is ever sent twice, redirects are not followed (see `redirects`), no proxy or other setting is taken
from the environment, and no address is dialled that the egress guard
refuses. No timeout is kept here: the caller's cancel scope is the timeout, and a cancelled attempt
leaves no connection behind.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import trio

from leadrelay.adapters.connection import speak_http1
from leadrelay.adapters.dial import HTTP1, HTTP2, Dialer, Tls, default_tls_context
from leadrelay.adapters.head import Message, Origin, message_of
from leadrelay.adapters.http2 import speak_http2
from leadrelay.adapters.line import Line
from leadrelay.adapters.proxy import Proxy
from leadrelay.core.destination import HttpVersion
from leadrelay.core.egress import Rule
from leadrelay.core.exchange import Reply, Request
from leadrelay.core.ports import Progress, Wire

MAX_REPLY = 1024 * 1024  # bytes of a body, decoded


def http_wires(
    *,
    tls: Tls | None = None,
    allow: Sequence[Rule] = (),
    max_reply: int = MAX_REPLY,
    version: HttpVersion = HttpVersion.V1_1,
    via: Proxy | None = None,
) -> Callable[[], Wire]:
    """Opens wires for one destination, or one token endpoint: they share a dialer with nobody else.

    `tls` takes the place of the default context, which trusts the well-known authorities; it has to offer
    the version by ALPN. `allow` is what is opened besides public addresses.
    """
    protocol, speak = _SPOKEN[version]
    dialer = Dialer(tls=tls or default_tls_context(protocol), allow=allow, via=via)
    return lambda: HttpWire(dialer, max_reply=max_reply, speak=speak)


class Connection(Protocol):
    """What a wire asks of a connection, in whatever version of HTTP.

    After an error or a cancellation there is nothing to be done with it but to close it.
    """

    origin: Origin

    async def exchange(self, message: Message, progress: Progress, max_body: int) -> Reply:
        """Send a request and take the whole reply.

        Raises NoAnswer once bytes left, and NotSent when the recipient is known not to have looked at them.
        """

    def may_rest(self) -> bool:
        """Another request may follow the one that was answered."""

    def is_usable(self) -> bool:
        """After a rest: still fresh, still open, and nothing has come that nobody asked for."""

    def close(self) -> None:
        """At once; it never waits."""


Speak = Callable[[Origin, Line], Awaitable[Connection]]
_SPOKEN: dict[HttpVersion, tuple[str, Speak]] = {
    HttpVersion.V1_1: (HTTP1, speak_http1),
    HttpVersion.V2: (HTTP2, speak_http2),
}


class HttpWire:
    """One slot's connection, dialled when it is needed and kept while both sides want to."""

    def __init__(self, dialer: Dialer, *, max_reply: int = MAX_REPLY, speak: Speak = speak_http1) -> None:
        self._dialer, self._max_reply, self._speak = dialer, max_reply, speak
        self._rested: Connection | None = None

    async def send(self, request: Request, progress: Progress) -> Reply:
        """See core.ports.Wire."""
        message = message_of(request)
        via = None if message.origin.is_secure else self._dialer.via  # who reads what is sent in clear
        if via is not None:
            message = via.forwarded(message)
        connection = self._take(message.origin) or await self._dial(message.origin)
        try:
            reply = await connection.exchange(message, progress, self._max_reply)
            if connection.may_rest():
                self._rested = connection
            if via is not None:
                via.check(reply)
            return reply
        finally:
            if self._rested is not connection:  # an error, a cancellation, or either side has had enough
                connection.close()

    async def aclose(self) -> None:
        """See core.ports.Wire."""
        self._take(None)
        await trio.lowlevel.checkpoint()

    def _take(self, origin: Origin | None) -> Connection | None:
        """The resting connection if it leads there and may be used; it is closed if not."""
        connection, self._rested = self._rested, None
        if connection is None or (connection.origin == origin and connection.is_usable()):
            return connection
        connection.close()
        return None

    async def _dial(self, origin: Origin) -> Connection:
        line = await self._dialer.dial(origin.host, origin.port, secure=origin.is_secure)
        return await self._speak(origin, line)
