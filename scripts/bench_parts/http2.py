"""As much HTTP/2 as a load generator for gRPC needs, on one socket and without tasks.

grpcio's own clients cost 400 µs and more per lead here, which is time taken from the server beside them;
this one costs a tenth. It sends complete unary requests, cuts answers into messages and keeps the flow
control honest. Header blocks that come back are not read: whether a lead was served is seen from its
events, and a stream that ends without them was refused.
"""

import socket
import struct
from collections import deque

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
END_STREAM, ACK, END_HEADERS = 1, 1, 4
INITIAL_WINDOW_SIZE = 4
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
WIDE = 1 << 30  # bytes that the server may send ahead
READ = 1 << 20

Received = tuple[int, bytes | None]  # a stream with one message, or with None at its end


class ConnectionLost(Exception):
    """The server closed the connection; the words say how."""


class Http2:
    """One connection. `fileno` may be waited on; nothing here blocks."""

    def __init__(self, address: str, path: str) -> None:
        host, _, port = address.rpartition(":")
        self._socket = socket.create_connection((host, int(port)), timeout=5)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setblocking(False)
        self._head = _header_block(path, address)
        self._incoming = b""
        self._outgoing = bytearray(PREFACE)
        self._waiting: deque[bytes] = deque()  # requests for which the server's window is too small
        self._partial: dict[int, bytes] = {}
        self._next_stream = 1
        self._window = 65_535  # bytes that we may send
        self._owed = 0  # bytes received and not yet given back
        self._outgoing += _frame(SETTINGS, 0, 0, struct.pack(">HI", INITIAL_WINDOW_SIZE, WIDE))
        self._outgoing += _frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", WIDE - 65_535))

    def fileno(self) -> int:
        return self._socket.fileno()

    @property
    def has_outgoing(self) -> bool:
        return bool(self._outgoing)

    def ask(self, message: bytes) -> int:
        """Queue one request; its stream."""
        stream = self._next_stream
        self._next_stream += 2
        body = b"\0" + struct.pack(">I", len(message)) + message
        head = _frame(HEADERS, END_HEADERS, stream, self._head)
        self._waiting.append(head + _frame(DATA, END_STREAM, stream, body))
        self._admit(len(self._head) + 18)
        return stream

    def _admit(self, overhead: int) -> None:
        """Let requests out as far as the server's window goes, in which bodies count and heads do not."""
        while self._waiting and (size := len(self._waiting[0]) - overhead) <= self._window:
            self._window -= size
            self._outgoing += self._waiting.popleft()

    def flush(self) -> None:
        """Send as much as the socket takes."""
        try:
            sent = self._socket.send(self._outgoing)
        except BlockingIOError:
            return
        del self._outgoing[:sent]

    def receive(self) -> list[Received]:
        """Everything that has come."""
        try:
            got = self._socket.recv(READ)
        except BlockingIOError:
            return []
        if not got:
            raise ConnectionLost("the server closed the connection")
        data = self._incoming + got if self._incoming else got
        found: list[Received] = []
        place, end = 0, len(data)
        while end - place >= 9:
            length = int.from_bytes(data[place : place + 3], "big")
            if end - place - 9 < length:
                break
            kind, flags = data[place + 3], data[place + 4]
            stream = int.from_bytes(data[place + 5 : place + 9], "big")
            payload = data[place + 9 : place + 9 + length]
            place += 9 + length
            if kind == DATA:
                self._owed += length
                self._messages(stream, payload, found)
            elif kind != HEADERS:
                self._control(kind, flags, stream, payload, found)
            if kind in (DATA, HEADERS) and flags & END_STREAM:
                self._partial.pop(stream, None)
                found.append((stream, None))
        self._incoming = data[place:]
        if self._owed > WIDE // 2:
            self._outgoing += _frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", self._owed))
            self._owed = 0
        return found

    def close(self) -> None:
        self._socket.close()

    def _messages(self, stream: int, payload: bytes, found: list[Received]) -> None:
        data = self._partial.pop(stream, b"") + payload
        place = 0
        while len(data) - place >= 5:
            length = int.from_bytes(data[place + 1 : place + 5], "big")
            if len(data) - place - 5 < length:
                break
            found.append((stream, data[place + 5 : place + 5 + length]))
            place += 5 + length
        if place < len(data):
            self._partial[stream] = data[place:]

    def _control(self, kind: int, flags: int, stream: int, payload: bytes, found: list[Received]) -> None:
        if kind == PING and not flags & ACK:
            self._outgoing += _frame(PING, ACK, 0, payload)
        elif kind == SETTINGS and not flags & ACK:
            self._outgoing += _frame(SETTINGS, ACK, 0, b"")
        elif kind == WINDOW_UPDATE and stream == 0:
            self._window += int.from_bytes(payload, "big")
            self._admit(len(self._head) + 18)
        elif kind == RST_STREAM:
            found.append((stream, None))
        elif kind == GOAWAY:
            raise ConnectionLost(f"the server said goodbye: {payload[8:].decode('ascii', 'replace')}")


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


def _header_block(path: str, authority: str) -> bytes:
    """The same for every call, as HPACK literals that touch no table (RFC 7541, 6.2.2)."""
    return b"".join(
        (
            b"\x83\x86",  # :method POST, :scheme http
            b"\x04" + _text(path),
            b"\x01" + _text(authority),
            b"\x0f\x10" + _text("application/grpc"),
            b"\x00" + _text("te") + _text("trailers"),
        )
    )


def _text(value: str) -> bytes:
    if len(value) > 126:
        raise ValueError("longer than one byte of HPACK can say")
    return bytes((len(value),)) + value.encode("ascii")
