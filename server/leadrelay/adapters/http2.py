"""One HTTP/2 connection that carries one request at a time, for recipients that speak nothing older.

h2 speaks the protocol. Several leads could share a connection; but one that is cancelled half-way through a
frame would end it for all of them, and whose lead left when would be hard to tell. So each slot has its own,
as with HTTP/1.1.

A request leaves when the recipient has shown that it speaks HTTP/2: its settings come first. Who then
refuses a stream, or says goodbye and names an earlier one, promises that it has not looked at it (RFC 9113,
8.7): such a lead certainly did not arrive.
"""

import re
import ssl
from collections.abc import Iterator
from contextlib import suppress

import trio
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    DataReceived,
    Event,
    RemoteSettingsChanged,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)
from h2.exceptions import DenialOfServiceError, ProtocolError
from h2.settings import SettingCodes, Settings

from leadrelay.adapters.connection import AT_ONCE, LOST, answered_meanwhile
from leadrelay.adapters.frames import last_looked_at, whole_frames
from leadrelay.adapters.head import Message, Origin
from leadrelay.adapters.inflate import Decoder, Plain, TooLarge, Unreadable, decoder_for
from leadrelay.adapters.line import CertificateRefused, Line, TlsLine
from leadrelay.adapters.why import why_no_tls
from leadrelay.core.errors import NoAnswer, NotSent
from leadrelay.core.exchange import Reply
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.ports import Progress

MAX_HEAD = 64 * 1024  # bytes of a reply's headers, as HPACK counts them
REST = 60.0  # seconds; who closes an HTTP/2 connection says so, and what it has not looked at
MOST_NEWS = 16  # times that something may have come during a rest

_SETTINGS = {
    SettingCodes.ENABLE_PUSH: 0,
    SettingCodes.MAX_CONCURRENT_STREAMS: 1,
    SettingCodes.MAX_HEADER_LIST_SIZE: MAX_HEAD,
}
_STATUS = re.compile(r"[1-9][0-9]{2}")


async def speak_http2(origin: Origin, line: Line) -> "Http2Connection":
    """A connection on which the recipient has shown that it speaks HTTP/2. Raises NotSent."""
    if isinstance(line, TlsLine) and line.protocol != "h2":
        line.close()
        raise NotSent(ReasonCode.PROTOCOL, _NO_HTTP2)
    connection = Http2Connection(origin, line)
    try:
        await connection.begin()
    except BaseException:
        connection.close()
        raise
    return connection


