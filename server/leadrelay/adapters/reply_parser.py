"""One reply out of bytes, however they are cut: the same bytes give the same reply or the same refusal.

llhttp knows the grammar and is strict about it. It has no limits, does not know what was asked, and goes
straight on to whatever follows a message; so sizes are counted, ends are found and leftovers are noticed
here. A parser reads one reply and is thrown away.

Four things are taken that the grammar forbids and a client may take (RFC 9112, 2.2, 5.2, 7.1.1; RFC 9110,
8.6): lines that end in a bare LF, as old CGI programs write them, headers that go on in the next line, blanks
behind the size of a chunk, with which old Apaches fill it up, and one length that is said twice. Nobody reads
these replies after us, so nothing can be smuggled in them. llhttp then lets control characters through, too;
those are refused here. The second length it does not take: then the head is waited for as a whole and read
once more.
"""

import re

import httptools

from leadrelay.adapters.inflate import Decoder, Plain, TooLarge, Unreadable, decoder_for
from leadrelay.adapters.repeated_length import with_one_length
from leadrelay.core.errors import NoAnswer
from leadrelay.core.exchange import Reply
from leadrelay.core.outcome import ReasonCode

# Bytes of a status line with its headers, those of informational replies before it included; and, once
# more, of whatever stands between two pieces of a body or behind the last.
MAX_HEAD = 64 * 1024
MAX_HEADERS = 256  # trailers included


class ReplyParser:
    """`feed` it until there is a `reply`; every refusal is NoAnswer, for the request has left."""

    def __init__(self, *, is_head: bool, max_body: int) -> None:
        self.reply: Reply | None = None
        self.may_go_on = False  # another request may follow on this connection
        self.announced_rest: float | None = None  # seconds after which the recipient will close it
        self._is_head, self._max_body = is_head, max_body
        self._is_in_body = False
        self._ends_with_connection = False
        self._body: Decoder = Plain(max_body)
        self._head = b""  # all that came before the body
        self._doubt: _DoubtfulLength | None = None  # what is wrong with it, until it is whole
        self._begin()

    def _begin(self) -> None:
        self._headers: list[tuple[str, str]] = []
        self._count = 0
        self._room = MAX_HEAD
        self._parser = httptools.HttpResponseParser(self)
        self._parser.set_dangerous_leniencies(
            lenient_optional_cr_before_lf=True, lenient_headers=True, lenient_spaces_after_chunk_size=True
        )

    def feed(self, received: bytes) -> None:
        """Take what came."""
        if not self._is_in_body:
            self._head += received
        try:
            if self._doubt is None:
                self._take(received)
        except _DoubtfulLength as doubt:
            self._doubt = doubt
        if self._doubt is not None:
            self._read_once_more(received, self._doubt)

    def _read_once_more(self, received: bytes, doubt: "_DoubtfulLength") -> None:
        """The head from its beginning, as soon as it is whole, with its length said once."""
        if len(self._head) > MAX_HEAD:
            raise _too_large(f"headers are longer than the {MAX_HEAD} bytes")
        plain = with_one_length(self._head) if b"\n" in received else None
        if plain is None:
            return
        if plain == self._head:
            raise doubt
        self._doubt = None
        self._begin()
        self._take(plain)

    def _take(self, received: bytes) -> None:
        while received and not self._is_whole():
            piece, received = received[: self._room], received[self._room :]
            self._room -= len(piece)
            try:
                self._parser.feed_data(piece)
            except httptools.HttpParserError as error:
                if not self._is_whole():
                    raise self._why(error) from error
                self.may_go_on = False
            if self._room <= 0 and not self._is_whole():
                raise _too_large(f"headers are longer than the {MAX_HEAD} bytes")
        if received.strip(_BLANK):
            self.may_go_on = False  # whatever comes behind a reply would be taken for the next one

    def end(self) -> None:
        """The connection has ended, which is how some bodies end."""
        if not self._ends_with_connection:
            words = "the recipient ended the connection before its answer was complete; ask it why"
            raise NoAnswer(ReasonCode.RESET, words)
        try:
            self._complete()
        except (TooLarge, Unreadable) as error:
            raise self._why_undecoded(error) from error

    # What llhttp calls, in the order in which it calls it.

    def on_message_begin(self) -> None:
        if self.reply is not None:
            raise _NotAsked

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count += 1
        if self._count > MAX_HEADERS:
            raise _too_large(f"headers are more than the {MAX_HEADERS}")
        if _CONTROL.search(value):
            raise _unreadable("a header of the reply has a control character in its value")
        if not self._is_in_body:  # trailers come too late to mean anything
            self._headers.append((name.decode("latin-1"), value.decode("latin-1").rstrip(" \t")))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if self._parser.get_http_version() not in ("1.1", "1.0") or status < 100:
            raise _unreadable(f"{_NOT_HTTP}; it names another version or a status below 100")
        if status == 101:
            raise _unreadable("the recipient switched to another protocol without being asked to")
        if status >= 200:
            self._read_framing(status)

    def on_body(self, piece: bytes) -> None:
        if self.reply is not None:
            raise _NotAsked
        self._room = MAX_HEAD
        self._body.feed(piece)

    def on_message_complete(self) -> None:
        if self._is_in_body:
            # llhttp knows this only until the next message begins, so it is asked now.
            self.may_go_on = self._parser.should_keep_alive() and not self._is_head
            self._complete()
        else:
            self._headers.clear()  # 100 Continue, 103 Early Hints or the like: the answer is still to come

    def _read_framing(self, status: int) -> None:
        self._is_in_body, self._room = True, MAX_HEAD
        codings, self._ends_with_connection = list[str](), not self._is_head and status not in _WITHOUT_BODY
        for name, value in self._headers:
            match name.lower():
                case "content-length":
                    self._ends_with_connection = False
                case "transfer-encoding":
                    if value.lower() != "chunked":
                        raise _unreadable("the reply is in a transfer coding other than chunked")
                    self._ends_with_connection = False
                case "content-encoding":
                    codings.append(value)
                case "keep-alive" if said := _TIMEOUT.search(value):
                    self.announced_rest = float(said[1])
        if self._is_head:
            self._complete()  # and nothing may follow, because llhttp expects a body and could not tell
        elif codings:
            self._body = decoder_for(",".join(codings), self._max_body)

    def _is_whole(self) -> bool:
        return self.reply is not None

    def _complete(self) -> None:
        if self.reply is None:
            body = self._body.finish()
            self.reply = Reply(status=self._parser.get_status_code(), headers=tuple(self._headers), body=body)

    def _why(self, error: httptools.HttpParserError) -> NoAnswer:
        match error.__context__:
            case NoAnswer() as ours:
                return ours
            case TooLarge() | Unreadable() as undecoded:
                return self._why_undecoded(undecoded)
        said = str(error)  # one of llhttp's sentences, never the recipient's
        if "Content-Length" in said and "Transfer-Encoding" in said:
            return _unreadable(_TWO_ENDS)
        if self._head.startswith(b"\0"):
            return _unreadable(_HTTP_2)
        words = f"{_NOT_HTTP} ({said}); check the scheme and the port of its URL"
        return _DoubtfulLength(words) if said in _DOUBTFUL else _unreadable(words)

    def _why_undecoded(self, error: TooLarge | Unreadable) -> NoAnswer:
        if isinstance(error, TooLarge):
            return _too_large(f"body is larger than the {self._max_body} bytes")
        return _unreadable(str(error))


