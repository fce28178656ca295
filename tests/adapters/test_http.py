"""One connection per slot: kept while both sides want to, and gone after anything else."""

import pytest
import trio
from trio.testing import MockClock

from certificates import an_authority
from leadrelay import __version__
from leadrelay.adapters.dial import Dialer
from leadrelay.adapters.http import HttpWire
from leadrelay.core.errors import NoAnswer, NotSent
from leadrelay.core.exchange import Request
from leadrelay.core.outcome import ReasonCode
from recipients_raw import (
    OK,
    Visit,
    answers,
    closes_after_reading,
    deaf_port,
    keeps_answering,
    listening,
    resets,
    says,
    until_it_leaves,
)
from wires import LOOPBACK, Watched, a_post, sends_again


async def test_what_is_sent_is_one_request_whole(nursery: trio.Nursery) -> None:
    recipient = await listening(nursery, answers(OK))
    headers = (("X-Name", "Ren\u00e9e"),)
    url = recipient.url("/a%20b?x=1&y=%C3%A9")
    wire = HttpWire(Dialer(allow=LOOPBACK))
    reply = await wire.send(Request(method="PUT", url=url, headers=headers, body=b"{}"), Watched())
    await wire.aclose()
    assert reply.body == b"ok"
    assert recipient.requests == [
        b"PUT /a%%20b?x=1&y=%%C3%%A9 HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: leadrelay/%s\r\n"
        b"Accept: */*\r\nAccept-Encoding: identity\r\nContent-Length: 2\r\nX-Name: Ren\xc3\xa9e\r\n\r\n{}"
        % (recipient.port, __version__.encode())
    ]


# Before anything left (behaviour 4.5): NotSent, and `sending` was not called.


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ("http://no-such-recipient.invalid/", ReasonCode.DNS),
        ("http://127.0.0.1:{deaf}/", ReasonCode.CONNECT),
        ("https://127.0.0.1:{hangs_up}/", ReasonCode.TLS),
        ("127.0.0.1:{hangs_up}/", ReasonCode.MAPPING_INVALID),
    ],
)
async def test_what_never_left_did_not_arrive_and_the_next_send_works(
    case: str, code: ReasonCode, nursery: trio.Nursery
) -> None:
    hangs_up, good = await listening(nursery, resets), await listening(nursery, keeps_answering())
    wire, progress = HttpWire(Dialer(allow=LOOPBACK)), Watched()
    with deaf_port() as deaf, pytest.raises(NotSent) as caught:
        await wire.send(a_post(case.format(deaf=deaf, hangs_up=hangs_up.port)), progress)
    assert (caught.value.code, progress.sent) == (code, 0)
    await sends_again(wire, good)
    await wire.aclose()


@pytest.mark.parametrize(
    "headers",
    [
        (("X-Name", "Ada\r\nX-Admin: yes"),),
        (("Transfer-Encoding", "chunked"),),
        (("Host", "a.example"), ("host", "b.example")),
    ],
)
async def test_a_head_that_http_cannot_carry_is_refused_before_anything_is_dialled(
    headers: tuple[tuple[str, str], ...], nursery: trio.Nursery
) -> None:
    recipient = await listening(nursery, until_it_leaves)
    progress = Watched()
    with pytest.raises(NotSent) as caught:
        await HttpWire(Dialer(allow=LOOPBACK)).send(
            Request(method="GET", url=recipient.url(), headers=headers), progress
        )
    assert (caught.value.code, progress.sent, recipient.connections) == (ReasonCode.MAPPING_INVALID, 0, 0)


# One connection, kept while both sides want to.


async def test_a_connection_is_used_again(nursery: trio.Nursery) -> None:
    recipient = await listening(nursery, keeps_answering())
    wire = HttpWire(Dialer(allow=LOOPBACK))
    for _ in range(3):
        await sends_again(wire, recipient)
    assert (recipient.connections, len(recipient.requests)) == (1, 3)
    await wire.aclose()


async def test_a_tls_connection_is_used_again(nursery: trio.Nursery) -> None:
    authority = an_authority()
    recipient = await listening(nursery, keeps_answering(), tls=authority.server())
    wire = HttpWire(Dialer(tls=authority.client(), allow=LOOPBACK))
    for _ in range(3):
        await sends_again(wire, recipient)
    assert (recipient.connections, len(recipient.requests)) == (1, 3)
    await wire.aclose()


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(OK, id="closed behind the answer"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", id="announced to be"
        ),
        pytest.param(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", id="HTTP/1.0"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 2\r\n\r\nok", id="about to be"
        ),
    ],
)
async def test_a_connection_that_the_recipient_closes_is_not_sent_on(
    reply: bytes, nursery: trio.Nursery
) -> None:
    recipient = await listening(nursery, answers(reply))
    wire = HttpWire(Dialer(allow=LOOPBACK))
    for count in (1, 2, 3):
        await sends_again(wire, recipient)
        await recipient.has_ended(count)
        assert (recipient.connections, len(recipient.requests)) == (count, count)
    await wire.aclose()


