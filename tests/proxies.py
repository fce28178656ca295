"""A small HTTP proxy on a real socket: tunnels by CONNECT, and requests in clear with their whole URL."""

import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import trio


@dataclass
class SmallProxy:
    """Knows no name but those given, as a network's own DNS does; every place is a port on loopback."""

    names: dict[str, int] = field(default_factory=dict)
    password: str = ""  # what stands behind `Basic `; empty: everybody may pass
    refuses: bytes = b""  # in place of every tunnel
    tls: ssl.SSLContext | None = None
    port: int = 0
    connections: int = 0
    heads: list[bytes] = field(default_factory=list)  # of what it was asked
    passed: bytes = b""  # what went through its tunnels towards recipients

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
        self.port = listener.socket.getsockname()[1]
        task_status.started()
        await trio.serve_listeners(self._welcome, [listener])

    async def _welcome(self, stream: trio.abc.Stream) -> None:
        self.connections += 1
        if self.tls is not None:
            stream = trio.SSLStream(stream, self.tls, server_side=True)
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            await self._serve(stream)
            await stream.aclose()

    async def _serve(self, peer: trio.abc.Stream) -> None:
        received = b""
        while b"\r\n\r\n" not in received:
            data = await peer.receive_some()
            if not data:
                return
            received += data
        head, _, rest = received.partition(b"\r\n\r\n")
        self.heads.append(head)
        if self.password and b"\r\nProxy-Authorization: Basic %s" % self.password.encode() not in head:
            await peer.send_all(b"HTTP/1.1 407 Who are you?\r\nContent-Length: 0\r\n\r\n")
        elif head.startswith(b"CONNECT "):
            await self._tunnel(peer, head.split()[1].decode())
        else:
            await self._forward(peer, head, rest)

    async def _tunnel(self, peer: trio.abc.Stream, place: str) -> None:
        if self.refuses:
            return await peer.send_all(self.refuses)
        host, _, port = place.rpartition(":")
        recipient = await self._reach(host, int(port))
        if recipient is None:
            return await peer.send_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        await peer.send_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await self._relay(peer, recipient)
        return None

    async def _forward(self, peer: trio.abc.Stream, head: bytes, rest: bytes) -> None:
        method, url, version = head.partition(b"\r\n")[0].split()
        parts = urlsplit(url.decode())
        recipient = await self._reach(parts.hostname or "", parts.port or 80)
        if recipient is None:
            return await peer.send_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        target = f"{parts.path}{parts.query and '?'}{parts.query}".encode()
        lines = [line for line in head.split(b"\r\n")[1:] if not line.startswith(b"Proxy-")]
        first = b" ".join((method, target, version))
        await recipient.send_all(b"\r\n".join([first, *lines, b"", b""]) + rest)
        await self._relay(peer, recipient)
        return None

    async def _reach(self, host: str, port: int) -> trio.SocketStream | None:
        with suppress(OSError):
            return await trio.open_tcp_stream("127.0.0.1", self.names.get(host, port))
        return None

    async def _relay(self, peer: trio.abc.Stream, recipient: trio.abc.Stream) -> None:
        async def inward() -> None:
            while data := await peer.receive_some():
                self.passed += data
                await recipient.send_all(data)
            both.cancel_scope.cancel()

        async with recipient, trio.open_nursery() as both:
            both.start_soon(inward)
            with suppress(trio.BrokenResourceError):
                while data := await recipient.receive_some():
                    await peer.send_all(data)
            both.cancel_scope.cancel()


async def proxying(nursery: trio.Nursery, proxy: SmallProxy) -> SmallProxy:
    await nursery.start(proxy.run)
    return proxy
