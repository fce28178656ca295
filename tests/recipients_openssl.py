"""A recipient over OpenSSL's own sockets, as most servers are: an alert tells why it ends a handshake.

trio's SSLStream sends none: it closes, and the alert stays in its memory.
"""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any


@dataclass
class OpenSslRecipient:
    """Answers every request with the common name of its peer's certificate."""

    port: int
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)

    def answer(self, peer: ssl.SSLSocket) -> None:
        request = b""
        while b"\r\n\r\n" not in request:
            received = peer.recv(65536)
            if not received:
                return
            request += received
        self.requests.append(request)
        certificate: dict[str, Any] = peer.getpeercert() or {}
        name = dict(part[0] for part in certificate.get("subject", ())).get("commonName", "nobody")
        peer.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(name)}\r\n\r\n{name}".encode())


@contextmanager
def openssl_recipient(tls: ssl.SSLContext) -> Iterator[OpenSslRecipient]:
    """One connection after the other, in a thread, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        recipient = OpenSslRecipient(listener.getsockname()[1])
        has_ended = threading.Event()

        def serve() -> None:
            while True:
                connection, _ = listener.accept()
                with connection:
                    if has_ended.is_set():
                        return
                    connection.settimeout(10)
                    recipient.connections += 1
                    with suppress(OSError), tls.wrap_socket(connection, server_side=True) as peer:
                        recipient.answer(peer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield recipient
        finally:
            has_ended.set()
            socket.create_connection(listener.getsockname()).close()  # wakes it up
            thread.join(15)
