"""One HTTP/1.1 connection: a request out in one piece, its reply in, and whether another may follow.

h11 speaks the protocol. It stands below httpx too; what httpx puts between (a pool, locks and streams for
what is one connection) costs three times as much as the exchange itself, and takes bytes that come unasked
behind one reply for the beginning of the next.
"""

import re
import ssl
from contextlib import suppress

import h11
import trio

from leadrelay.adapters.head import Origin
from leadrelay.adapters.inflate import Decoder, TooLarge, Unreadable, decoder_for
from leadrelay.adapters.line import CertificateRefused, Line
from leadrelay.adapters.why import why_no_tls
from leadrelay.core.errors import NoAnswer, NotSent
from leadrelay.core.exchange import Headers, Reply
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.ports import Progress

MAX_HEAD = 64 * 1024  # bytes of a reply's status line and headers

# Seconds a connection may rest and be used again. A lead that leaves at the moment in which its
# recipient closes the connection is lost from sight, and 5 s is where Node, Apache and uvicorn close.
IDLE = 4.0


class Connection:
    """After an error or a cancellation there is nothing to be done with it but to close it."""

    def __init__(self, origin: Origin, line: Line) -> None:
        self.origin = origin
        self._line = line
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD)
        self._has_ended = False
        self._usable_until = 0.0

    async def exchange(self, head: h11.Request, body: bytes, progress: Progress, max_body: int) -> Reply:
        """Send the request and take the whole reply.

        Raises NoAnswer, and nothing else once bytes left; NotSent when those were not read (see Line).
        """
        outgoing = _written(self._http, head, body)
        await trio.lowlevel.checkpoint_if_cancelled()
        progress.sending()
        try:
            await self._send(outgoing)
            return await self._reply(max_body)
        except trio.BrokenResourceError as error:
            raise NoAnswer(ReasonCode.RESET, "the connection was lost before an answer had come") from error
        except CertificateRefused as error:
            raise NotSent(ReasonCode.TLS, why_no_tls(error)) from error
        except ssl.SSLError as error:
            raise NoAnswer(ReasonCode.TLS, why_no_tls(error)) from error
        except h11.RemoteProtocolError as error:
            raise self._why_unreadable(error) from error
        except TooLarge as error:
            raise _too_large(f"body is larger than the {max_body} bytes") from error
        except Unreadable as error:
            raise NoAnswer(ReasonCode.PROTOCOL, str(error)) from error

    def may_rest(self) -> bool:
        """Whether another request may follow the one that was answered."""
        if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            return False
        if self._http.trailing_data[0]:
            return False  # whatever came behind the reply would be taken for the next one
        self._http.start_next_cycle()
        return self.is_usable()

    def is_usable(self) -> bool:
        """Still fresh, still open, and nothing has come that nobody asked for."""
        return trio.current_time() < self._usable_until and self._line.is_quiet()

    def close(self) -> None:
        self._line.close()

    async def _send(self, outgoing: bytes) -> None:
        # A recipient may refuse before it has read everything; then its answer can be there already.
        with suppress(trio.BrokenResourceError):
            await self._line.send(outgoing)

    async def _reply(self, max_body: int) -> Reply:
        head = await self._head()
        headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers.raw_items()
        )
        decoder = decoder_for(_joined(headers, "content-encoding"), max_body)
        await self._body(decoder)
        self._usable_until = trio.current_time() + _rest_of(headers)
        return Reply(status=head.status_code, headers=headers, body=decoder.finish())

    async def _head(self) -> h11.Response:
        while True:
            event = await self._next_event()
            if isinstance(event, h11.Response):
                return event
            # Else it is 100 Continue, 103 Early Hints or the like: the answer is still to come.

    async def _body(self, decoder: Decoder) -> None:
        while isinstance(event := await self._next_event(), h11.Data):
            decoder.feed(event.data)

    async def _next_event(self) -> h11.Event | type[h11.PAUSED | h11.NEED_DATA]:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            received = await self._line.receive()
            self._has_ended = not received
            self._http.receive_data(received)
        return event

    def _why_unreadable(self, error: h11.RemoteProtocolError) -> NoAnswer:
        if self._has_ended:
            return NoAnswer(
                ReasonCode.RESET, "the recipient ended the connection before its answer was complete"
            )
        if error.error_status_hint == 431:
            return _too_large(f"headers are longer than the {MAX_HEAD} bytes")
        return NoAnswer(ReasonCode.PROTOCOL, "what the recipient answered is not HTTP/1.1")


def _written(http: h11.Connection, head: h11.Request, body: bytes) -> bytes:
    pieces = [http.send(head), http.send(h11.Data(data=body)) if body else b"", http.send(h11.EndOfMessage())]
    return b"".join(piece for piece in pieces if piece)


def _joined(headers: Headers, wanted: str) -> str:
    return ",".join(value for name, value in headers if name.lower() == wanted)


_TIMEOUT = re.compile(r"\btimeout\s*=\s*\"?(\d{1,6})", re.IGNORECASE)


def _rest_of(headers: Headers) -> float:
    """How long the connection may rest; some recipients say when they will close it."""
    said = _TIMEOUT.search(_joined(headers, "keep-alive"))
    return min(IDLE, float(said[1]) - 1) if said else IDLE


def _too_large(what: str) -> NoAnswer:
    return NoAnswer(ReasonCode.RESPONSE_TOO_LARGE, f"the reply's {what} that are taken")
