"""An open connection: what waits on it unread is noticed, in clear and under TLS."""

import ssl

import pytest
import trio

from certificates import Authority, an_authority
from leadrelay.adapters.dial import Dialer
from leadrelay.adapters.line import Line
from recipients_openssl import openssl_recipient
from recipients_raw import RawRecipient, Visit, listening, resets_after_reading, until_it_leaves
from wires import LOOPBACK

AUTHORITY: Authority = an_authority()


@pytest.fixture(params=["plain", "tls", "tls 1.2"])
def tls(request: pytest.FixtureRequest) -> ssl.SSLContext | None:
    context = AUTHORITY.server() if request.param != "plain" else None
    if context is not None and request.param == "tls 1.2":
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


async def opened(recipient: RawRecipient) -> Line:
    dialer = Dialer(tls=AUTHORITY.client(), allow=LOOPBACK)
    return await dialer.dial("127.0.0.1", recipient.port, secure=recipient.tls is not None)


async def echoes(visit: Visit) -> None:
    while data := await visit.read():
        await visit.write(data)


async def received(line: Line, size: int) -> bytes:
    got = b""
    while len(got) < size:
        got += await line.receive()
    return got


async def test_bytes_go_both_ways(tls: ssl.SSLContext | None, nursery: trio.Nursery) -> None:
    line = await opened(await listening(nursery, echoes, tls=tls))
    await line.send(b"hello")
    assert await line.receive() == b"hello"
    much = bytes(range(256)) * 2000
    nursery.start_soon(line.send, much)
    assert await received(line, len(much)) == much
    line.close()


async def test_an_answered_line_is_quiet(tls: ssl.SSLContext | None, nursery: trio.Nursery) -> None:
    """TLS 1.3 servers send session tickets of their own accord: those must not count as news."""
    line = await opened(await listening(nursery, echoes, tls=tls))
    for _ in range(3):
        await line.send(b"hello")
        await line.receive()
        assert line.is_quiet()
    line.close()


async def test_bytes_behind_those_received_are_noticed(
    tls: ssl.SSLContext | None, nursery: trio.Nursery
) -> None:
    said = trio.Event()

    async def says_more(visit: Visit) -> None:
        await visit.write(b"first")
        await visit.write(b"second")
        said.set()
        await until_it_leaves(visit)

    line = await opened(await listening(nursery, says_more, tls=tls))
    await said.wait()
    if tls is not None:  # one record at a time, though both have come
        assert await line.receive() == b"first"
    assert not line.is_quiet()
    line.close()


async def test_the_end_of_the_connection_is_noticed(
    tls: ssl.SSLContext | None, nursery: trio.Nursery
) -> None:
    async def answers_once(visit: Visit) -> None:
        await visit.write(await visit.read())

    recipient = await listening(nursery, answers_once, tls=tls)
    line = await opened(recipient)
    await line.send(b"hello")
    assert await line.receive() == b"hello"
    await recipient.has_ended(1)
    assert not line.is_quiet()
    assert await line.receive() == b""
    line.close()


async def test_a_reset_breaks_the_line(tls: ssl.SSLContext | None, nursery: trio.Nursery) -> None:
    line = await opened(await listening(nursery, resets_after_reading, tls=tls))
    await line.send(b"hello")
    with pytest.raises(trio.BrokenResourceError):
        await line.receive()
    line.close()


async def test_closing_may_be_done_twice_and_the_peer_hears_of_it(
    tls: ssl.SSLContext | None, nursery: trio.Nursery
) -> None:
    recipient = await listening(nursery, until_it_leaves, tls=tls)
    line = await opened(recipient)
    await line.send(b"hello")
    line.close()
    line.close()
    await recipient.has_ended(1)


async def test_session_tickets_that_come_late_are_no_news() -> None:
    """OpenSSL sends them when the client is done with its handshake, before anything was asked."""
    with openssl_recipient(AUTHORITY.server()) as recipient:
        dialer = Dialer(tls=AUTHORITY.client(), allow=LOOPBACK)
        line = await dialer.dial("127.0.0.1", recipient.port, secure=True)
        await trio.sleep(0.05)  # for what comes late
        assert line.is_quiet()
        await line.send(b"GET / HTTP/1.1\r\n\r\n")
        assert (await line.receive()).startswith(b"HTTP/1.1 200 OK")
        line.close()
