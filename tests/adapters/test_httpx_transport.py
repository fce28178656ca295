"""A real httpx client over our wires: where it may go, what it may take, and what its errors tell."""

import zlib
from collections.abc import AsyncIterator

import httpx
import pytest
import trio

from certificates import an_authority
from leadrelay.adapters.http import http_wires
from leadrelay.adapters.httpx_transport import IDLE_AFTER, WireTransport
from recipients_raw import (
    OK,
    Conduct,
    RawRecipient,
    Visit,
    answers,
    closes_after_reading,
    deaf_port,
    keeps_answering,
    listening,
    resets_after_reading,
    says,
    until_it_leaves,
)
from wires import LOOPBACK


def a_client(**more: object) -> httpx.AsyncClient:
    wires = http_wires(allow=LOOPBACK, max_reply=65536)
    return httpx.AsyncClient(transport=WireTransport(wires), trust_env=False, **more)  # type: ignore[arg-type]


async def test_a_request_and_its_answer_are_what_httpx_makes_of_them(nursery: trio.Nursery) -> None:
    reply = b'{"result": "accepted"}'
    packed = zlib.compress(reply)
    head = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Encoding: deflate\r\n"
    recipient = await listening(nursery, answers(head + b"Content-Length: %d\r\n\r\n" % len(packed) + packed))
    async with a_client() as client:
        got = await client.post(
            recipient.url("/a b?x=\u00e9"), json={"a": 1}, headers=[(b"X-Name", "Ren\u00e9e".encode())]
        )
    assert (got.status_code, got.json(), got.http_version) == (201, {"result": "accepted"}, "HTTP/1.1")
    assert (got.headers["content-length"], "content-encoding" in got.headers) == (str(len(reply)), False)
    (sent,) = recipient.requests
    head, _, body = sent.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /a%20b?x=%C3%A9 HTTP/1.1"
    assert body == b'{"a":1}'
    assert b"X-Name: Ren\xc3\xa9e" in lines
    names = [line.partition(b":")[0].lower() for line in lines]
    assert [names.count(name) for name in (b"host", b"content-length", b"connection")] == [1, 1, 0]


async def test_connections_are_used_again_and_no_more_are_opened_than_run_at_once(
    nursery: trio.Nursery,
) -> None:
    recipient, other = (
        await listening(nursery, keeps_answering()),
        await listening(nursery, keeps_answering()),
    )
    transport = WireTransport(http_wires(allow=LOOPBACK), at_once=2)
    async with httpx.AsyncClient(transport=transport, trust_env=False) as client, trio.open_nursery() as many:
        for _ in range(10):
            many.start_soon(client.get, recipient.url())
            many.start_soon(client.get, other.url())
    assert (len(recipient.requests), len(other.requests)) == (10, 10)
    assert max(recipient.connections, other.connections) <= 2
    await recipient.has_ended(recipient.connections)


async def test_an_answer_may_be_streamed_and_is_bounded_all_the_same(nursery: trio.Nursery) -> None:
    async def never_stops(visit: Visit) -> None:
        await visit.read()
        await visit.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            await visit.write(b"x" * 65536)

    recipient = await listening(nursery, answers(OK), never_stops)
    async with a_client() as client:
        async with client.stream("GET", recipient.url()) as got:
            assert b"".join([piece async for piece in got.aiter_bytes(1)]) == b"ok"
        with pytest.raises(httpx.RemoteProtocolError, match="larger than the 65536 bytes"):
            async with client.stream("GET", recipient.url()):
                pass


async def pieces() -> AsyncIterator[bytes]:
    for piece in (b"one ", b"two"):
        yield piece


async def test_a_body_may_be_streamed_upwards(nursery: trio.Nursery) -> None:
    recipient = await listening(nursery, keeps_answering())
    async with a_client() as client:
        assert (await client.post(recipient.url(), content=pieces())).text == "ok"
    assert recipient.requests[0].endswith(b"\r\n\r\none two")
    assert b"Content-Length: 7\r\n" in recipient.requests[0]


async def test_no_address_inside_is_reached_not_even_behind_a_redirect(nursery: trio.Nursery) -> None:
    inside = await listening(nursery, keeps_answering())
    location = b"http://localhost:%d/" % inside.port
    first = await listening(
        nursery, keeps_answering(b"HTTP/1.1 302 Go\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n" % location)
    )
    wires = http_wires(allow=LOOPBACK[:0])
    async with httpx.AsyncClient(transport=WireTransport(wires), trust_env=False) as client:
        with pytest.raises(httpx.ConnectError, match="loopback"):
            await client.get(inside.url())
    async with a_client(follow_redirects=True) as client:
        assert (await client.get(first.url())).status_code == 200
    assert (inside.connections, first.connections) == (1, 1)


