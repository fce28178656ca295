"""Redirects: where a request goes on, what goes with it, who may have it meanwhile (behaviour 4.5, 6, 9)."""

from dataclasses import replace

import pytest
import trio

from certificates import Authority, an_authority
from leadrelay.adapters.dial import Dialer
from leadrelay.adapters.http import HttpWire
from leadrelay.adapters.redirects import MAX_REDIRECTS, FollowingWire
from leadrelay.auth.proof import with_field, with_header, with_parameter
from leadrelay.core.egress import parse_rule
from leadrelay.core.errors import DeliveryError, NoAnswer, NotSent
from leadrelay.core.exchange import Request
from leadrelay.core.outcome import ReasonCode
from recipients_raw import (
    OK,
    RawRecipient,
    answers,
    closes_after_reading,
    deaf_port,
    keeps_answering,
    listening,
    until_it_leaves,
)
from wires import LOOPBACK, Watched, a_post


def sent_to(location: str, status: int = 307) -> bytes:
    return b"HTTP/1.1 %d Go\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % (status, location.encode())


def a_wire(authority: Authority | None = None) -> FollowingWire:
    tls = None if authority is None else authority.client()
    return FollowingWire(HttpWire(Dialer(tls=tls, allow=LOOPBACK)), HttpWire(Dialer(tls=tls, allow=LOOPBACK)))


def a_get(url: str, method: str = "GET") -> Request:
    return Request(method=method, url=url)


async def failure(request: Request) -> tuple[DeliveryError, Watched]:
    wire, progress = a_wire(), Watched()
    with pytest.raises(DeliveryError) as caught:
        await wire.send(request, progress)
    await wire.aclose()
    return caught.value, progress


async def two(
    nursery: trio.Nursery, status: int = 307, path: str = "/elsewhere"
) -> tuple[RawRecipient, RawRecipient]:
    """One that sends on to another, which answers."""
    other = await listening(nursery, keeps_answering())
    first = await listening(nursery, keeps_answering(sent_to(other.url(path), status)))
    return first, other


def lines_of(request: bytes) -> list[bytes]:
    return request.partition(b"\r\n\r\n")[0].split(b"\r\n")


@pytest.mark.parametrize("status", [307, 308])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "GET"])
async def test_307_and_308_send_the_same_request_on(status: int, method: str, nursery: trio.Nursery) -> None:
    first, other = await two(nursery, status)
    wire, progress = a_wire(), Watched()
    request = replace(a_post(first.url()), method=method)
    reply = await wire.send(request, progress)
    assert (reply.status, reply.body, progress.sent, progress.is_out) == (200, b"ok", 2, True)
    assert reply.url == other.url("/elsewhere")
    (sent,) = other.requests
    assert sent.startswith(
        b"%s /elsewhere HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n" % (method.encode(), other.port)
    )
    assert b"Content-Type: application/json" in lines_of(sent)
    assert sent.endswith(b"\r\n\r\n" + request.body)
    await wire.aclose()


@pytest.mark.parametrize("status", [301, 302, 303])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_other_redirects_are_the_answer_to_what_may_have_been_taken(
    status: int, method: str, nursery: trio.Nursery
) -> None:
    """A form that was taken is often answered so. Neither a second POST nor a GET in its place is made."""
    first, other = await two(nursery, status)
    wire = a_wire()
    reply = await wire.send(replace(a_post(first.url()), method=method), Watched())
    assert (reply.status, reply.header("location"), reply.url) == (status, other.url("/elsewhere"), "")
    assert (len(first.requests), other.connections) == (1, 0)
    await wire.aclose()


@pytest.mark.parametrize("status", [301, 302, 303])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_get_and_head_follow_them_as_they_are(status: int, method: str, nursery: trio.Nursery) -> None:
    first, other = await two(nursery, status)
    wire = a_wire()
    assert (await wire.send(a_get(first.url(), method), Watched())).status == 200
    assert other.requests[0].startswith(method.encode() + b" /elsewhere ")
    await wire.aclose()


@pytest.mark.parametrize("status", [300, 304, 305, 307])
async def test_what_names_no_address_is_the_answer(status: int, nursery: trio.Nursery) -> None:
    reply = b"HTTP/1.1 %d Hm\r\nContent-Length: 0\r\n\r\n" % status
    first = await listening(nursery, answers(reply))
    wire = a_wire()
    assert (await wire.send(a_post(first.url()), Watched())).status == status
    await wire.aclose()


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/v2/leads?x=1", b"/v2/leads?x=1"),
        ("v2", b"/api/v2"),
        ("?page=2", b"/api/leads?page=2"),
        ("../b", b"/b"),
        ("/caf\u00e9 1#part", b"/caf%C3%A9%201"),
        ("/a%20b?q=%C3%A9", b"/a%20b?q=%C3%A9"),
    ],
)
async def test_an_address_may_be_relative_and_is_escaped_where_it_has_to_be(
    location: str, target: bytes, nursery: trio.Nursery
) -> None:
    first = await listening(nursery, answers(sent_to(location), OK))
    wire = a_wire()
    assert (await wire.send(a_post(first.url("/api/leads?page=1")), Watched())).status == 200
    assert lines_of(first.requests[1])[0] == b"POST %s HTTP/1.1" % target
    assert first.connections == 1
    await wire.aclose()