class Http2Connection:
    """See leadrelay.adapters.http.Connection."""

    def __init__(self, origin: Origin, line: Line) -> None:
        self.origin = origin
        self._line = line
        self._h2 = H2Connection(H2Configuration(client_side=True, header_encoding=None))
        self._h2.local_settings = Settings(client=True, initial_values=_SETTINGS)
        self._frames = bytearray()
        self._last_heard: int | None = None  # the last stream that a recipient which leaves has looked at
        self._room = trio.Event()  # there may be more of it
        self._is_flushing = self._is_sent = False
        self._usable_until = 0.0

    async def begin(self) -> None:
        """Say who we are and hear the same. Raises NotSent."""
        self._h2.initiate_connection()
        try:
            await self._flush()
            while not any(isinstance(event, RemoteSettingsChanged) for event in self._said()):
                await self._listen()
            await self._flush()
        except (CertificateRefused, ssl.SSLError) as error:
            raise NotSent(ReasonCode.TLS, why_no_tls(error)) from error
        except (ProtocolError, trio.BrokenResourceError) as error:
            raise NotSent(ReasonCode.PROTOCOL, _NO_HTTP2) from error

    async def exchange(self, message: Message, progress: Progress, max_body: int) -> Reply:
        """See leadrelay.adapters.http.Connection."""
        self._usable_until, self._is_sent = 0.0, False
        await trio.lowlevel.checkpoint_if_cancelled()
        stream = self._h2.get_next_available_stream_id()
        self._h2.send_headers(stream, _headers(message), end_stream=not message.body)
        progress.sending()
        answer = _Answer(max_body)
        try:
            if len(message.body) <= min(AT_ONCE, self._window(stream)):
                await self._send(stream, message.body)
                reply = await self._receive(stream, answer)
            else:
                reply = await answered_meanwhile(
                    lambda: self._send(stream, message.body), lambda: self._receive(stream, answer)
                )
        except trio.BrokenResourceError as error:
            raise NoAnswer(ReasonCode.RESET, LOST) from error
        except CertificateRefused as error:
            raise NotSent(ReasonCode.TLS, why_no_tls(error)) from error
        except ssl.SSLError as error:
            raise NoAnswer(ReasonCode.TLS, why_no_tls(error)) from error
        except (TooLarge, DenialOfServiceError) as error:
            words = "the reply is larger than what is taken; ask the recipient for a shorter one"
            raise NoAnswer(ReasonCode.RESPONSE_TOO_LARGE, words) from error
        except Unreadable as error:
            raise NoAnswer(ReasonCode.PROTOCOL, str(error)) from error
        except ProtocolError as error:
            words = f"what the recipient answered is not HTTP/2 ({type(error).__name__})"
            raise NoAnswer(ReasonCode.PROTOCOL, words) from error
        if self._is_sent and self._last_heard is None:
            self._usable_until = trio.current_time() + REST
        return reply

    def may_rest(self) -> bool:
        """See leadrelay.adapters.http.Connection."""
        return self._usable_until > 0

    def is_usable(self) -> bool:
        """See leadrelay.adapters.http.Connection. Pings, settings and the like are no news."""
        if trio.current_time() >= self._usable_until:
            return False
        with suppress(trio.BrokenResourceError, ssl.SSLError, ProtocolError):
            for _ in range(MOST_NEWS):
                for _event in self._said():
                    pass
                if (received := self._line.receive_nowait()) is None:
                    return self._last_heard is None
                self._hear(received)
        return False

    def close(self) -> None:
        """See leadrelay.adapters.http.Connection."""
        self._line.close()

    async def _send(self, stream: int, body: bytes) -> None:
        # What went wrong is told by what comes, or does not.
        with suppress(trio.BrokenResourceError, ssl.SSLError, ProtocolError):
            await self._flush()
            while body:
                while not (window := self._window(stream)):
                    await self._room.wait()
                piece, body = body[:window], body[window:]
                self._h2.send_data(stream, piece, end_stream=not body)
                await self._flush()
            self._is_sent = True

    async def _receive(self, stream: int, answer: "_Answer") -> Reply:
        while True:
            for event in self._said():
                if isinstance(event, DataReceived) and event.stream_id == stream:
                    self._h2.acknowledge_received_data(event.flow_controlled_length or 0, stream)
                if getattr(event, "stream_id", None) == stream:
                    answer.take(event)
                if answer.reply is not None:  # what comes behind it cannot take it back
                    return answer.reply
                if self._last_heard is not None and self._last_heard < stream:
                    raise NotSent(ReasonCode.RESET, _NOT_LOOKED_AT)
            await self._flush()
            await self._listen()

    async def _listen(self) -> None:
        self._hear(await self._line.receive())

    def _hear(self, received: bytes) -> None:
        if not received:
            raise trio.BrokenResourceError
        self._frames += received

    def _said(self) -> Iterator[Event]:
        """What came, frame by frame as far as they are whole; frames that are not asked for are kept."""
        for frame in whole_frames(self._frames, self._h2.max_inbound_frame_size):
            if (last := last_looked_at(frame)) is not None:
                self._last_heard = last
                yield _Goodbye()
                continue
            for event in self._h2.receive_data(frame):
                if isinstance(event, WindowUpdated | RemoteSettingsChanged):
                    self._room.set()
                    self._room = trio.Event()
                yield event

    async def _flush(self) -> None:
        if self._is_flushing:  # by another task, which takes along what has come in the meantime
            return
        self._is_flushing = True
        try:
            while outgoing := self._h2.data_to_send():
                await self._line.send(outgoing)
        finally:
            self._is_flushing = False

    def _window(self, stream: int) -> int:
        return max(0, min(self._h2.local_flow_control_window(stream), self._h2.max_outbound_frame_size))


class _Goodbye(Event):
    """The recipient takes no more requests."""


class _Answer:
    """What has come of a reply."""

    def __init__(self, max_body: int) -> None:
        self.reply: Reply | None = None
        self._max_body = max_body
        self._status, self._headers = 0, list[tuple[str, str]]()
        self._body: Decoder = Plain(max_body)

    def take(self, event: Event) -> None:
        match event:
            case ResponseReceived():
                pairs = [
                    (name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers or ()
                ]
                status = next((value for name, value in pairs if name == ":status"), "")
                if not _STATUS.fullmatch(status):
                    raise Unreadable("the recipient answered with a status that is no number of three digits")
                self._status = int(status)
                self._headers = [pair for pair in pairs if not pair[0].startswith(":")]
                codings = [value for name, value in pairs if name == "content-encoding"]
                self._body = decoder_for(",".join(codings), self._max_body)
            case DataReceived():
                self._body.feed(event.data or b"")
            case StreamEnded():
                headers = tuple(self._headers)
                self.reply = Reply(status=self._status, headers=headers, body=self._body.finish())
            case StreamReset() if self.reply is None:
                if event.error_code == ErrorCodes.REFUSED_STREAM:
                    raise NotSent(ReasonCode.RESET, _NOT_LOOKED_AT)
                raise NoAnswer(ReasonCode.RESET, LOST)


def _headers(message: Message) -> list[tuple[bytes, bytes]]:
    """With the pseudo-headers first, and the names in lower case."""
    host = next((value for name, value in message.headers if name.lower() == b"host"), b"")
    named = [(name.lower(), value) for name, value in message.headers if name.lower() != b"host"]
    return [
        (b":method", message.method),
        (b":scheme", message.origin.scheme.encode()),
        (b":authority", host),
        (b":path", message.target.encode()),
        *named,
    ]


_NO_HTTP2 = (
    "the recipient does not speak HTTP/2; take `http_version` out of the destination's `connection`, which "
    "leaves HTTP/1.1"
)
_NOT_LOOKED_AT = "the recipient refused the request before it looked at it"
