"""The server keeps to HTTP/1.1 on real sockets, and no peer holds it for longer than the limits allow."""

import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import httpx
import orjson
import pytest
import trio
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from trio.testing import MockClock

from leadrelay.recipients.http_message import HungUpError
from leadrelay.recipients.http_server import CannotListenError, Limits, Request, Response, as_json, serve

LIMITS = Limits(head=2_000, body=1_000, idle=60, receive=15, linger=1, connections=4)
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


async def echo(request: Request) -> Response:
    return as_json(200, {"path": request.path, "body": request.body.decode()})


def a_post(path: str, body: bytes, *headers: bytes) -> bytes:
    head = [b"POST %s HTTP/1.1" % path.encode(), b"Host: a", b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


class Peer:
    """A client that writes and reads bytes as the test says, and nothing else."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self.stream = stream
        self._unread = bytearray()

    async def write(self, *pieces: bytes) -> None:
        """Each piece in a packet of its own, and the server given time to read it."""
        for piece in pieces:
            await self.stream.send_all(piece)
            await trio.testing.wait_all_tasks_blocked()

    async def answer(self) -> tuple[int, bytes]:
        """Status and body of the next answer."""
        while b"\r\n\r\n" not in self._unread:
            await self._more()
        head, _, _ = bytes(self._unread).partition(b"\r\n\r\n")
        length = next(
            (int(line[16:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length")), 0
        )
        while len(self._unread) < len(head) + 4 + length:
            await self._more()
        body = bytes(self._unread[len(head) + 4 : len(head) + 4 + length])
        del self._unread[: len(head) + 4 + length]
        return int(head[9:12]), body

    async def answers(self, count: int) -> list[tuple[int, str]]:
        """Status and path (of `echo`) of the next answers."""
        return [
            (status, orjson.loads(body)["path"])
            for status, body in [await self.answer() for _ in range(count)]
        ]

    async def is_cut_off(self) -> bool:
        """Wait until the server ends the connection; nothing may come before that."""
        try:
            rest = await self.stream.receive_some()
        except trio.BrokenResourceError:
            return True
        return rest == b"" and not self._unread

    async def _more(self) -> None:
        got = await self.stream.receive_some()
        assert got, f"the server hung up after {bytes(self._unread)!r}"
        self._unread += got


Talk = Callable[[Request], Awaitable[Response]]
Connect = Callable[[], Awaitable[Peer]]


class House:
    """A server that is running, and the peers that visit it."""

    def __init__(self, nursery: trio.Nursery, visits: AsyncExitStack) -> None:
        self._nursery, self._visits = nursery, visits

    async def open(self, handler: Talk = echo) -> Connect:
        """Serve; what comes back opens a connection each time it is called."""
        port: int = await self._nursery.start(partial(serve, handler, limits=LIMITS))
        return partial(self.visit, port)

    async def visit(self, port: int) -> Peer:
        peer = Peer(await trio.open_tcp_stream("127.0.0.1", port))
        self._visits.push_async_callback(peer.stream.aclose)
        return peer


@pytest.fixture
async def house(nursery: trio.Nursery) -> AsyncIterator[House]:
    async with AsyncExitStack() as visits:
        yield House(nursery, visits)


async def test_a_connection_carries_request_after_request(house: House) -> None:
    peer = await (await house.open())()
    for path in ("/a", "/b", "/c"):
        await peer.write(a_post(path, b"x"))
        assert await peer.answers(1) == [(200, path)]


async def test_a_recipient_may_take_a_request_and_hang_up_without_a_word(house: House) -> None:
    async def hangs_up(_request: Request) -> Response:
        raise HungUpError

    peer = await (await house.open(hangs_up))()
    await peer.write(a_post("/a", b"x"))
    assert await peer.is_cut_off()


async def test_a_request_in_many_packets_is_one_request(house: House) -> None:
    peer = await (await house.open())()
    wire = a_post("/split", b"hello")
    await peer.write(*(wire[at : at + 7] for at in range(0, len(wire), 7)))
    assert orjson.loads((await peer.answer())[1]) == {"path": "/split", "body": "hello"}


async def test_a_chunked_body_is_put_together(house: House) -> None:
    peer = await (await house.open())()
    head = b"POST /chunks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    await peer.write(head, b"3\r\nabc\r\n", b"2\r\nde\r\n0\r\n\r\n")
    assert orjson.loads((await peer.answer())[1]) == {"path": "/chunks", "body": "abcde"}


async def test_requests_sent_together_are_answered_in_their_order(
    house: House, autojump_clock: MockClock
) -> None:
    async def first_is_slowest(request: Request) -> Response:
        await trio.sleep(5 if request.path == "/1" else 0)
        return await echo(request)

    peer = await (await house.open(first_is_slowest))()
    await peer.write(a_post("/1", b"") + a_post("/2", b"") + a_post("/3", b""))
    assert await peer.answers(3) == [(200, "/1"), (200, "/2"), (200, "/3")]


async def test_head_and_body_leave_in_one_write(house: House) -> None:
    peer = await (await house.open())()
    await peer.write(a_post("/", b"body"))
    assert bytes(await peer.stream.receive_some()).endswith(b'"body":"body"}')


async def test_a_sender_that_waits_is_told_to_go_on(house: House) -> None:
    peer = await (await house.open())()
    head, _, body = a_post("/", b"hello", b"Expect: 100-continue").partition(b"\r\n\r\n")
    await peer.write(head + b"\r\n\r\n")
    assert await peer.answer() == (100, b"")
    await peer.write(body)
    assert await peer.answers(1) == [(200, "/")]


async def test_a_sender_that_waits_with_too_much_is_not_told_to_go_on(house: House) -> None:
    peer = await (await house.open())()
    await peer.write(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n")
    assert (await peer.answer())[0] == 413


@pytest.mark.parametrize(
    ("wire", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 2_000 + b"\r\n\r\n", 431),
        (a_post("/", b"x" * 200_000), 413),
        (b"\x16\x03\x01 this is no request\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
    ],
)
async def test_a_bad_request_is_told_why_and_the_connection_ends(
    house: House, wire: bytes, status: int
) -> None:
    # The answer has to be readable although the server never read all that was sent.
    connect = await house.open()
    peer = await connect()
    await peer.write(wire)
    got, why = await peer.answer()
    assert got == status
    assert orjson.loads(why)["error"]
    assert await peer.is_cut_off()
    await (next_peer := await connect()).write(a_post("/next", b""))
    assert await next_peer.answers(1) == [(200, "/next")]


async def test_what_was_asked_before_a_bad_request_is_answered_first(house: House) -> None:
    peer = await (await house.open())()
    await peer.write(a_post("/good", b"") + b"bad\r\n\r\n")
    assert await peer.answers(1) == [(200, "/good")]
    assert (await peer.answer())[0] == 400
    assert await peer.is_cut_off()


async def test_a_sender_that_wants_to_close_is_answered_and_closed(house: House) -> None:
    peer = await (await house.open())()
    await peer.write(a_post("/last", b"", b"Connection: close") + GET)
    assert await peer.answers(1) == [(200, "/last")]
    assert await peer.is_cut_off()


async def test_a_peer_that_never_finishes_its_request_is_cut_off(
    house: House, autojump_clock: MockClock
) -> None:
    peer = await (await house.open())()
    await peer.write(a_post("/", b"complete"))
    await peer.answer()
    started = trio.current_time()
    wire = a_post("/never", b"hello")
    for at in range(12):  # a byte each second must not keep it waiting: the limit is on the whole request
        await peer.write(wire[at : at + 1])
        await trio.sleep(1)
    status, why = await peer.answer()
    assert (status, "15 s" in why.decode()) == (408, True)
    assert await peer.is_cut_off()
    assert 15 <= trio.current_time() - started <= 16 + LIMITS.linger


async def test_a_request_that_began_behind_another_has_no_longer_to_arrive(
    house: House, autojump_clock: MockClock
) -> None:
    peer = await (await house.open())()
    first = a_post("/first", b"hello")
    await peer.write(first[:-2], first[-2:] + GET[:10])
    assert await peer.answers(1) == [(200, "/first")]
    started = trio.current_time()
    assert (await peer.answer())[0] == 408
    assert 15 <= trio.current_time() - started <= 16


async def test_a_peer_that_asks_nothing_is_cut_off_in_silence(
    house: House, autojump_clock: MockClock
) -> None:
    peer = await (await house.open())()
    started = trio.current_time()
    assert await peer.is_cut_off()
    assert trio.current_time() - started == pytest.approx(60, abs=1)


async def test_a_peer_that_does_not_take_its_answer_is_cut_off(
    house: House, autojump_clock: MockClock
) -> None:
    sent = 50_000_000  # more than the kernel's buffers hold

    async def much(request: Request) -> Response:
        return Response(200, b"x" * sent)

    peer = await (await house.open(much))()
    await peer.write(GET + GET[:10])
    await trio.sleep(LIMITS.idle + LIMITS.linger / 2)
    taken = bytearray()
    try:
        while got := await peer.stream.receive_some(1_000_000):
            taken += got
    except trio.BrokenResourceError:
        pass
    assert 0 < len(taken) < sent
    assert b"HTTP/1.1 408" not in taken  # which would read as part of the answer


async def test_a_handler_may_take_longer_than_a_peer_may(house: House, autojump_clock: MockClock) -> None:
    async def slow(request: Request) -> Response:
        await trio.sleep(10 * LIMITS.idle)
        return await echo(request)

    peer = await (await house.open(slow))()
    await peer.write(a_post("/slow", b""))
    assert await peer.answers(1) == [(200, "/slow")]


async def test_a_handler_that_breaks_is_answered_500_and_logged_without_the_lead(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    async def breaks(request: Request) -> Response:
        raise ValueError(f"cannot make sense of {request.body!r}")

    peer = await (await house.open(breaks))()
    for _ in range(2):  # the connection lives on
        await peer.write(a_post("/", b"ada@example.com"))
        assert (await peer.answer())[0] == 500
    assert "ValueError in breaks" in caplog.text
    assert "ada@example.com" not in caplog.text


async def test_a_peer_that_hangs_up_half_way_harms_nobody(house: House) -> None:
    connect = await house.open()
    leaver = await connect()
    await leaver.write(a_post("/", b"hello")[:-2])
    await leaver.stream.aclose()
    stayer = await connect()
    await stayer.write(a_post("/still", b""))
    assert await stayer.answers(1) == [(200, "/still")]


async def test_one_connection_too_many_is_told_so_and_room_comes_back(house: House) -> None:
    connect = await house.open()
    peers = [await connect() for _ in range(LIMITS.connections)]
    for peer in peers:
        await peer.write(a_post("/in", b""))
        assert await peer.answers(1) == [(200, "/in")]
    turned_away = await connect()
    assert (await turned_away.answer())[0] == 503
    await turned_away.stream.aclose()
    await peers[0].stream.aclose()
    await trio.testing.wait_all_tasks_blocked()
    late = await connect()
    await late.write(a_post("/late", b""))
    assert await late.answers(1) == [(200, "/late")]


async def test_a_port_that_is_taken_is_named_in_the_error(nursery: trio.Nursery) -> None:
    port: int = await nursery.start(partial(serve, echo))
    with pytest.raises(CannotListenError, match=f"port {port} on 127.0.0.1 is taken: .*choose another"):
        await serve(echo, port=port)


async def test_an_address_that_is_not_ours_is_named_in_the_error() -> None:
    with pytest.raises(CannotListenError, match=r"cannot listen on 192\.0\.2\.1"):
        await serve(echo, host="192.0.2.1")


async def test_a_name_with_two_addresses_gets_one_port(nursery: trio.Nursery) -> None:
    port: int = await nursery.start(partial(serve, echo, host="localhost"))
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"http://localhost:{port}/")).status_code == 200


async def test_it_runs_until_cancelled_and_frees_its_port() -> None:
    async with AsyncExitStack() as visits:
        async with trio.open_nursery() as nursery:
            port: int = await nursery.start(partial(serve, echo))
            peer = await House(nursery, visits).visit(port)
            await peer.write(a_post("/", b""))
            await peer.answer()
            nursery.cancel_scope.cancel()
        assert await peer.is_cut_off()
        with pytest.raises(OSError, match="connect"):
            await trio.open_tcp_stream("127.0.0.1", port)


async def test_the_same_requests_travel_over_tls(nursery: trio.Nursery, house: House, tmp_path: Path) -> None:
    certificate = a_certificate(tmp_path)
    inside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    inside.load_cert_chain(certificate)
    port: int = await nursery.start(partial(serve, echo, tls=inside, limits=LIMITS))
    outside = ssl.create_default_context(cafile=certificate)
    async with httpx.AsyncClient(
        base_url=f"https://127.0.0.1:{port}", verify=outside, trust_env=False
    ) as client:
        assert (await client.post("/tls", content="hello")).json() == {"path": "/tls", "body": "hello"}
        assert (await client.post("/tls", content="x" * 2_000)).status_code == 413
        plain = await house.visit(port)
        await plain.write(GET)
        await plain.stream.aclose()  # speaking HTTP to a TLS port ends that connection and no other
        assert (await client.get("/after")).status_code == 200


def a_certificate(folder: Path) -> Path:
    """A self-signed certificate for 127.0.0.1, good for an hour, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sample recipient")])
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    path = folder / "certificate.pem"
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + certificate.public_bytes(pem)
    )
    return path
