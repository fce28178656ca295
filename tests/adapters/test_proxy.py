"""Through a real proxy: what it sees, what it may refuse, and what the recipient has when it does."""

from base64 import b64encode

import pytest
import trio

from certificates import Authority, an_authority
from leadrelay.adapters.dial import HTTP2, Dialer
from leadrelay.adapters.head import Origin
from leadrelay.adapters.http import HttpWire
from leadrelay.adapters.http2 import speak_http2
from leadrelay.adapters.proxy import Proxy
from leadrelay.core.egress import Rule, parse_rule
from leadrelay.core.errors import NoAnswer, NotSent
from leadrelay.core.outcome import ReasonCode
from proxies import SmallProxy, proxying
from recipients_http2 import http2
from recipients_raw import OK, answers, deaf_port, keeps_answering, listening, resets_after_reading, says
from wires import LOOPBACK, Watched, a_post, sends_again

AUTHORITY: Authority = an_authority()
LEAD = b'{"first_name":"Ada"}'


def through(proxy: SmallProxy, *, password: str = "", allow: tuple[Rule, ...] = LOOPBACK) -> HttpWire:
    value = f"Basic {password}"
    via = Proxy(
        Origin("http" if proxy.tls is None else "https", "127.0.0.1", proxy.port),
        (lambda: value) if password else None,
        AUTHORITY.client(),
    )
    return HttpWire(Dialer(tls=AUTHORITY.client(), allow=allow, via=via))


@pytest.mark.parametrize("is_secure", [False, True])
async def test_what_is_spoken_to_under_tls_is_reached_by_a_tunnel(
    is_secure: bool, nursery: trio.Nursery
) -> None:
    recipient = await listening(nursery, keeps_answering(), tls=AUTHORITY.server(name="buyer.example"))
    proxy = SmallProxy({"buyer.example": recipient.port}, tls=AUTHORITY.server() if is_secure else None)
    await proxying(nursery, proxy)
    wire, progress = through(proxy), Watched()
    for _ in range(2):
        assert (await wire.send(a_post("https://buyer.example/leads"), progress)).body == b"ok"
    assert (recipient.connections, len(recipient.requests), progress.sent) == (1, 2, 2)
    (head,) = proxy.heads
    assert head.startswith(
        b"CONNECT buyer.example:443 HTTP/1.1\r\nHost: buyer.example:443\r\nUser-Agent: lead"
    )
    assert recipient.requests[0].startswith(b"POST /leads HTTP/1.1\r\nHost: buyer.example\r\n")
    assert b"Ada" not in proxy.passed
    await wire.aclose()


async def test_the_certificate_has_to_be_the_recipients(nursery: trio.Nursery) -> None:
    recipient = await listening(nursery, keeps_answering(), tls=AUTHORITY.server(name="other.example"))
    proxy = await proxying(nursery, SmallProxy({"buyer.example": recipient.port}))
    wire, progress = through(proxy), Watched()
    with pytest.raises(NotSent, match="another host name") as caught:
        await wire.send(a_post("https://buyer.example/leads"), progress)
    assert (caught.value.code, progress.sent) == (ReasonCode.TLS, 0)


async def test_a_request_in_clear_is_given_to_the_proxy_with_its_whole_url(nursery: trio.Nursery) -> None:
    recipient = await listening(nursery, keeps_answering())
    proxy = await proxying(nursery, SmallProxy({"buyer.example": recipient.port}))
    wire, progress = through(proxy), Watched()
    assert (await wire.send(a_post("http://buyer.example:8080/leads?x=1"), progress)).body == b"ok"
    assert proxy.heads[0].startswith(
        b"POST http://buyer.example:8080/leads?x=1 HTTP/1.1\r\nHost: buyer.example:8080\r\n"
    )
    assert recipient.requests[0].startswith(b"POST /leads?x=1 HTTP/1.1\r\nHost: buyer.example:8080\r\n")
    assert recipient.requests[0].endswith(LEAD)
    await wire.aclose()


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_it_is_shown_a_password_and_nobody_else_is(scheme: str, nursery: trio.Nursery) -> None:
    tls = AUTHORITY.server(name="buyer.example") if scheme == "https" else None
    recipient = await listening(nursery, keeps_answering(), tls=tls)
    good = b64encode(b"ada:s3cret").decode()
    proxy = await proxying(nursery, SmallProxy({"buyer.example": recipient.port}, password=good))
    wire = through(proxy, password=good)
    assert (await wire.send(a_post(f"{scheme}://buyer.example/leads"), Watched())).body == b"ok"
    assert b"Proxy-Authorization" not in recipient.requests[0]
    await wire.aclose()


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("password", ["", "d3Jvbmc6"])
async def test_without_the_right_one_nothing_arrived(
    scheme: str, password: str, nursery: trio.Nursery
) -> None:
    recipient = await listening(nursery, keeps_answering())
    proxy = await proxying(nursery, SmallProxy({"buyer.example": recipient.port}, password="Z29vZDo="))
    wire = through(proxy, password=password)
    with pytest.raises(NotSent, match="user name and a password") as caught:
        await wire.send(a_post(f"{scheme}://buyer.example/leads"), Watched())
    assert (caught.value.code, recipient.connections) == (ReasonCode.AUTH, 0)
    await wire.aclose()