async def test_both_connections_are_used_again(nursery: trio.Nursery) -> None:
    first, other = await two(nursery)
    wire = a_wire()
    for _ in range(3):
        assert (await wire.send(a_post(first.url()), Watched())).status == 200
    assert (first.connections, other.connections, len(other.requests)) == (1, 1, 3)
    await wire.aclose()


# What goes with it.

SECRET = ("Authorization: Bearer s3cret", "Cookie: sid=s3cret", "X-Key: s3cret", "X-Signature: s3cret")


def signed(url: str) -> Request:
    """With every kind of proof that a header or the URL can hold."""
    request = a_post(url)
    request = replace(request, headers=(*request.headers, ("Cookie", "sid=s3cret"), ("X-Name", "Ada")))
    for name, value in (("Authorization", "Bearer s3cret"), ("X-Key", "s3cret"), ("X-Signature", "s3cret")):
        request = with_header(request, name, value)
    return with_parameter(request, "api_key", "s3cret")


async def test_proofs_go_on_within_their_origin(nursery: trio.Nursery) -> None:
    first = await listening(nursery, answers(sent_to("/v2?api_key=s3cret"), OK))
    wire = a_wire()
    await wire.send(signed(first.url()), Watched())
    lines = [line.decode() for line in lines_of(first.requests[1])]
    assert lines[0] == "POST /v2?api_key=s3cret HTTP/1.1"
    assert set(SECRET) <= set(lines)
    await wire.aclose()


async def test_no_proof_reaches_another_origin_and_none_comes_back(nursery: trio.Nursery) -> None:
    """Another port is another origin. The recipient may even copy the key into the address."""
    home = await listening(nursery, until_it_leaves)
    other = await listening(nursery, answers(sent_to(home.url("/back?a=1"))))
    first = answers(sent_to(other.url("/x?a=1&api_key=s3cret&b=2")))
    home.behaves(first, keeps_answering())
    wire = a_wire()
    assert (await wire.send(signed(home.url()), Watched())).status == 200
    assert b"s3cret" in home.requests[0]
    for request in (other.requests[0], home.requests[1]):
        assert b"s3cret" not in request
        assert b"X-Name: Ada" in lines_of(request)
    assert lines_of(other.requests[0])[0] == b"POST /x?a=1&b=2 HTTP/1.1"
    await wire.aclose()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"a":1}'),
        ("application/json", b"{}"),
        ("application/x-www-form-urlencoded", b"a=1"),
    ],
)
async def test_keys_in_the_body_stay_behind_too(nursery: trio.Nursery, kind: str, body: bytes) -> None:
    first, other = await two(nursery)
    request = replace(a_post(first.url()), headers=(("Content-Type", kind),), body=body)
    for name, value in (("key", "s3cret"), ("also", "s3cret2"), ("key", "s3cret3")):  # the last one again
        request = with_field(request, name, value)
    wire = a_wire()
    assert (await wire.send(request, Watched())).status == 200
    assert b"s3cret3" in first.requests[0]
    assert other.requests[0].endswith(b"\r\n\r\n" + body)
    await wire.aclose()


async def test_a_host_header_of_our_own_stays_behind(nursery: trio.Nursery) -> None:
    first, other = await two(nursery)
    wire = a_wire()
    await wire.send(replace(a_post(first.url()), headers=(("Host", "virtual.example"),)), Watched())
    assert b"Host: virtual.example" in lines_of(first.requests[0])
    assert b"Host: 127.0.0.1:%d" % other.port in lines_of(other.requests[0])
    await wire.aclose()


# Where it does not go.


async def test_every_address_passes_the_egress_guard(nursery: trio.Nursery) -> None:
    first, other = await two(nursery)
    only_first = (parse_rule(f"127.0.0.1:{first.port}"),)
    wire = FollowingWire(HttpWire(Dialer(allow=only_first)), HttpWire(Dialer(allow=only_first)))
    progress = Watched()
    with pytest.raises(NotSent, match=r"redirected the request; there, .* loopback") as caught:
        await wire.send(a_post(first.url()), progress)
    assert (caught.value.code, other.connections) == (ReasonCode.SSRF_BLOCKED, 0)
    await wire.aclose()


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("http://ada:s3cret@buyer.example/", "cannot be used"),
        ("ftp://buyer.example/", "cannot be used"),
        ("file:///etc/passwd", "cannot be used"),
        ("//[::1", "cannot be used"),
        ("http://buyer.example:99999/", "cannot be used"),
        ("/leads", "in a circle"),
        ("#top", "in a circle"),
        ("", "the answer"),
    ],
)
async def test_addresses_that_lead_nowhere_are_refused_without_being_repeated(
    location: str, words: str, nursery: trio.Nursery
) -> None:
    first = await listening(nursery, keeps_answering(sent_to(location)))
    if words == "the answer":
        wire = a_wire()
        assert (await wire.send(a_post(first.url()), Watched())).status == 307
        await wire.aclose()
        return
    error, progress = await failure(a_post(first.url()))
    assert isinstance(error, NotSent)
    assert (error.code, progress.sent) == (ReasonCode.PROTOCOL, 1)
    assert words in error.words
    assert "write the address" in error.words
    assert not any(part in error.words for part in ("s3cret", "buyer", "passwd"))