NOTHING_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.LocalProtocolError)


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://no-such-recipient.invalid/", httpx.ConnectError),
        ("http://127.0.0.1:{deaf}/", httpx.ConnectError),
        ("https://127.0.0.1:{silent}/", httpx.ConnectTimeout),
        ("http://ada:s3cret@127.0.0.1/", httpx.LocalProtocolError),
    ],
)
async def test_its_errors_tell_when_nothing_left(
    url: str, error: type[Exception], nursery: trio.Nursery
) -> None:
    silent = await listening(nursery, until_it_leaves)
    async with a_client(timeout=httpx.Timeout(5, connect=0.1), auth=None) as client:
        with deaf_port() as deaf, pytest.raises(error) as caught:
            await client.get(url.format(deaf=deaf, silent=silent.port))
    assert isinstance(caught.value, NOTHING_LEFT)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("conduct", "error"),
    [
        (closes_after_reading, httpx.ReadError),
        (resets_after_reading, httpx.ReadError),
        (says(b"garbage\r\n"), httpx.RemoteProtocolError),
        (until_it_leaves, httpx.ReadTimeout),
    ],
)
async def test_its_errors_tell_when_something_may_have_arrived(
    conduct: Conduct, error: type[Exception], nursery: trio.Nursery
) -> None:
    recipient = await listening(nursery, conduct, keeps_answering())
    async with a_client(timeout=httpx.Timeout(5, read=0.1)) as client:
        with pytest.raises(error) as caught:
            await client.post(recipient.url(), content=b"x")
        assert not isinstance(caught.value, NOTHING_LEFT)
        assert (await client.post(recipient.url(), content=b"x")).text == "ok"
    assert recipient.connections == 2


async def test_who_finds_no_slot_waits_for_as_long_as_the_client_says(nursery: trio.Nursery) -> None:
    recipient = await listening(nursery, until_it_leaves)
    transport = WireTransport(http_wires(allow=LOOPBACK), at_once=1)
    async with (
        httpx.AsyncClient(
            transport=transport, trust_env=False, timeout=httpx.Timeout(None, pool=0.1)
        ) as client,
        trio.open_nursery() as busy,
    ):
        busy.start_soon(client.get, recipient.url())
        await trio.testing.wait_all_tasks_blocked(0.01)
        with pytest.raises(httpx.PoolTimeout):
            await client.get(recipient.url())
        busy.cancel_scope.cancel()
    assert recipient.connections == 1


async def test_a_cancelled_request_leaves_no_connection_and_no_slot_taken(nursery: trio.Nursery) -> None:
    recipient = await listening(nursery, until_it_leaves, keeps_answering())
    transport = WireTransport(http_wires(allow=LOOPBACK), at_once=1)
    async with httpx.AsyncClient(transport=transport, trust_env=False, timeout=5) as client:
        with trio.move_on_after(0.05) as scope:
            await client.get(recipient.url())
        assert scope.cancelled_caught
        await recipient.has_ended(1)
        assert (await client.get(recipient.url())).text == "ok"


async def test_wires_that_nobody_uses_are_closed(
    mock_clock: trio.testing.MockClock, nursery: trio.Nursery
) -> None:
    quiet, busy = await listening(nursery, keeps_answering()), await listening(nursery, keeps_answering())
    async with a_client(timeout=5) as client:
        await client.get(quiet.url())
        mock_clock.jump(IDLE_AFTER + 1)
        await client.get(busy.url())
        await quiet.has_ended(1)


async def test_it_speaks_tls_and_checks_certificates(nursery: trio.Nursery) -> None:
    authority = an_authority()
    recipient: RawRecipient = await listening(nursery, keeps_answering(), tls=authority.server())
    wires = http_wires(tls=authority.client(), allow=LOOPBACK)
    async with httpx.AsyncClient(transport=WireTransport(wires), trust_env=False) as client:
        assert (await client.get(recipient.url())).text == "ok"
    async with a_client() as client:
        with pytest.raises(httpx.ConnectError, match="authority that this server does not trust"):
            await client.get(recipient.url())
