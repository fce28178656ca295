"""One HTTP/2 connection to a peer, shared by all calls to it.

`run` is the actor: it reads and writes. Calls open streams, read what comes for them, and are told exactly
what a broken one was: `Lost.was_read` is False where the peer certainly looked at nothing of it.

h2 speaks the protocol, flow control and header compression included; nothing here waits for the network but
`run`, so a caller who is cancelled leaves the connection whole and a word to the peer that it is gone.
"""

import logging
import math
import ssl
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Final

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings
import trio

from leadrelay.adapters.direct.stream import Headers, Lost, Stream
from leadrelay.adapters.frames import last_looked_at, whole_frames
from leadrelay.adapters.line import Line
from leadrelay.adapters.why import why_no_tls

QUIET: Final = 20.0  # seconds without a byte, while a call is open, after which the peer is asked for a sign
SIGN: Final = 10.0  # seconds in which it has to give one
UNPROVEN: Final = 30.0  # seconds without a byte after which a connection is tried before a lead goes over it
WINDOW: Final = 4 * 1024 * 1024  # bytes that a peer may send ahead over all streams; each has 64 KiB
MAX_HEADERS: Final = 32 * 1024  # bytes of one block, unpacked
LAST_WORDS: Final = 1.0  # seconds
LAST_STREAM: Final = 2**31 - 1
_ASKED = b"are-you?"

log = logging.getLogger("leadrelay.adapters")

# Our own headers are checked where they are made, and of the peer's four are read and none is trusted: to
# check each once more takes a quarter of a call's time.
_CONFIGURATION = h2.config.H2Configuration(
    client_side=True,
    header_encoding=None,
    validate_outbound_headers=False,
    normalize_outbound_headers=False,
    validate_inbound_headers=False,
    normalize_inbound_headers=False,
)
_SETTINGS = {
    h2.settings.SettingCodes.ENABLE_PUSH: 0,
    h2.settings.SettingCodes.MAX_HEADER_LIST_SIZE: MAX_HEADERS,
}


