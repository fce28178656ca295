"""HTTP/2 on real sockets: what is exchanged, and what a recipient that leaves or refuses has seen."""

import ssl
import zlib
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import hypercorn
import hypercorn.trio
import pytest
import trio
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from hypothesis import given
from hypothesis import strategies as st

from certificates import an_authority
from leadrelay.adapters.dial import HTTP2, Dialer
from leadrelay.adapters.head import Origin, message_of
from leadrelay.adapters.http import HttpWire
from leadrelay.adapters.http2 import REST, speak_http2
from leadrelay.core.errors import DeliveryError, NoAnswer, NotSent
from leadrelay.core.exchange import Reply, Request
from leadrelay.core.outcome import ReasonCode
from recipients_http2 import Answer, Exchange, http2, ok, then
from recipients_raw import (
    Conduct,
    Visit,
    closes_after_reading,
    keeps_answering,
    listening,
    resets,
    says,
    until_it_leaves,
)
from wires import LOOPBACK, Watched, a_post, sends_again


def a_wire(tls: ssl.SSLContext | None = None, max_reply: int = 65536) -> HttpWire:
    return HttpWire(Dialer(tls=tls, allow=LOOPBACK), max_reply=max_reply, speak=speak_http2)


def offering(context: ssl.SSLContext, *protocols: str) -> ssl.SSLContext:
    context.set_alpn_protocols(list(protocols))
    return context


async def test_what_is_sent_is_one_request_whole(nursery: trio.Nursery) -> None:
    conduct = http2()
    recipient = await listening(nursery, conduct)
    headers = (("X-Name", "Ren\u00e9e"), ("Accept", "text/plain"))
    request = Request(method="PUT", url=recipient.url("/a%20b?x=1"), headers=headers, body=b"{}")
    wire, progress = a_wire(), Watched()
    reply = await wire.send(request, progress)
    await wire.aclose()
    assert (reply.status, reply.body, reply.header("Content-Type")) == (200, b"ok", "text/plain")
    assert progress.sent == 1
    (seen,) = conduct.seen
    assert seen.body == b"{}"
    assert list(seen.headers)[:4] == [":method", ":scheme", ":authority", ":path"]
    assert seen.headers | {"user-agent": ""} == {
        ":method": "PUT",
        ":scheme": "http",
        ":authority": f"127.0.0.1:{recipient.port}",
        ":path": "/a%20b?x=1",
        "user-agent": "",
        "accept-encoding": "identity",
        "content-length": "2",
        "x-name": "Ren\u00e9e",
        "accept": "text/plain",
    }


async def test_a_connection_is_used_again_also_when_pings_and_settings_came_in_between(
    nursery: trio.Nursery,
) -> None:
    async def chatters(exchange: Exchange) -> None:
        await ok(exchange)
        exchange.h2.ping(b"12345678")
        exchange.h2.update_settings({})
        exchange.h2.increment_flow_control_window(1000)

    recipient = await listening(nursery, http2(chatters))
    wire = a_wire()
    for _ in range(3):
        await sends_again(wire, recipient)
        await trio.sleep(0.01)  # for what comes late
    assert recipient.connections == 1
    await wire.aclose()


async def test_a_connection_that_has_rested_too_long_is_dialled_anew(
    mock_clock: trio.testing.MockClock, nursery: trio.Nursery
) -> None:
    recipient = await listening(nursery, http2())
    wire = a_wire()
    for rest, connections in ((0, 1), (REST - 1, 1), (REST + 1, 2)):
        mock_clock.jump(rest)
        await sends_again(wire, recipient)
        assert recipient.connections == connections
    await wire.aclose()


async def in_pieces(exchange: Exchange) -> None:
    exchange.h2.send_headers(exchange.stream, [(":status", "103"), ("link", "<x>")])
    exchange.head(200, [("x-a", "1"), ("x-a", "2")])
    for piece in (b"acc", b"", b"epted"):
        exchange.data(piece)
        await exchange.flush()
    exchange.h2.send_headers(exchange.stream, [("x-sum", "1")], end_stream=True)


