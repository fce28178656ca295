"""Replies in every framing, and what cannot be read as one (behaviour 4.5), on real sockets."""

import zlib

import pytest
import trio

from certificates import an_authority
from leadrelay.adapters.dial import Dialer
from leadrelay.adapters.http import HttpWire
from leadrelay.core.errors import NoAnswer
from leadrelay.core.exchange import Reply, Request
from leadrelay.core.outcome import ReasonCode
from recipients_raw import (
    Conduct,
    Visit,
    answers,
    closes,
    closes_after_reading,
    keeps_answering,
    listening,
    resets,
    resets_after_reading,
    says,
    until_it_leaves,
)
from wires import LOOPBACK, Watched, a_post, sends_again


def gzipped(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=31)
    return packer.compress(body) + packer.flush()


def coded(coding: bytes, body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n"
    return head % (coding, len(body)) + body


async def answered(conduct: Conduct, nursery: trio.Nursery, *, method: str = "POST") -> Reply:
    recipient = await listening(nursery, conduct)
    wire = HttpWire(Dialer(allow=LOOPBACK))
    reply = await wire.send(Request(method=method, url=recipient.url(), body=b"{}"), Watched())
    await wire.aclose()
    return reply


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\naccepted", id="by length"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"3\r\nacc\r\n5;x=y\r\nepted\r\n0\r\nA: b\r\n\r\n",
            id="in chunks",
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\naccepted", id="until the end"),
        pytest.param(b"HTTP/1.0 200 OK\r\n\r\naccepted", id="HTTP/1.0"),
        pytest.param(
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n"
            b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\naccepted",
            id="after informational ones",
        ),
        pytest.param(coded(b"gzip", gzipped(b"accepted")), id="gzip"),
        pytest.param(coded(b"deflate", zlib.compress(b"accepted")), id="deflate"),
    ],
)
@pytest.mark.parametrize("size", [0, 1])
async def test_a_reply_is_the_same_in_every_framing_and_byte_by_byte(
    reply: bytes, size: int, nursery: trio.Nursery
) -> None:
    got = await answered(answers(reply, in_pieces_of=size), nursery)
    assert (got.status, got.body) == (200, b"accepted")


async def test_a_redirect_is_an_answer_like_any_other(nursery: trio.Nursery) -> None:
    reply = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"
    got = await answered(answers(reply), nursery)
    assert (got.status, got.header("location")) == (307, "http://127.0.0.1:9/")


async def test_header_values_are_read_as_latin_1(nursery: trio.Nursery) -> None:
    got = await answered(
        answers(b"HTTP/1.1 200 OK\r\nX-Name: Ren\xe9e\r\nContent-Length: 0\r\n\r\n"), nursery
    )
    assert got.header("x-name") == "Ren\u00e9e"