@pytest.mark.parametrize(
    ("refusal", "code", "words"),
    [
        (b"HTTP/1.1 403 No\r\nContent-Length: 4\r\n\r\nshoo", ReasonCode.CONNECT, "lets nothing through"),
        (
            b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n",
            ReasonCode.CONNECT,
            "could not reach the recipient",
        ),
        (b"HTTP/1.1 302 Go\r\nLocation: /login\r\n\r\n", ReasonCode.CONNECT, "status 302"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", ReasonCode.PROTOCOL, "what the proxy answered is not HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000, ReasonCode.RESPONSE_TOO_LARGE, "that are taken"),
        (b"HTTP/1.1 20", ReasonCode.RESET, "the proxy ended the connection"),
    ],
)
async def test_a_tunnel_that_is_refused_has_carried_nothing(
    refusal: bytes, code: ReasonCode, words: str, nursery: trio.Nursery
) -> None:
    proxy = await proxying(nursery, SmallProxy(refuses=refusal))
    wire, progress = through(proxy), Watched()
    with pytest.raises(NotSent, match=words) as caught:
        await wire.send(a_post("https://buyer.example/leads"), progress)
    assert (caught.value.code, progress.sent) == (code, 0)
    await wire.aclose()


async def test_a_proxy_that_reaches_nobody_says_so(nursery: trio.Nursery) -> None:
    with deaf_port() as deaf:
        proxy = await proxying(nursery, SmallProxy({"buyer.example": deaf}))
        wire, progress = through(proxy), Watched()
        with pytest.raises(NotSent, match="could not reach the recipient"):
            await wire.send(a_post("https://buyer.example/leads"), progress)
        assert progress.sent == 0
        # In clear it answers in the recipient's place, and nobody can tell them apart.
        assert (await wire.send(a_post("http://buyer.example/leads"), progress)).status == 502
    await wire.aclose()


async def test_a_proxy_that_cannot_be_reached_is_named_as_such() -> None:
    with deaf_port() as deaf:
        wire, progress = through(SmallProxy(port=deaf)), Watched()
        with pytest.raises(NotSent, match="nothing listens at the proxy's address") as caught:
            await wire.send(a_post("https://buyer.example/leads"), progress)
    assert (caught.value.code, progress.sent) == (ReasonCode.CONNECT, 0)


async def test_lost_behind_the_sending_it_may_have_arrived(nursery: trio.Nursery) -> None:
    recipient = await listening(nursery, resets_after_reading, tls=AUTHORITY.server(name="buyer.example"))
    proxy = await proxying(nursery, SmallProxy({"buyer.example": recipient.port}))
    wire, progress = through(proxy), Watched()
    with pytest.raises(NoAnswer) as caught:
        await wire.send(a_post("https://buyer.example/leads"), progress)
    assert (caught.value.code, progress.sent) == (ReasonCode.RESET, 1)
    await wire.aclose()


async def test_a_proxy_that_says_nothing_can_be_cancelled(nursery: trio.Nursery) -> None:
    silent = await listening(nursery, says(b""))
    wire, progress = through(SmallProxy(port=silent.port)), Watched()
    with trio.move_on_after(0.1) as scope:
        await wire.send(a_post("https://buyer.example/leads"), progress)
    assert (scope.cancelled_caught, progress.sent) == (True, 0)
    await silent.has_ended(1)


# The egress guard.


async def test_the_proxys_own_address_has_to_be_open(nursery: trio.Nursery) -> None:
    proxy = await proxying(nursery, SmallProxy())
    wire = through(proxy, allow=())
    with pytest.raises(NotSent, match="the proxy's host leads to a loopback address") as caught:
        await wire.send(a_post("https://buyer.example/leads"), Watched())
    assert (caught.value.code, proxy.connections) == (ReasonCode.SSRF_BLOCKED, 0)


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "2852039166",
        "0xa9fea9fe",
        "0251.0376.0251.0376",
        "10.1",
        "localhost",
        "LOCALHOST.",
        "a.localhost",
        "127.0.0.1.",
        "0x7f.1.",
        "[::1]",
        "[::ffff:169.254.169.254]",
        "[fe80::1]",
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_no_closed_address_is_asked_of_it_in_any_spelling(
    scheme: str, host: str, nursery: trio.Nursery
) -> None:
    proxy = await proxying(nursery, SmallProxy())
    wire = through(proxy, allow=(parse_rule(f"127.0.0.1:{proxy.port}"),))
    with pytest.raises(NotSent) as caught:
        await wire.send(a_post(f"{scheme}://{host}/latest"), Watched())
    assert (caught.value.code, proxy.connections) == (ReasonCode.SSRF_BLOCKED, 0)


# HTTP/2 in a tunnel.


async def test_http2_is_spoken_through_a_tunnel(nursery: trio.Nursery) -> None:
    context, client = AUTHORITY.server(name="buyer.example"), AUTHORITY.client()
    for each in (context, client):
        each.set_alpn_protocols([HTTP2])
    recipient = await listening(nursery, http2(), tls=context)
    proxy = await proxying(nursery, SmallProxy({"buyer.example": recipient.port}))
    via = Proxy(Origin("http", "127.0.0.1", proxy.port))
    wire = HttpWire(Dialer(tls=client, allow=LOOPBACK, via=via), speak=speak_http2)
    for _ in range(2):
        assert (await wire.send(a_post("https://buyer.example/leads"), Watched())).body == b"ok"
    assert recipient.connections == 1
    await wire.aclose()


async def test_without_a_proxy_nothing_goes_through_one(nursery: trio.Nursery) -> None:
    recipient = await listening(nursery, answers(OK))
    wire = HttpWire(Dialer(allow=LOOPBACK))
    await sends_again(wire, recipient)
    await wire.aclose()