def coded(coding: str, body: bytes) -> Answer:
    async def answer(exchange: Exchange) -> None:
        exchange.head(200, [("content-encoding", coding)])
        exchange.data(body, ends=True)

    return answer


@pytest.mark.parametrize("answer", [in_pieces, coded("deflate", zlib.compress(b"accepted"))])
async def test_a_reply_is_the_same_in_every_framing(answer: Answer, nursery: trio.Nursery) -> None:
    recipient = await listening(nursery, http2(answer))
    wire = a_wire()
    assert (await wire.send(a_post(recipient.url()), Watched())).body == b"accepted"
    await wire.aclose()


async def test_a_reply_to_head_has_no_body_whatever_its_length_says(nursery: trio.Nursery) -> None:
    async def only_head(exchange: Exchange) -> None:
        exchange.head(200, [("content-length", "8")], ends=True)

    recipient = await listening(nursery, http2(only_head, ok))
    wire = a_wire()
    reply = await wire.send(Request(method="HEAD", url=recipient.url()), Watched())
    assert (reply.status, reply.body) == (200, b"")
    await sends_again(wire, recipient)
    assert recipient.connections == 1
    await wire.aclose()


# Long bodies.

MUCH = 1_000_000


async def test_a_long_body_waits_for_room(nursery: trio.Nursery) -> None:
    conduct, body = http2(), bytes(range(256)) * (MUCH // 256)
    recipient = await listening(nursery, conduct)
    wire = a_wire()
    for _ in range(2):
        assert (await wire.send(a_post(recipient.url(), body), Watched())).body == b"ok"
    assert [seen.body == body for seen in conduct.seen] == [True, True]
    assert recipient.connections == 1
    await wire.aclose()


@pytest.mark.parametrize("stops", [True, False])
async def test_an_answer_that_comes_early_is_taken_and_ends_the_connection(
    stops: bool, nursery: trio.Nursery
) -> None:
    async def refuses(exchange: Exchange) -> None:
        exchange.head(413, ends=True)
        if stops:
            exchange.h2.reset_stream(exchange.stream, ErrorCodes.NO_ERROR)

    recipient = await listening(nursery, http2(refuses, answers_at_head=True, window=0), http2())
    wire, progress = a_wire(), Watched()
    reply = await wire.send(a_post(recipient.url(), b"x" * MUCH), progress)
    assert (reply.status, progress.sent) == (413, 1)
    await sends_again(wire, recipient)
    assert recipient.connections == 2
    await wire.aclose()


async def test_a_long_body_that_nobody_takes_can_be_cancelled(nursery: trio.Nursery) -> None:
    recipient = await listening(nursery, http2(window=0), http2())
    wire, progress = a_wire(), Watched()
    with trio.move_on_after(0.1) as scope:
        await wire.send(a_post(recipient.url(), b"x" * MUCH), progress)
    assert (scope.cancelled_caught, progress.sent) == (True, 1)
    await recipient.has_ended(1)
    await sends_again(wire, recipient)
    await wire.aclose()


# Before anything left.


@pytest.mark.parametrize(
    "conduct",
    [
        pytest.param(keeps_answering(), id="HTTP/1.1 alone"),
        pytest.param(says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), id="an answer in HTTP/1.1"),
        pytest.param(says(b"\x00\x00\x00\x06\x00\x00\x00\x00\x00"), id="no settings first"),
        pytest.param(closes_after_reading, id="hangs up"),
        pytest.param(resets, id="resets"),
    ],
)
async def test_who_does_not_speak_http2_gets_no_lead(conduct: Conduct, nursery: trio.Nursery) -> None:
    recipient = await listening(nursery, conduct)
    wire, progress = a_wire(), Watched()
    with pytest.raises(NotSent, match="take `http_version` out") as caught:
        await wire.send(a_post(recipient.url()), progress)
    assert (caught.value.code, progress.sent) == (ReasonCode.PROTOCOL, 0)
    await wire.aclose()