async def test_a_reply_to_head_has_no_body_whatever_its_length_says(nursery: trio.Nursery) -> None:
    got = await answered(answers(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n"), nursery, method="HEAD")
    assert (got.status, got.body) == (200, b"")


async def test_a_refusal_that_comes_before_the_request_was_read_is_the_answer(nursery: trio.Nursery) -> None:
    async def refuses_unread(visit: Visit) -> None:
        await visit.read()
        await visit.write(b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        await until_it_leaves(visit)

    recipient = await listening(nursery, refuses_unread)
    reply = await HttpWire(Dialer(allow=LOOPBACK)).send(a_post(recipient.url(), b"x" * 500_000), Watched())
    assert reply.status == 413


# A body that is too long to be sent at once, and recipients that do not wait for all of it.

MUCH = 8_000_000  # bytes; more than all buffers on the way hold


def refuses_early(then: Conduct, *, after: int = 1) -> Conduct:
    """Answer 413 when so many bytes have come, as if more requests were welcome."""

    async def conduct(visit: Visit) -> None:
        received = 0
        while received < after:
            received += len(await visit.read())
        await visit.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nless")
        await then(visit)

    return conduct


async def stands_still(visit: Visit) -> None:
    await trio.sleep_forever()


@pytest.mark.parametrize("is_secure", [False, True])
@pytest.mark.parametrize("then", [stands_still, until_it_leaves])
async def test_an_answer_that_comes_early_is_taken_and_ends_the_connection(
    then: Conduct, is_secure: bool, nursery: trio.Nursery
) -> None:
    authority = an_authority()
    tls = authority.server() if is_secure else None
    recipient = await listening(nursery, refuses_early(then), keeps_answering(), tls=tls)
    wire, progress = HttpWire(Dialer(tls=authority.client(), allow=LOOPBACK)), Watched()
    reply = await wire.send(a_post(recipient.url(), b"x" * MUCH), progress)
    assert (reply.status, reply.body, progress.sent) == (413, b"less", 1)
    await sends_again(wire, recipient)
    assert recipient.connections == 2
    await wire.aclose()
    nursery.cancel_scope.cancel()


@pytest.mark.parametrize("is_secure", [False, True])
async def test_a_long_body_and_a_long_answer_pass_each_other(is_secure: bool, nursery: trio.Nursery) -> None:
    async def answers_meanwhile(visit: Visit) -> None:
        await visit.read()
        await visit.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % MUCH + b"y" * MUCH)
        await until_it_leaves(visit)

    authority = an_authority()
    recipient = await listening(nursery, answers_meanwhile, tls=authority.server() if is_secure else None)
    wire = HttpWire(Dialer(tls=authority.client(), allow=LOOPBACK), max_reply=MUCH)
    reply = await wire.send(a_post(recipient.url(), b"x" * MUCH), Watched())
    assert (reply.status, len(reply.body)) == (200, MUCH)
    await wire.aclose()
    nursery.cancel_scope.cancel()


async def test_a_long_body_leaves_whole_and_its_connection_is_used_again(nursery: trio.Nursery) -> None:
    recipient = await listening(nursery, keeps_answering())
    wire, body = HttpWire(Dialer(allow=LOOPBACK)), bytes(range(256)) * 10_000
    for _ in range(2):
        assert (await wire.send(a_post(recipient.url(), body), Watched())).body == b"ok"
    assert [request.partition(b"\r\n\r\n")[2] == body for request in recipient.requests] == [True, True]
    assert recipient.connections == 1
    await wire.aclose()


@pytest.mark.parametrize("conduct", [resets_after_reading, closes_after_reading])
async def test_a_connection_lost_within_a_long_body_may_have_carried_the_lead(
    conduct: Conduct, nursery: trio.Nursery
) -> None:
    recipient = await listening(nursery, conduct, keeps_answering())
    wire, progress = HttpWire(Dialer(allow=LOOPBACK)), Watched()
    with pytest.raises(NoAnswer) as caught:
        await wire.send(a_post(recipient.url(), b"x" * MUCH), progress)
    assert (caught.value.code, progress.sent, recipient.connections) == (ReasonCode.RESET, 1, 1)
    await sends_again(wire, recipient)
    await wire.aclose()


@pytest.mark.parametrize("is_secure", [False, True])
async def test_a_long_body_that_nobody_takes_can_be_cancelled(is_secure: bool, nursery: trio.Nursery) -> None:
    async def never_reads(visit: Visit) -> None:
        if is_secure:
            await visit.read()  # else there would not even be a handshake
        await trio.sleep_forever()

    authority = an_authority()
    tls = authority.server() if is_secure else None
    recipient = await listening(nursery, never_reads, keeps_answering(), tls=tls)
    wire, progress = HttpWire(Dialer(tls=authority.client(), allow=LOOPBACK)), Watched()
    with trio.move_on_after(0.3) as scope:
        await wire.send(a_post(recipient.url(), b"x" * MUCH), progress)
    assert (scope.cancelled_caught, progress.sent) == (True, 1)
    await sends_again(wire, recipient)
    assert recipient.connections == 2
    await wire.aclose()
    nursery.cancel_scope.cancel()


async def never_stops(visit: Visit) -> None:
    await visit.read()
    await visit.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        await visit.write(b"x" * 65536)


HALF_A_BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"


@pytest.mark.parametrize(
    ("conduct", "code"),
    [
        pytest.param(closes, ReasonCode.RESET, id="closes without reading"),
        pytest.param(closes_after_reading, ReasonCode.RESET, id="closes without an answer"),
        pytest.param(resets, ReasonCode.RESET, id="resets before it reads"),
        pytest.param(resets_after_reading, ReasonCode.RESET, id="resets after it has read"),
        pytest.param(says(b"HTTP/1.1 200 OK\r\nConte", closes), ReasonCode.RESET, id="half a head"),
        pytest.param(says(HALF_A_BODY, closes), ReasonCode.RESET, id="half a body"),
        pytest.param(says(HALF_A_BODY, resets), ReasonCode.RESET, id="half a body and a reset"),
        pytest.param(
            says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", closes),
            ReasonCode.RESET,
            id="chunks without an end",
        ),
        pytest.param(says(b"\x16\x03\x01 what is this?\r\n\r\n"), ReasonCode.PROTOCOL, id="garbage"),
        pytest.param(says(b"accepted\r\n"), ReasonCode.PROTOCOL, id="HTTP/0.9"),
        pytest.param(
            says(
                b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"
                b"2\r\nok\r\n0\r\n\r\n"
            ),
            ReasonCode.PROTOCOL,
            id="a length and chunks",
        ),
        pytest.param(says(b"220 mail.example ESMTP\r\n\r\n"), ReasonCode.PROTOCOL, id="another protocol"),
        pytest.param(
            says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
            ReasonCode.PROTOCOL,
            id="a chunk without a length",
        ),
        pytest.param(
            says(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
            ReasonCode.PROTOCOL,
            id="two lengths",
        ),
        pytest.param(
            says(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"),
            ReasonCode.PROTOCOL,
            id="switches protocols unasked",
        ),
        pytest.param(
            says(b"HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n" + b"x" * 100_000),
            ReasonCode.RESPONSE_TOO_LARGE,
            id="a body too large",
        ),
        pytest.param(never_stops, ReasonCode.RESPONSE_TOO_LARGE, id="a body without an end"),
        pytest.param(
            says(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 100_000),
            ReasonCode.RESPONSE_TOO_LARGE,
            id="100,000 headers",
        ),
        pytest.param(
            says(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 5_000_000),
            ReasonCode.RESPONSE_TOO_LARGE,
            id="a header of 5 MB",
        ),
        pytest.param(
            says(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 5_000),
            ReasonCode.RESPONSE_TOO_LARGE,
            id="informational replies without an end",
        ),
        pytest.param(
            says(coded(b"gzip", gzipped(bytes(20_000_000)))), ReasonCode.RESPONSE_TOO_LARGE, id="a gzip bomb"
        ),
        pytest.param(says(coded(b"gzip", b"not gzip")), ReasonCode.PROTOCOL, id="not gzip"),
        pytest.param(says(coded(b"gzip", gzipped(b"text")[:-6])), ReasonCode.PROTOCOL, id="half a gzip"),
        pytest.param(says(coded(b"br", b"text")), ReasonCode.PROTOCOL, id="a coding nobody asked for"),
    ],
)
async def test_what_cannot_be_read_may_have_arrived_and_the_next_send_works(
    conduct: Conduct, code: ReasonCode, nursery: trio.Nursery
) -> None:
    recipient = await listening(nursery, conduct, keeps_answering())
    wire, progress = HttpWire(Dialer(allow=LOOPBACK), max_reply=65536), Watched()
    with pytest.raises(NoAnswer) as caught:
        await wire.send(a_post(recipient.url()), progress)
    assert (caught.value.code, progress.sent) == (code, 1)
    await sends_again(wire, recipient)
    assert recipient.connections == 2
    await wire.aclose()