class _DoubtfulLength(NoAnswer):
    """The head names a length that llhttp does not take."""

    def __init__(self, words: str) -> None:
        super().__init__(ReasonCode.PROTOCOL, words)


_DOUBTFUL = ("Duplicate Content-Length", "Invalid character in Content-Length")


class _NotAsked(Exception):
    """Something stands behind the reply."""


_BLANK = b"\r\n"  # which llhttp skips before a reply, and some recipients send behind one
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_WITHOUT_BODY = (204, 304)
_TIMEOUT = re.compile(r"\btimeout\s*=\s*\"?(\d{1,6})", re.IGNORECASE)
_NOT_HTTP = "what the recipient answered is not HTTP/1.1"
_HTTP_2 = (
    "what the recipient answered begins as HTTP/2 does and not as HTTP/1.1; if it speaks nothing older, "
    "write `http_version: 2` into the destination's `connection`"
)
_TWO_ENDS = (
    "the reply has both a Content-Length and chunks, so nobody can tell where it ends; the recipient, or a "
    "proxy before it, has to send one of the two"
)


def _too_large(what: str) -> NoAnswer:
    words = f"the reply's {what} that are taken; ask the recipient for a shorter one"
    return NoAnswer(ReasonCode.RESPONSE_TOO_LARGE, words)


def _unreadable(words: str) -> NoAnswer:
    return NoAnswer(ReasonCode.PROTOCOL, words)