async def test_who_stays_silent_gets_no_lead(nursery: trio.Nursery) -> None:
    recipient = await listening(nursery, until_it_leaves)
    wire, progress = a_wire(), Watched()
    with trio.move_on_after(0.1) as scope:
        await wire.send(a_post(recipient.url()), progress)
    assert (scope.cancelled_caught, progress.sent) == (True, 0)
    await recipient.has_ended(1)
    await wire.aclose()


@pytest.mark.parametrize("offered", [["http/1.1"], []])
async def test_under_tls_it_is_agreed_on_before_anything_is_said(
    offered: list[str], nursery: trio.Nursery
) -> None:
    authority = an_authority()
    recipient = await listening(
        nursery,
        keeps_answering(),
        tls=offering(authority.server(), *offered) if offered else authority.server(),
    )
    wire, progress = a_wire(offering(authority.client(), HTTP2)), Watched()
    with pytest.raises(NotSent) as caught:
        await wire.send(a_post(recipient.url()), progress)
    assert progress.sent == 0
    assert recipient.requests == []
    assert caught.value.code in (ReasonCode.PROTOCOL, ReasonCode.TLS)
    await wire.aclose()


async def refuses_the_stream(exchange: Exchange) -> None:
    exchange.h2.reset_stream(exchange.stream, ErrorCodes.REFUSED_STREAM)


def says_goodbye(last: int) -> Answer:
    async def answer(exchange: Exchange) -> None:
        exchange.h2.close_connection(ErrorCodes.NO_ERROR, last_stream_id=last)

    return answer


@pytest.mark.parametrize("answer", [refuses_the_stream, says_goodbye(0)])
async def test_what_a_recipient_promises_not_to_have_looked_at_did_not_arrive(
    answer: Answer, nursery: trio.Nursery
) -> None:
    recipient = await listening(nursery, http2(answer), http2())
    wire = a_wire()
    with pytest.raises(NotSent, match="before it looked at it") as caught:
        await wire.send(a_post(recipient.url()), Watched())
    assert caught.value.code is ReasonCode.RESET
    await sends_again(wire, recipient)
    assert recipient.connections == 2
    await wire.aclose()


# Leaving in order.


async def test_who_says_goodbye_still_answers_and_gets_no_more(nursery: trio.Nursery) -> None:
    async def leaves(exchange: Exchange) -> None:
        goodbye = exchange.stream.to_bytes(4, "big") + bytes(4)
        await exchange.visit.write(b"\x00\x00\x08\x07\x00\x00\x00\x00\x00" + goodbye)
        await ok(exchange)

    recipient = await listening(nursery, http2(ok, leaves), http2())
    wire = a_wire()
    for connections in (1, 1, 2):
        await sends_again(wire, recipient)
        assert recipient.connections == connections
    await wire.aclose()


@pytest.mark.parametrize("tls", [False, True])
async def test_who_left_during_a_rest_is_not_sent_to(tls: bool, nursery: trio.Nursery) -> None:
    authority = an_authority()

    async def ends(visit: Visit) -> None:
        visit.close()

    async def leaves(exchange: Exchange) -> None:
        await ok(exchange)
        exchange.h2.close_connection()

    context = offering(authority.server(), HTTP2) if tls else None
    first, second = http2(leaves), http2(then(ok, ends))
    recipient = await listening(nursery, first, second, http2(), tls=context)
    wire = a_wire(offering(authority.client(), HTTP2))
    for connections in (1, 2, 3):
        await sends_again(wire, recipient)
        assert recipient.connections == connections
        await trio.sleep(0.02)  # for what comes late
    await wire.aclose()


# After something left.


async def resets_the_stream(exchange: Exchange) -> None:
    exchange.h2.reset_stream(exchange.stream, ErrorCodes.INTERNAL_ERROR)


async def half_a_body(exchange: Exchange) -> None:
    exchange.head(200)
    exchange.data(b"half")


