"""An open connection to a recipient, plain or under TLS: bytes both ways, for one task at a time.

A line knows whether anything waits on it unread. That is what makes an idle connection safe to
use again: a peer that has closed it, or has sent bytes nobody asked for, is found out before the
next lead leaves, and never answers for it. trio's own SSLStream cannot tell (what it has received
and not yet decrypted is private to it), and its locks for simultaneous readers and writers buy
nothing here, so TLS is spoken on the standard library's SSLObject.

Closing is immediate and never waits, so that a cancelled attempt leaves nothing behind.
"""

import ssl
from contextlib import suppress
from typing import Protocol

import trio

# Also the longest stretch of a reply that is parsed without giving other tasks a turn.
READ_SIZE = 16 * 1024


class Line(Protocol):
    """Bytes both ways.

    Sending and receiving raise trio.BrokenResourceError when the connection is lost, and
    ssl.SSLError when the peer breaks TLS or refuses it.
    """

    async def send(self, outgoing: bytes) -> None: ...

    async def receive(self) -> bytes:
        """What has come; empty when the peer has ended the connection."""

    def is_quiet(self) -> bool:
        """Nothing has come that was not received, not even the end of the connection."""

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
    """A TCP connection."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self._stream = stream

    async def send(self, outgoing: bytes) -> None:
        await self._stream.send_all(outgoing)

    async def receive(self) -> bytes:
        return bytes(await self._stream.receive_some(READ_SIZE))

    def is_quiet(self) -> bool:
        return not self._stream.socket.is_readable()

    def close(self) -> None:
        self._stream.socket.close()


class TlsLine:
    """TLS over a TCP connection. `shake_hands` comes before all else."""

    def __init__(self, stream: trio.SocketStream, context: ssl.SSLContext, host: str) -> None:
        self._stream = stream
        self._received, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._received, self._outgoing, server_hostname=host)
        self._may_be_refused = False  # the peer may yet tell that it does not take our certificate

    async def shake_hands(self) -> None:
        """Agree on keys and check the peer's certificate. ssl.SSLError says what was wrong."""
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush()
                await self._fill()
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
        while True:
            try:
                read = self._tls.read(READ_SIZE)
                self._may_be_refused = False
                return read
            except ssl.SSLWantReadError:
                await self._flush()  # an answer to the peer's change of keys, if any
                await self._fill()
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                # Many servers end the connection without ending TLS first. Where that could cut an
                # answer short, HTTP's own framing notices.
                return b""
            except ssl.SSLError as error:
                raise self._what_it_means(error) from error

    def is_quiet(self) -> bool:
        try:
            self._tls.read(1)  # session tickets may have come behind an answer: those are no news
        except ssl.SSLWantReadError:
            return not self._stream.socket.is_readable()
        except ssl.SSLError:
            pass
        return False

    def close(self) -> None:
        self._stream.socket.close()

    def _what_it_means(self, error: ssl.SSLError) -> ssl.SSLError:
        reason = getattr(error, "reason", None)  # which an error without a cause in OpenSSL has not
        if not self._may_be_refused or reason not in _ABOUT_CERTIFICATES:
            return error
        refused = CertificateRefused(*error.args)
        refused.reason = str(reason)
        return refused

    async def _flush(self) -> None:
        if self._outgoing.pending:
            await self._stream.send_all(self._outgoing.read())

    async def _fill(self) -> None:
        if data := await self._stream.receive_some(READ_SIZE):
            self._received.write(data)
        else:
            self._received.write_eof()

    async def _tell_why(self) -> None:
        """The alert that tells the peer, and whoever reads its log, why we leave."""
        with suppress(trio.BrokenResourceError):  # it may have left already
            await self._flush()
