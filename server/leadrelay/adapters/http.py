"""HTTP for one slot: at most one connection, exact about whether anything left (behaviour 4.5).

Until `Progress.sending` was called every failure is NotSent; after it every failure is NoAnswer,
because the recipient may have the lead, save that TLS 1.3 tells only then that the recipient refused our
certificate, in whose place it has read nothing. Nothing is ever sent twice, redirects are not followed, no
proxy or other setting is taken from the environment, and no address is dialled that the egress guard
refuses. No timeout is kept here: the caller's cancel scope is the timeout, and a cancelled attempt
leaves no connection behind.
"""

from collections.abc import Callable, Sequence

import trio

from leadrelay.adapters.connection import Connection
from leadrelay.adapters.dial import Dialer, Tls, default_tls_context
from leadrelay.adapters.head import Origin, split_url, written
from leadrelay.adapters.reply_parser import ReplyParser
from leadrelay.core.egress import Rule
from leadrelay.core.exchange import Reply, Request
from leadrelay.core.ports import Progress, Wire

MAX_REPLY = 1024 * 1024  # bytes of a body, decoded


def http_wires(
    *, tls: Tls | None = None, allow: Sequence[Rule] = (), max_reply: int = MAX_REPLY
) -> Callable[[], Wire]:
    """Opens wires for one destination, or one token endpoint: they share a dialer with nobody else.

    `tls` takes the place of the default context, which trusts the well-known authorities. `allow` is what
    is opened besides public addresses.
    """
    dialer = Dialer(tls=tls or default_tls_context(), allow=allow)
    return lambda: HttpWire(dialer, max_reply=max_reply)


class HttpWire:
    """One slot's connection, dialled when it is needed and kept while both sides want to."""

    def __init__(self, dialer: Dialer, *, max_reply: int = MAX_REPLY) -> None:
        self._dialer, self._max_reply = dialer, max_reply
        self._rested: Connection | None = None

    async def send(self, request: Request, progress: Progress) -> Reply:
        """See core.ports.Wire."""
        origin, target = split_url(request.url)
        outgoing = written(request, origin, target)
        parser = ReplyParser(is_head=request.method == "HEAD", max_body=self._max_reply)
        connection = self._take(origin) or await self._dial(origin)
        try:
            reply = await connection.exchange(outgoing, parser, progress)
            if connection.may_rest():
                self._rested = connection
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
        return Connection(origin, line)
