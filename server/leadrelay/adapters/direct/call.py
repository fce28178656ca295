"""gRPC over a stream: messages in frames of their own, and a status behind the last of them."""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

import grpc
from google.protobuf.message import DecodeError
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo  # type: ignore[import-untyped]
from google.rpc.status_pb2 import Status as RichStatus  # type: ignore[import-untyped]

from leadrelay.adapters.direct.http2 import Connection
from leadrelay.adapters.direct.stream import Headers, Stream
from leadrelay.adapters.head import USER_AGENT

MAX_MESSAGE: Final = 4 * 1024 * 1024  # bytes of one answer
_PREFIX: Final = 5  # bytes before every message: whether it is compressed, and its length

_OURS: Headers = [
    (b"te", b"trailers"),
    (b"content-type", b"application/grpc+proto"),
    (b"user-agent", USER_AGENT.encode()),
]
_NAMES: dict[bytes, str] = {str(code.value[0]).encode(): code.name for code in grpc.StatusCode}
# What a proxy means that answers for a peer which it did not reach (gRPC's own table).
_OF_HTTP = {401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "UNIMPLEMENTED"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How a call ended."""

    name: str  # as in google.rpc.Code
    message: str = ""
    domain: str = ""  # whose `reason` it is; empty: it names none
    reason: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    retry_after: float = 0.0  # seconds; 0: it did not say


class Unreadable(Exception):
    """What came back is no gRPC."""


class Call:
    """A call whose request is on its way. For one task."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._bytes = b""
        self._http: int | None = None  # the status of HTTP; 200 whatever gRPC has to say
        self._headers: dict[bytes, bytes] = {}

    async def message(self) -> bytes | None:
        """The next answer, or None after the last. Raises Lost, and Unreadable."""
        while (message := self._unpacked()) is None:
            piece = await self._stream.next()
            if piece is None:
                if self._bytes:
                    raise Unreadable("the peer's answer ends within a message")
                return None
            if isinstance(piece, bytes):
                self._bytes += piece if self._is_grpc else b""
            else:
                self._take(piece)
        return message

    def status(self) -> Status:
        """After the last answer. Raises Unreadable."""
        if not self._is_grpc:
            name = _OF_HTTP.get(self._http or 0, "UNKNOWN")
            return Status(name=name, message=f"HTTP status {self._http}, and no gRPC")
        number = self._headers.get(b"grpc-status")
        if number is None:
            raise Unreadable("the peer ended the call without a status")
        message = unquote(self._headers.get(b"grpc-message", b"").decode("latin-1"), errors="replace")
        details = self._headers.get(b"grpc-status-details-bin", b"")
        return _with_details(_NAMES.get(number, "UNKNOWN"), message, details)

    @property
    def _is_grpc(self) -> bool:
        return self._http == 200 and self._headers.get(b"content-type", b"").startswith(b"application/grpc")

    def _take(self, headers: Headers) -> None:
        """Those before the answer, and those behind it."""
        if self._http is None:
            status = dict(headers).get(b":status", b"")
            self._http = int(status) if status.isdigit() else 0
        self._headers |= dict(headers)

    def _unpacked(self) -> bytes | None:
        if len(self._bytes) < _PREFIX:
            return None
        if self._bytes[0]:
            raise Unreadable("the peer's answer is compressed, which it was not asked to be")
        end = _PREFIX + int.from_bytes(self._bytes[1:_PREFIX], "big")
        if end > _PREFIX + MAX_MESSAGE:
            raise Unreadable(f"the peer's answer is larger than the {MAX_MESSAGE} bytes that are taken")
        if len(self._bytes) < end:
            return None
        message, self._bytes = self._bytes[_PREFIX:end], self._bytes[end:]
        return message


@asynccontextmanager
async def call(
    connection: Connection,
    *,
    path: str,
    authority: str,
    metadata: Headers,
    message: bytes,
    is_plaintext: bool,
    on_leaving: Callable[[], None],
) -> AsyncIterator[Call]:
    """A call of one request message, which ends with the block. Raises Lost."""
    head: Headers = [
        (b":method", b"POST"),
        (b":scheme", b"http" if is_plaintext else b"https"),
        (b":path", path.encode()),
        (b":authority", authority.encode()),
        *_OURS,
        *metadata,
    ]
    body = b"\0" + len(message).to_bytes(4, "big") + message
    async with connection.stream(head, body, on_leaving) as stream:
        yield Call(stream)


def _with_details(name: str, message: str, details: bytes) -> Status:
    info, retry = ErrorInfo(), RetryInfo()
    try:
        rich = RichStatus.FromString(b64decode(details + b"=" * (-len(details) % 4)))
        for detail in rich.details:
            detail.Unpack(info)  # does nothing where it is of another type
            detail.Unpack(retry)
    except (NotBase64, DecodeError):
        info, retry = ErrorInfo(), RetryInfo()  # the status alone counts
    pause = retry.retry_delay.seconds + retry.retry_delay.nanos / 1e9
    return Status(
        name=name,
        message=message,
        domain=info.domain,
        reason=info.reason,
        facts=dict(info.metadata),
        retry_after=max(0.0, pause),
    )