class Connection:
    """An actor; `run` is started before anything else is called."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._h2 = h2.connection.H2Connection(_CONFIGURATION)
        self._h2.local_settings = h2.settings.Settings(client=True, initial_values=_SETTINGS)
        self._received = bytearray()
        self._streams: dict[int, Stream] = {}
        self._outgoing = trio.Event()  # set, and replaced, when there may be something to write
        self._room = trio.Event()  # set, and replaced, when a stream has ended or settings have come
        self._sign = trio.Event()  # set, and replaced, when anything has come
        self._lifetime = self._listening = trio.CancelScope()
        self._heard_at = trio.current_time()
        self._has_settings = False
        self._asks = False  # a PING is out
        self._takes_no_more = False
        self._lost: Lost | None = None

    @property
    def is_open(self) -> bool:
        """Whether a new call may be tried on it."""
        return self._lost is None and not self._takes_no_more

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Until it is lost, or the peer has said goodbye and its last call is over."""
        try:
            self._h2.initiate_connection()
            self._h2.increment_flow_control_window(WINDOW)
            async with trio.open_nursery() as nursery:
                self._lifetime = nursery.cancel_scope
                nursery.start_soon(self._write)
                task_status.started()
                await self._read()
                nursery.cancel_scope.cancel()
        except* Lost as group:
            words = {error.words for error in group.exceptions if isinstance(error, Lost)}
            self._lose(Lost(words.pop() if words else "the connection to the peer was lost"))
        except* ssl.SSLError as group:
            self._lose(Lost(why_no_tls(group.exceptions[0]), is_tls=True))
        except* (trio.BrokenResourceError, trio.BusyResourceError, OSError):
            self._lose(Lost("the connection to the peer was lost"))
        except* h2.exceptions.ProtocolError:
            self._lose(Lost("what the peer sent is not HTTP/2"))
        except* Exception:  # a defect of ours, or of h2's, costs this connection and nothing else
            log.exception("a connection to a peer")
            self._lose(Lost("internal error, see the server's log"))
        finally:
            self._lose(Lost("the connection was closed"))
            self._line.close()

    def close(self) -> None:
        """Give it up, with all that is under way on it."""
        self._lifetime.cancel()

    async def greeted(self) -> None:
        """Return once the peer has shown that it speaks HTTP/2. Raises Lost."""
        while not self._has_settings:
            self._raise_if_lost()
            await self._sign.wait()

    async def proven(self) -> None:
        """Return at once, or, where nothing has come for long, after a sign of life. Raises Lost."""
        if trio.current_time() - self._heard_at < UNPROVEN:
            return
        sign = self._sign
        self._ask()
        with trio.move_on_after(SIGN):
            await sign.wait()
        if not sign.is_set():
            self._lose(Lost("the peer gives no sign of life"))
            self.close()
        self._raise_if_lost()

    @asynccontextmanager
    async def stream(
        self, headers: Headers, body: bytes, on_leaving: Callable[[], None]
    ) -> AsyncIterator[Stream]:
        """A call with its whole request. `on_leaving` is called when its first byte is about to leave.

        Raises Lost. The peer is told when the block is left before the answer has ended.
        """
        await self._wait_for_room()
        on_leaving()
        number = self._h2.get_next_available_stream_id()
        self._h2.send_headers(number, headers)
        self._takes_no_more |= number >= LAST_STREAM
        stream = self._streams[number] = Stream(number, body)
        self._send_body(stream)
        self._flush()
        self._expect()
        try:
            yield stream
        finally:
            self._leave(stream)

    async def _wait_for_room(self) -> None:
        """A peer may bound the calls that are open at once."""
        while True:
            self._raise_if_lost()
            if self._takes_no_more:
                raise Lost("the peer takes no more calls", was_read=False)
            if len(self._streams) < self._h2.remote_settings.max_concurrent_streams:
                return await trio.lowlevel.checkpoint_if_cancelled()
            await self._room.wait()

    def _leave(self, stream: Stream) -> None:
        self._streams.pop(stream.number, None)
        self._tell_of_room()
        if self._lost is None and not stream.is_over:
            with suppress(h2.exceptions.ProtocolError):  # it has just ended
                self._h2.reset_stream(stream.number, h2.errors.ErrorCodes.CANCEL)
            if trio.current_time() - self._heard_at >= QUIET / 2:
                self._ask()  # what the caller waited for in vain may never come from there
        self._flush()
        if self._takes_no_more and not self._streams:
            self._listening.cancel()

    def _send_body(self, stream: Stream) -> None:
        """As much as flow control lets go; the end of the body ends our side."""
        while stream.outgoing:
            size = min(
                len(stream.outgoing),
                self._h2.local_flow_control_window(stream.number),
                self._h2.max_outbound_frame_size,
            )
            if size <= 0:
                return
            piece, stream.outgoing = stream.outgoing[:size], stream.outgoing[size:]
            self._h2.send_data(stream.number, piece, end_stream=not stream.outgoing)

    async def _write(self) -> None:
        while True:
            if outgoing := self._h2.data_to_send():
                try:
                    await self._line.send(outgoing)
                except trio.BrokenResourceError:
                    await trio.sleep(LAST_WORDS)  # what the peer said before it left can still be read
                    raise
            else:
                self._outgoing = trio.Event()
                await self._outgoing.wait()

    async def _read(self) -> None:
        while not (self._takes_no_more and not self._streams):
            self._listening = trio.CancelScope()
            self._expect()
            received = b""
            with self._listening:
                received = await self._line.receive()
                if not received:
                    raise Lost("the peer ended the connection")
            if received:
                self._take(received)
            elif self._asks and self._streams:
                raise Lost("the peer gives no sign of life")
            elif self._streams:
                self._ask()

    def _expect(self) -> None:
        """While a call is open the peer is not silent for long."""
        patience = SIGN if self._asks else QUIET
        self._listening.deadline = trio.current_time() + patience if self._streams else math.inf

    def _ask(self) -> None:
        self._asks = True
        self._h2.ping(_ASKED)
        self._flush()
        self._expect()

    def _take(self, received: bytes) -> None:
        self._heard_at, self._asks = trio.current_time(), False
        self._received += received
        for frame in whole_frames(self._received, self._h2.max_inbound_frame_size):
            if (last := last_looked_at(frame)) is not None:
                self._part(last)
                continue
            for event in self._h2.receive_data(frame):
                self._handle(event)
        self._sign.set()
        self._sign = trio.Event()
        self._flush()

    def _part(self, last: int) -> None:
        """The peer leaves: it answers the calls up to this one, and has looked at no later one."""
        self._takes_no_more = True
        for number, stream in self._streams.items():
            if number > last:
                stream.lose(Lost("the peer stopped before it looked at the call", was_read=False))
        self._tell_of_room()

    def _handle(self, event: h2.events.Event) -> None:
        match event:
            case h2.events.RemoteSettingsChanged():
                self._has_settings = True
                self._send_on(self._streams.values())
                self._tell_of_room()
            case h2.events.WindowUpdated():
                streams = self._streams
                ours = streams.get(event.stream_id) if event.stream_id else None
                self._send_on(streams.values() if not event.stream_id else [ours] if ours else [])
            case h2.events.ResponseReceived() | h2.events.TrailersReceived():
                self._put(event.stream_id, list(event.headers or ()))
            case h2.events.DataReceived():
                self._put(event.stream_id, event.data or b"")
                # At once: who reads is never slower than the network, and what it keeps is bounded there.
                self._h2.acknowledge_received_data(event.flow_controlled_length or 0, event.stream_id or 0)
            case h2.events.StreamEnded():
                if stream := self._streams.get(event.stream_id or 0):
                    stream.end()
            case h2.events.StreamReset():
                if stream := self._streams.get(event.stream_id or 0):
                    was_read = event.error_code != h2.errors.ErrorCodes.REFUSED_STREAM
                    stream.lose(Lost("the peer broke the call off", was_read=was_read))

    def _put(self, number: int | None, piece: Headers | bytes) -> None:
        if stream := self._streams.get(number or 0):
            stream.put(piece)

    def _send_on(self, streams: Iterable[Stream]) -> None:
        for stream in list(streams):
            if stream.outgoing and not stream.is_over:
                self._send_body(stream)

    def _flush(self) -> None:
        self._outgoing.set()

    def _tell_of_room(self) -> None:
        self._room.set()
        self._room = trio.Event()

    def _lose(self, lost: Lost) -> None:
        if self._lost is None:
            self._lost = lost
            for stream in self._streams.values():
                stream.lose(lost)
            self._sign.set()
            self._tell_of_room()

    def _raise_if_lost(self) -> None:
        if self._lost is not None:
            # Nothing of a call that was not begun.
            raise Lost(self._lost.words, was_read=False, is_tls=self._lost.is_tls)