async def test_two_that_send_to_each_other_are_noticed(nursery: trio.Nursery) -> None:
    one = await listening(nursery, until_it_leaves)
    other = await listening(nursery, keeps_answering(sent_to(one.url())))
    one.behaves(keeps_answering(sent_to(other.url())))
    error, progress = await failure(a_post(one.url()))
    assert isinstance(error, NotSent)
    assert "in a circle" in error.words
    assert progress.sent == 2


async def test_redirects_are_counted(nursery: trio.Nursery) -> None:
    steps = [sent_to(f"/{step}") for step in range(MAX_REDIRECTS)]
    enough = await listening(nursery, answers(*steps, OK))
    wire = a_wire()
    assert (await wire.send(a_post(enough.url()), Watched())).status == 200
    await wire.aclose()
    endless = await listening(nursery, answers(*steps, sent_to("/more"), OK))
    error, progress = await failure(a_post(endless.url()))
    assert isinstance(error, NotSent)
    assert "more than 5 times" in error.words
    assert progress.sent == 1 + MAX_REDIRECTS


async def test_what_began_under_tls_does_not_go_on_in_clear(nursery: trio.Nursery) -> None:
    authority = an_authority()
    plain = await listening(nursery, keeps_answering())
    first = await listening(nursery, keeps_answering(sent_to(plain.url())), tls=authority.server())
    wire = a_wire(authority)
    with pytest.raises(NotSent, match="from https to http"):
        await wire.send(a_post(first.url()), Watched())
    assert plain.connections == 0
    await wire.aclose()


async def test_another_origin_is_shown_no_client_certificate(nursery: trio.Nursery) -> None:
    """The second wire has no certificate; whoever demands one gets no lead."""
    authority = an_authority()
    demanding = await listening(nursery, keeps_answering(), tls=authority.demanding_server(authority))
    first = await listening(nursery, keeps_answering(sent_to(demanding.url())))
    wire, progress = a_wire(authority), Watched()
    with pytest.raises(DeliveryError):
        await wire.send(a_post(first.url()), progress)
    assert demanding.requests == []
    await wire.aclose()


# Who may have it, when it fails on the way.


async def test_sent_on_to_where_nobody_listens_it_did_not_arrive(nursery: trio.Nursery) -> None:
    """Whoever answered 307 has said that the request was not taken."""
    with deaf_port() as deaf:
        first = await listening(nursery, keeps_answering(sent_to(f"http://127.0.0.1:{deaf}/")))
        error, progress = await failure(a_post(first.url()))
    assert isinstance(error, NotSent)
    assert (error.code, progress.sent, progress.is_out) == (ReasonCode.CONNECT, 1, False)
    assert "there, connection refused" in error.words


async def test_a_get_that_was_sent_on_with_302_may_have_been_taken(nursery: trio.Nursery) -> None:
    with deaf_port() as deaf:
        first = await listening(nursery, keeps_answering(sent_to(f"http://127.0.0.1:{deaf}/", 302)))
        error, progress = await failure(a_get(first.url("/leads?name=Ada")))
    assert isinstance(error, NoAnswer)
    assert (error.code, progress.sent, progress.is_out) == (ReasonCode.CONNECT, 1, True)


async def test_once_it_may_have_been_taken_a_307_does_not_take_that_back(nursery: trio.Nursery) -> None:
    with deaf_port() as deaf:
        steps = (sent_to("/next", 303), sent_to(f"http://127.0.0.1:{deaf}/", 307))
        first = await listening(nursery, answers(*steps))
        error, progress = await failure(a_get(first.url()))
    assert isinstance(error, NoAnswer)
    assert (error.code, progress.is_out) == (ReasonCode.CONNECT, True)


async def test_lost_behind_the_second_sending_it_may_have_arrived(nursery: trio.Nursery) -> None:
    other = await listening(nursery, closes_after_reading)
    first = await listening(nursery, keeps_answering(sent_to(other.url())))
    error, progress = await failure(a_post(first.url()))
    assert isinstance(error, NoAnswer)
    assert (error.code, progress.sent, progress.is_out) == (ReasonCode.RESET, 2, True)


async def test_cancelled_on_the_way_it_leaves_no_connection_behind(nursery: trio.Nursery) -> None:
    other = await listening(nursery, until_it_leaves)
    first = await listening(nursery, keeps_answering(sent_to(other.url())))
    wire, progress = a_wire(), Watched()
    with trio.move_on_after(0.1) as scope:
        await wire.send(a_post(first.url()), progress)
    assert (scope.cancelled_caught, progress.is_out) == (True, True)
    await other.has_ended(1)
    await wire.aclose()
    await first.has_ended(1)
