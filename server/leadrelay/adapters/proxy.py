"""The way through an HTTP proxy: a tunnel to what is spoken to under TLS, a request with its whole URL else.

Nothing of a lead has left before a tunnel stands. A request in clear is read by the proxy, which answers like
a recipient; only its demand for a password is known for its own (407).

The proxy looks the recipient's name up, so the egress guard judges the proxy's address, which is the one that
is dialled, and of the recipient only a host that is an address by its spelling.
"""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace

import trio

from leadrelay.adapters.head import USER_AGENT, Message, Origin
from leadrelay.adapters.line import Line
from leadrelay.adapters.reply_parser import ReplyParser
from leadrelay.core.errors import NoAnswer, NotSent
from leadrelay.core.exchange import Reply
from leadrelay.core.outcome import ReasonCode


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where the proxy is, and what it is shown."""

    origin: Origin
    authorization: Callable[[], str] | None = None  # the value of the header; raises NotSent
    tls: ssl.SSLContext | None = None  # in place of the default context

    def forwarded(self, message: Message) -> Message:
        """A request in clear, as the proxy takes it."""
        url = f"http://{message.origin.authority}{message.target}"
        return replace(message, target=url, headers=[*message.headers, *self._proof()])

    def check(self, reply: Reply) -> None:
        """Raises NotSent where the proxy let nothing through without a password."""
        if reply.status == 407:
            raise _refused(407)

    async def tunnel(self, line: Line, host: str, port: int) -> None:
        """Have the proxy, at the other end of the line, connect it with a recipient. Raises NotSent."""
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}", f"User-Agent: {USER_AGENT}"]
        lines += [f"{name.decode()}: {value.decode()}" for name, value in self._proof()]
        parser = ReplyParser(is_head=True, max_body=0)
        try:
            await line.send("\r\n".join([*lines, "", ""]).encode())
            while parser.reply is None:
                if received := await line.receive():
                    parser.feed(received)
                else:
                    parser.end()
        except trio.BrokenResourceError as error:
            raise NotSent(ReasonCode.CONNECT, "the proxy ended the connection") from error
        except NoAnswer as error:
            raise NotSent(error.code, error.words.replace("the recipient", "the proxy")) from error
        if not 200 <= parser.reply.status < 300:
            raise _refused(parser.reply.status)

    def _proof(self) -> list[tuple[bytes, bytes]]:
        if self.authorization is None:
            return []
        return [(b"Proxy-Authorization", self.authorization().encode())]


def _refused(status: int) -> NotSent:
    if status == 407:
        words = "the proxy wants a user name and a password that it knows; see `proxy` of the destination"
        return NotSent(ReasonCode.AUTH, words)
    if status >= 500:
        return NotSent(ReasonCode.CONNECT, f"the proxy could not reach the recipient (status {status})")
    words = f"the proxy lets nothing through to the recipient (status {status}); ask whoever runs it"
    return NotSent(ReasonCode.CONNECT, words)