async def test_a_lead_is_never_sent_a_second_time_by_the_wire(nursery: trio.Nursery) -> None:
    async def answers_once_and_then_hangs_up(visit: Visit) -> None:
        await answers(OK)(visit)
        await closes_after_reading(visit)

    recipient = await listening(nursery, answers_once_and_then_hangs_up, keeps_answering())
    wire, progress = HttpWire(Dialer(allow=LOOPBACK)), Watched()
    await sends_again(wire, recipient)
    with pytest.raises(NoAnswer) as caught:
        await wire.send(a_post(recipient.url()), progress)
    assert (caught.value.code, progress.sent) == (ReasonCode.RESET, 1)
    assert recipient.connections == 1
    await sends_again(wire, recipient)
    await wire.aclose()


@pytest.mark.parametrize("is_secure", [False, True])
async def test_bytes_nobody_asked_for_never_answer_for_the_next_lead(
    is_secure: bool, nursery: trio.Nursery
) -> None:
    rejected = b"HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n"

    async def answers_twice(visit: Visit) -> None:
        await visit.read_request()
        await visit.write(OK)
        await visit.write(rejected)
        await until_it_leaves(visit)

    authority = an_authority()
    tls = authority.server() if is_secure else None
    recipient = await listening(nursery, answers_twice, answers(OK + rejected), keeps_answering(), tls=tls)
    wire = HttpWire(Dialer(tls=authority.client(), allow=LOOPBACK))
    for _ in range(4):
        await sends_again(wire, recipient)
        await trio.sleep(0.01)  # for what comes late
    assert recipient.connections == 3
    await wire.aclose()


async def test_a_connection_that_has_rested_too_long_is_dialled_anew(
    mock_clock: MockClock, nursery: trio.Nursery
) -> None:
    recipient = await listening(nursery, keeps_answering())
    wire = HttpWire(Dialer(allow=LOOPBACK))
    for rest, connections in ((0, 1), (3.9, 1), (4.1, 2)):
        mock_clock.jump(rest)
        await sends_again(wire, recipient)
        assert recipient.connections == connections
    await wire.aclose()


async def test_a_recipient_says_how_long_a_connection_may_rest(
    mock_clock: MockClock, nursery: trio.Nursery
) -> None:
    reply = b"HTTP/1.1 200 OK\r\nKeep-Alive: timeout=3, max=100\r\nContent-Length: 2\r\n\r\nok"
    recipient = await listening(nursery, keeps_answering(reply))
    wire = HttpWire(Dialer(allow=LOOPBACK))
    for rest, connections in ((0, 1), (1.9, 1), (2.1, 2)):
        mock_clock.jump(rest)
        await sends_again(wire, recipient)
        assert recipient.connections == connections
    await wire.aclose()


async def test_another_recipient_gets_another_connection(nursery: trio.Nursery) -> None:
    first, second = await listening(nursery, keeps_answering()), await listening(nursery, keeps_answering())
    wire = HttpWire(Dialer(allow=LOOPBACK))
    for recipient in (first, second, first, second):
        await sends_again(wire, recipient)
    assert (first.connections, second.connections) == (2, 2)
    await wire.aclose()


async def test_closing_ends_the_connection_and_may_be_done_twice(nursery: trio.Nursery) -> None:
    recipient = await listening(nursery, keeps_answering())
    wire = HttpWire(Dialer(allow=LOOPBACK))
    await wire.aclose()
    await sends_again(wire, recipient)
    await wire.aclose()
    await wire.aclose()
    await recipient.has_ended(1)


# Cancelled: the caller's scope is the timeout, and nothing stays behind.


@pytest.mark.parametrize("is_secure", [False, True])
async def test_a_cancelled_attempt_leaves_no_connection_behind(
    is_secure: bool, nursery: trio.Nursery
) -> None:
    recipient = await listening(nursery, until_it_leaves)
    wire, progress = HttpWire(Dialer(allow=LOOPBACK)), Watched()
    with trio.move_on_after(0.05) as scope:
        await wire.send(a_post(f"http{'s' if is_secure else ''}://127.0.0.1:{recipient.port}/"), progress)
    assert scope.cancelled_caught
    assert progress.sent == (0 if is_secure else 1)  # the lead would come after the TLS handshake
    await recipient.has_ended(1)


async def test_a_wire_is_as_good_as_new_after_a_cancelled_attempt(nursery: trio.Nursery) -> None:
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nha"
    recipient = await listening(nursery, says(half), keeps_answering())
    wire = HttpWire(Dialer(allow=LOOPBACK))
    with trio.move_on_after(0.05) as scope:
        await wire.send(a_post(recipient.url()), Watched())
    assert scope.cancelled_caught
    await sends_again(wire, recipient)
    await wire.aclose()


async def test_what_was_cancelled_already_is_not_sent_even_on_a_standing_connection(
    nursery: trio.Nursery,
) -> None:
    recipient = await listening(nursery, keeps_answering())
    wire, progress = HttpWire(Dialer(allow=LOOPBACK)), Watched()
    await sends_again(wire, recipient)
    with trio.CancelScope() as scope:
        scope.cancel()
        await wire.send(a_post(recipient.url()), progress)
    assert progress.sent == 0
    await sends_again(wire, recipient)
    assert len(recipient.requests) == 2
    await wire.aclose()
