"""Recipients that misbehave byte by byte, on real sockets, for the tests of the wire.

A conduct is what a recipient does with one connection. Each connection gets the next one of those
given, and the last one again from then on.
"""

import socket
import ssl
import struct
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress

import trio

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Visit:
    """One connection, as the recipient sees it."""

    def __init__(self, recipient: "RawRecipient", socket_stream: trio.SocketStream) -> None:
        self._recipient, self._socket = recipient, socket_stream
        self._stream: trio.abc.Stream = socket_stream
        if recipient.tls is not None:
            self._stream = trio.SSLStream(socket_stream, recipient.tls, server_side=True)

    async def read(self) -> bytes:
        """Some bytes; none when the peer has left."""
        return bytes(await self._stream.receive_some())

    async def read_request(self) -> bytes:
        """One request, whole; empty when the peer has left."""
        received = b""
        while not _is_whole(received):
            data = await self.read()
            if not data:
                return b""
            received += data
        self._recipient.requests.append(received)
        return received

    async def write(self, answer: bytes) -> None:
        await self._stream.send_all(answer)

    def reset(self) -> None:
        """Close so that the peer gets a reset instead of an end."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        self._socket.socket.close()


Conduct = Callable[[Visit], Awaitable[None]]


class RawRecipient:
    """Listens on loopback and counts."""

    def __init__(self, *conducts: Conduct, tls: ssl.SSLContext | None = None) -> None:
        self._conducts, self.tls = conducts, tls
        self.port = 0
        self.connections = 0
        self.ended = 0  # connections that are closed on this side
        self._news = trio.Event()
        self.requests: list[bytes] = []  # of those conducts that read one

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
        self.port = listener.socket.getsockname()[1]
        task_status.started()
        await trio.serve_listeners(self._welcome, [listener])

    def behaves(self, *conducts: Conduct) -> None:
        """Put other conducts in the place of those given, for recipients that know each other's address."""
        self._conducts = conducts

    def url(self, path: str = "/leads") -> str:
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}{path}"

    async def has_ended(self, count: int) -> None:
        """Wait until so many connections are closed."""
        while self.ended < count:
            await self._news.wait()
            self._news = trio.Event()

    async def _welcome(self, stream: trio.SocketStream) -> None:
        conduct = self._conducts[min(self.connections, len(self._conducts) - 1)]
        self.connections += 1
        visit = Visit(self, stream)
        try:
            with suppress(trio.BrokenResourceError, trio.ClosedResourceError):  # the peer left first
                await conduct(visit)
        finally:
            visit.close()
            self.ended += 1
            self._news.set()


async def listening(
    nursery: trio.Nursery, *conducts: Conduct, tls: ssl.SSLContext | None = None
) -> RawRecipient:
    recipient = RawRecipient(*conducts, tls=tls)
    await nursery.start(recipient.run)
    return recipient


def answers(*replies: bytes, in_pieces_of: int = 0) -> Conduct:
    """Answer so many requests, then close."""

    async def conduct(visit: Visit) -> None:
        for reply in replies:
            await visit.read_request()
            size = in_pieces_of or len(reply)
            for start in range(0, len(reply), size):
                await visit.write(reply[start : start + size])

    return conduct


def keeps_answering(reply: bytes = OK) -> Conduct:
    """As a good recipient does, until the peer leaves."""

    async def conduct(visit: Visit) -> None:
        while await visit.read_request():
            await visit.write(reply)

    return conduct


async def until_it_leaves(visit: Visit) -> None:
    """Read and say nothing."""
    while await visit.read():
        pass


async def closes(visit: Visit) -> None:
    """Without having read anything."""


async def closes_after_reading(visit: Visit) -> None:
    await visit.read()


async def resets(visit: Visit) -> None:
    """Without having read anything."""
    visit.reset()


async def resets_after_reading(visit: Visit) -> None:
    await visit.read()
    visit.reset()


def says(reply: bytes, then: Conduct = until_it_leaves) -> Conduct:
    """Write something, whatever was asked."""

    async def conduct(visit: Visit) -> None:
        await visit.read()
        await visit.write(reply)
        await then(visit)

    return conduct


@contextmanager
def deaf_port() -> Iterator[int]:
    """A port where nothing listens, and nothing will while the block runs."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


def _is_whole(received: bytes) -> bool:
    head, blank, body = received.partition(b"\r\n\r\n")
    if not blank:
        return False
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return len(body) >= (int(lengths[0].split(b":")[1]) if lengths else 0)