async def talks_nonsense(visit: Visit) -> None:
    await visit.write(b"HTTP/1.1 200 OK\r\n\r\n")


async def lies_about_its_length(exchange: Exchange) -> None:
    exchange.head(200, [("content-length", "8")])
    exchange.data(b"half", ends=True)


async def too_much(exchange: Exchange) -> None:
    exchange.head(200)
    for _ in range(4):
        exchange.data(b"x" * 10_000)
        await exchange.flush()


async def too_many_headers(exchange: Exchange) -> None:
    more = [(f"x-{number}", "y" * 500) for number in range(200)]
    exchange.head(200, more, ends=True)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        pytest.param(resets_the_stream, ReasonCode.RESET, id="resets the stream"),
        pytest.param(then(half_a_body, resets), ReasonCode.RESET, id="half a body and a reset"),
        pytest.param(lies_about_its_length, ReasonCode.PROTOCOL, id="another length than it says"),
        pytest.param(then(half_a_body, talks_nonsense), ReasonCode.PROTOCOL, id="garbage"),
        pytest.param(too_much, ReasonCode.RESPONSE_TOO_LARGE, id="a body too large"),
        pytest.param(too_many_headers, ReasonCode.RESPONSE_TOO_LARGE, id="headers too large"),
        pytest.param(
            coded("gzip", zlib.compress(bytes(10_000_000), wbits=31)),
            ReasonCode.RESPONSE_TOO_LARGE,
            id="a gzip bomb",
        ),
        pytest.param(coded("gzip", b"no"), ReasonCode.PROTOCOL, id="not gzip"),
    ],
)
async def test_what_cannot_be_read_may_have_arrived_and_the_next_send_works(
    answer: Answer, code: ReasonCode, nursery: trio.Nursery
) -> None:
    recipient = await listening(nursery, http2(answer), http2())
    wire, progress = a_wire(max_reply=20_000), Watched()
    with pytest.raises(NoAnswer) as caught:
        await wire.send(a_post(recipient.url()), progress)
    assert (caught.value.code, progress.sent) == (code, 1)
    await sends_again(wire, recipient)
    assert recipient.connections == 2
    await wire.aclose()


async def test_what_was_cancelled_already_is_not_sent_even_on_a_standing_connection(
    nursery: trio.Nursery,
) -> None:
    conduct = http2()
    recipient = await listening(nursery, conduct)
    wire, progress = a_wire(), Watched()
    await sends_again(wire, recipient)
    with trio.CancelScope() as scope:
        scope.cancel()
        await wire.send(a_post(recipient.url()), progress)
    assert progress.sent == 0
    await sends_again(wire, recipient)
    assert len(conduct.seen) == 2
    await wire.aclose()


async def test_a_cancelled_attempt_leaves_no_connection_behind(nursery: trio.Nursery) -> None:
    async def hangs(exchange: Exchange) -> None:
        exchange.head(200)

    recipient = await listening(nursery, http2(hangs), http2())
    wire, progress = a_wire(), Watched()
    with trio.move_on_after(0.1) as scope:
        await wire.send(a_post(recipient.url()), progress)
    assert (scope.cancelled_caught, progress.sent) == (True, 1)
    await recipient.has_ended(1)
    await sends_again(wire, recipient)
    await wire.aclose()


# At random (`make fuzz`): what a recipient says, with changes, in any pieces.


