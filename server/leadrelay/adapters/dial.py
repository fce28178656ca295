"""Reaching a recipient: a name into addresses, an address into a connection, and TLS where it is due.

Nothing of a lead is sent here, so whatever fails is NotSent and its code says which step it was.

A connection is made to the very addresses that the egress guard let through and to no others: an
address that was judged is the address that is dialled, and the name is not looked up again.
"""

import errno
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import cache
from itertools import zip_longest
from typing import Any

import certifi
import trio

from leadrelay.adapters.egress import Address, open_addresses
from leadrelay.adapters.line import Line, PlainLine, TlsLine
from leadrelay.adapters.proxy import Proxy
from leadrelay.adapters.why import why_no_address, why_no_connection, why_no_tls
from leadrelay.core.egress import Rule
from leadrelay.core.errors import NotSent
from leadrelay.core.outcome import ReasonCode

LOOKUPS_AT_ONCE = 4
MAX_ADDRESSES = 8  # of one name that are tried
HTTP1, HTTP2 = "http/1.1", "h2"  # as TLS names them (ALPN)
HEAD_START = 0.25  # seconds an address has before the next is tried beside it (RFC 8305)

Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]
# A context, or what has one ready for each connection and raises NotSent when it has none.
Tls = ssl.SSLContext | Callable[[], Awaitable[ssl.SSLContext]]


class Dialer:
    """Opens the connections of one destination, to public addresses and to what `allow` opens."""

    def __init__(
        self,
        *,
        tls: Tls | None = None,
        resolve: Resolve | None = None,
        allow: Sequence[Rule] = (),
        via: Proxy | None = None,
    ) -> None:
        self.via = via
        self._tls, self._allow = tls, allow
        self._resolve = resolve or Resolver().addresses

    async def dial(self, host: str, port: int, *, secure: bool) -> Line:
        """A connection that stands, TLS included. Raises NotSent.

        Through a proxy and without TLS it leads to the proxy.
        """
        context = await self._context() if secure else None
        if self.via is None:
            line = await self._connected(host, port)
        else:
            line = await self._through(self.via, host, port, is_tunnel=secure)
        return line if context is None else await _secured(line, context, host)

    async def _through(self, via: Proxy, host: str, port: int, *, is_tunnel: bool) -> Line:
        self._judge_spelling(host, port)
        try:
            line = await self._connected(via.origin.host, via.origin.port)
            if via.origin.is_secure:
                line = await _secured(line, via.tls or default_tls_context(), via.origin.host)
        except NotSent as error:
            raise NotSent(error.code, error.words.replace("the recipient", "the proxy")) from error
        if is_tunnel:
            try:
                await via.tunnel(line, host, port)
            except BaseException:
                line.close()
                raise
        return line

    def _judge_spelling(self, host: str, port: int) -> None:
        """Refuse a host that is a closed address whoever looks it up."""
        name = host.lower().rstrip(".")
        spelled = "127.0.0.1" if name == "localhost" or name.endswith(".localhost") else name
        with suppress(socket.gaierror):
            found = socket.getaddrinfo(spelled, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
            open_addresses([(family, address) for family, _, _, _, address in found], host, self._allow)

    async def _connected(self, host: str, port: int) -> Line:
        addresses = open_addresses(await self._resolve(host, port), host, self._allow)
        return PlainLine(await _connect(addresses[:MAX_ADDRESSES]))

    async def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            return default_tls_context()
        return self._tls if isinstance(self._tls, ssl.SSLContext) else await self._tls()


@cache
def default_tls_context(protocol: str = HTTP1) -> ssl.SSLContext:
    """The context of all destinations that show no certificate; loading what it trusts takes long."""
    return new_tls_context(protocol)


def new_tls_context(protocol: str = HTTP1) -> ssl.SSLContext:
    """TLS 1.2 or newer with certificate checks, for what will be spoken over it.

    It trusts what the machine trusts, where operators put their own authorities, and Mozilla's list,
    because a slim container may have none.
    """
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols([protocol])
    return context


class Resolver:
    """Looks names up in threads of its own.

    A lookup cannot be interrupted: when its caller gives up, the thread stays until the name server
    has timed out. A bound per destination keeps a dead name from holding the threads of all others.
    """

    def __init__(self) -> None:
        self._limiter = trio.CapacityLimiter(LOOKUPS_AT_ONCE)

    async def addresses(self, host: str, port: int) -> Sequence[Address]:
        """What the name stands for, numeric addresses included. Raises NotSent with code `dns`."""
        try:
            found = await self._look_up(host, port)
        except (socket.gaierror, UnicodeError) as error:
            raise NotSent(ReasonCode.DNS, why_no_address(error)) from error
        return _in_turn([(family, address) for family, _, _, _, address in found])

    async def _look_up(self, host: str, port: int) -> list[Any]:
        with suppress(socket.gaierror):  # an address needs no thread
            return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        return await trio.to_thread.run_sync(
            lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM),
            abandon_on_cancel=True,
            limiter=self._limiter,
        )


def _in_turn(addresses: list[Address]) -> list[Address]:
    """The two families by turns, beginning as the system ordered them: one of them may be dead."""
    first = [address for address in addresses if address[0] == addresses[0][0]]
    other = [address for address in addresses if address[0] != addresses[0][0]]
    return [address for pair in zip_longest(first, other) for address in pair if address is not None]


async def _connect(addresses: Sequence[Address]) -> socket.socket:
    """A connection to the first address that answers; the last failure when none does."""
    try:
        return await _race(addresses) if len(addresses) > 1 else await _reach(*addresses[0])
    except OSError as error:
        code = ReasonCode.TIMEOUT_CONNECT if error.errno == errno.ETIMEDOUT else ReasonCode.CONNECT
        raise NotSent(code, why_no_connection(error)) from error


async def _reach(family: socket.AddressFamily, address: Any) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a request never waits for more of it
        await trio.socket.from_stdlib_socket(sock).connect(address)
    except BaseException:
        sock.close()
        raise
    return sock


async def _race(addresses: Sequence[Address]) -> socket.socket:
    """Each address a little after the one before, or at once when that has failed (RFC 8305)."""
    reached: list[socket.socket] = []
    failures: list[OSError] = []

    async def attempt(address: Address, failed: trio.Event) -> None:
        try:
            reached.append(await _reach(*address))
            runners.cancel_scope.cancel()
        except OSError as error:
            failures.append(error)
            failed.set()

    try:
        async with trio.open_nursery() as runners:
            for address in addresses:
                failed = trio.Event()
                runners.start_soon(attempt, address, failed)
                with trio.move_on_after(HEAD_START):
                    await failed.wait()
        if not reached:
            raise failures[-1]
        return reached.pop(0)
    finally:
        for late in reached:
            late.close()


async def _secured(below: Line, context: ssl.SSLContext, host: str) -> Line:
    try:
        line = TlsLine(below, context, host.rstrip("."))
        await line.shake_hands()
    except BaseException as error:
        below.close()
        if isinstance(error, ssl.SSLError | trio.BrokenResourceError):
            raise NotSent(ReasonCode.TLS, why_no_tls(error)) from error
        raise
    return line
