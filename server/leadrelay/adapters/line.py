"""An open connection to a recipient, plain or under TLS: bytes both ways, for one task at a time.

A line knows whether anything waits on it unread. That is what makes an idle connection safe to
use again: a peer that has closed it, or has sent bytes nobody asked for, is found out before the
next lead leaves, and never answers for it. trio's own SSLStream cannot tell (what it has received
and not yet decrypted is private to it), and its locks for simultaneous readers and writers buy
nothing here, so TLS is spoken on the standard library's SSLObject.
The socket is the standard library's too: what fits into its buffer is sent without a turn of trio's loop,
and what a task waits for is the answer alone.

Closing is immediate and never waits, so that a cancelled attempt leaves nothing behind.
"""

import socket
import ssl
from contextlib import suppress
from typing import Protocol

import trio

# Also the longest stretch of a reply that is parsed without giving other tasks a turn.
READ_SIZE = 16 * 1024


class Line(Protocol):
    """Bytes both ways, and both at once where one task sends and another receives.

    Sending and receiving raise trio.BrokenResourceError when the connection is lost, and
    ssl.SSLError when the peer breaks TLS or refuses it.
    """

    async def send(self, outgoing: bytes) -> None: ...

    async def receive(self) -> bytes:
        """What has come; empty when the peer has ended the connection."""

    def receive_nowait(self) -> bytes | None:
        """The same without waiting; None where nothing has come."""

    def is_quiet(self) -> bool:
        """Nothing has come that was not received, not even the end. What has come may be lost by asking."""

    def close(self) -> None: ...


class CertificateRefused(ssl.SSLError):
    """The peer refused our certificate, and so has read nothing of what we sent behind it."""


# Alerts about a certificate, by OpenSSL's names.
_ABOUT_CERTIFICATES = frozenset(
    {
        "SSLV3_ALERT_BAD_CERTIFICATE",
        "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
        "SSLV3_ALERT_CERTIFICATE_REVOKED",
        "SSLV3_ALERT_CERTIFICATE_EXPIRED",
        "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
        "TLSV1_ALERT_UNKNOWN_CA",
        "TLSV1_ALERT_ACCESS_DENIED",
        "TLSV1_ALERT_DECRYPT_ERROR",
        "TLSV13_ALERT_CERTIFICATE_REQUIRED",
    }
)


class PlainLine:
    """A TCP connection over a socket that does not block."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock

    async def send(self, outgoing: bytes) -> None:
        """See Line. It waits only for what does not fit into the socket's buffer."""
        rest = memoryview(outgoing)
        while rest:
            try:
                rest = rest[self._socket.send(rest) :]
            except BlockingIOError:
                await trio.lowlevel.wait_writable(self._socket)
            except OSError as error:
                raise trio.BrokenResourceError from error

    async def receive(self) -> bytes:
        """See Line."""
        while True:
            await trio.lowlevel.wait_readable(self._socket)
            if (received := self.receive_nowait()) is not None:
                return received

    def receive_nowait(self) -> bytes | None:
        """See Line."""
        try:
            return self._socket.recv(READ_SIZE)
        except BlockingIOError:
            return None
        except OSError as error:
            raise trio.BrokenResourceError from error

    def is_quiet(self) -> bool:
        """See Line."""
        return _is_quiet(self)

    def close(self) -> None:
        """See Line."""
        self._socket.close()


class TlsLine:
    """TLS over another line. `shake_hands` comes before all else."""

    def __init__(self, below: Line, context: ssl.SSLContext, host: str) -> None:
        self._below = below
        self._received, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._received, self._outgoing, server_hostname=host)
        self._may_be_refused = False  # the peer may yet tell that it does not take our certificate
        self._is_flushing = False

    @property
    def protocol(self) -> str | None:
        """What both agreed to speak (ALPN)."""
        return self._tls.selected_alpn_protocol()

    async def shake_hands(self) -> None:
        """Agree on keys and check the peer's certificate. ssl.SSLError says what was wrong."""
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush()
                self._take(await self._below.receive())
            except ssl.SSLError:
                await self._tell_why()
                raise
            else:
                # In TLS 1.3 a client is done before its peer has looked at its certificate.
                self._may_be_refused = self._tls.version() == "TLSv1.3"
                return await self._flush()

    async def send(self, outgoing: bytes) -> None:
        self._tls.write(outgoing)  # into memory, so it never has to wait
        await self._flush()

    async def receive(self) -> bytes:
        """See Line."""
        while (read := self._decrypted()) is None:
            await self._flush()  # an answer to the peer's change of keys, if any
            self._take(await self._below.receive())
        return read

    def receive_nowait(self) -> bytes | None:
        """See Line. Session tickets and the like may have come behind an answer: those are no news."""
        while (read := self._decrypted()) is None and (data := self._below.receive_nowait()) is not None:
            self._take(data)
        return read

    def is_quiet(self) -> bool:
        """See Line."""
        return _is_quiet(self)

    def close(self) -> None:
        """See Line."""
        self._below.close()

    def _decrypted(self) -> bytes | None:
        """What can be read of what has come; None where that is nothing yet."""
        try:
            read = self._tls.read(READ_SIZE)
            self._may_be_refused = False
            return read
        except ssl.SSLWantReadError:
            return None
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            # Many servers end the connection without ending TLS first. Where that could cut an
            # answer short, HTTP's own framing notices.
            return b""
        except ssl.SSLError as error:
            raise self._what_it_means(error) from error

    def _what_it_means(self, error: ssl.SSLError) -> ssl.SSLError:
        reason = getattr(error, "reason", None)  # which an error without a cause in OpenSSL has not
        if not self._may_be_refused or reason not in _ABOUT_CERTIFICATES:
            return error
        refused = CertificateRefused(*error.args)
        refused.reason = str(reason)
        return refused

    async def _flush(self) -> None:
        if self._is_flushing:  # by another task, which takes along what has come in the meantime
            return
        self._is_flushing = True
        try:
            while self._outgoing.pending:
                await self._below.send(self._outgoing.read())
        finally:
            self._is_flushing = False

    def _take(self, data: bytes) -> None:
        if data:
            self._received.write(data)
        else:
            self._received.write_eof()

    async def _tell_why(self) -> None:
        """The alert that tells the peer, and whoever reads its log, why we leave."""
        with suppress(trio.BrokenResourceError):  # it may have left already
            await self._flush()


def _is_quiet(line: Line) -> bool:
    try:
        return line.receive_nowait() is None
    except (trio.BrokenResourceError, ssl.SSLError):
        return False