class Saying:
    """A line on which these pieces come, and then the end."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces
        self.sent = b""

    async def send(self, outgoing: bytes) -> None:
        self.sent += outgoing

    async def receive(self) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""

    def receive_nowait(self) -> bytes | None:
        return self._pieces.pop(0) if self._pieces else None

    def is_quiet(self) -> bool:
        return not self._pieces

    def close(self) -> None:
        """There is nothing to close."""


def a_whole_answer() -> tuple[bytes, bytes]:
    """The settings of a server, and its answer to the first request."""
    client, server = H2Connection(), H2Connection(H2Configuration(client_side=False))
    client.initiate_connection()
    request = [(":method", "GET"), (":scheme", "http"), (":authority", "b"), (":path", "/")]
    client.send_headers(1, request, end_stream=True)
    server.initiate_connection()
    settings = server.data_to_send()
    server.receive_data(client.data_to_send())
    server.send_headers(1, [(":status", "103"), ("link", "<x>")])
    server.send_headers(1, [(":status", "200"), ("content-type", "text/plain"), ("content-encoding", "gzip")])
    server.send_data(1, zlib.compress(b"accepted", wbits=31))
    server.ping(b"12345678")
    server.send_headers(1, [("x-sum", "1")], end_stream=True)
    return settings, server.data_to_send()


SETTINGS, ANSWER = a_whole_answer()
GOODBYE = b"\x00\x00\x08\x07\x00\x00\x00\x00\x00" + (1).to_bytes(4, "big") + bytes(4)
CHANGES = st.lists(
    st.tuples(
        st.integers(min_value=0), st.sampled_from([b"", GOODBYE]) | st.binary(max_size=12), st.booleans()
    ),
    max_size=4,
)


async def exchanged(received: bytes, cuts: list[int]) -> tuple[object, ...]:
    """What comes of a request that is answered so."""
    marks = sorted({cut % (len(received) + 1) for cut in cuts})
    pieces = [received[a:b] for a, b in pairwise([0, *marks, len(received)]) if a < b]
    line, origin, progress = Saying([SETTINGS, *pieces]), Origin("http", "buyer.example", 80), Watched()
    message = message_of(Request(method="GET", url="http://buyer.example/"))
    try:
        connection = await speak_http2(origin, line)
        reply = await connection.exchange(message, progress, 4096)
    except DeliveryError as error:
        return type(error), error.code, progress.sent
    return (reply,)


@given(CHANGES, st.lists(st.integers(min_value=0), max_size=6))
def test_no_answer_crashes_the_connection_and_cuts_change_nothing(
    changes: list[tuple[int, bytes, bool]], cuts: list[int]
) -> None:
    received = ANSWER
    for where, change, takes_place in changes:
        place = where % (len(received) + 1)
        received = received[:place] + change + received[place + (len(change) if takes_place else 0) :]
    whole = trio.run(exchanged, received, [])
    assert trio.run(exchanged, received, cuts) == whole
    assert trio.run(exchanged, received, list(range(len(received)))) == whole
    if not changes:
        assert isinstance(whole[0], Reply)


# A server that is not ours.


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """An ASGI application that repeats what it gets."""
    if scope["type"] == "lifespan":
        for _ in range(2):
            word = await receive()
            await send({"type": word["type"] + ".complete"})
        return
    message, body = {"more_body": True}, b""
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
    headers = [(b"x-version", scope["http_version"].encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.mark.parametrize("is_secure", [False, True])
@pytest.mark.parametrize("size", [0, 20, 300_000])
async def test_a_server_of_another_make_understands_us(
    is_secure: bool, size: int, tmp_path: Path, nursery: trio.Nursery
) -> None:
    authority = an_authority()
    config = hypercorn.Config()
    config.bind = ["127.0.0.1:0"]
    config.loglevel = "WARNING"
    if is_secure:
        certificate, key = authority.client_pem("127.0.0.1")
        for name, pem in (("certfile", certificate), ("keyfile", key)):
            (tmp_path / name).write_text(pem)
            setattr(config, name, str(tmp_path / name))
    stop = trio.Event()
    serve = partial(hypercorn.trio.serve, echo, config, shutdown_trigger=stop.wait)
    (address,) = await nursery.start(serve)
    wire, body = a_wire(offering(authority.client(), HTTP2), max_reply=MUCH), bytes(size)
    for _ in range(3):
        reply = await wire.send(
            a_post(address.replace("http:", "https:") if is_secure else address, body), Watched()
        )
        assert (reply.status, reply.header("x-version"), reply.body) == (200, "2", body)
    await wire.aclose()
    stop.set()
