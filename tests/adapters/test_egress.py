"""The egress guard (behaviour 9), at the real dialer: no spelling and no record leads inside."""

from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from socket import AF_INET, AF_INET6

import pytest
import trio

from leadrelay.adapters.dial import Dialer, Resolver
from leadrelay.adapters.egress import Address, open_addresses
from leadrelay.adapters.http import HttpWire
from leadrelay.core.egress import Closed, Rule, parse_rule
from leadrelay.core.errors import NotSent
from leadrelay.core.outcome import ReasonCode
from recipients_raw import OK, RawRecipient, answers, keeps_answering, listening, until_it_leaves
from wires import LOOPBACK, Watched, a_post, sends_again

CORPUS = [
    tuple(line.split("\t"))
    for line in (Path(__file__).parent / "egress_corpus.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
BLOCKED, DNS, INVALID = ReasonCode.SSRF_BLOCKED, ReasonCode.DNS, ReasonCode.MAPPING_INVALID


class NameServer:
    """Answers with addresses of the test's own, one list for each time it is asked and the last from then."""

    def __init__(self, *answers: Sequence[str], port: int | None = None) -> None:
        self._answers, self._port, self.asked = answers, port, 0

    async def addresses(self, host: str, port: int) -> Sequence[Address]:
        answer = self._answers[min(self.asked, len(self._answers) - 1)]
        self.asked += 1
        return [a_socket_address(text, self._port or port) for text in answer]


def a_socket_address(text: str, port: int) -> Address:
    if ":" in text:
        return AF_INET6, (text, port, 0, 0)
    return AF_INET, (text, port)


async def _nobody(host: str, port: int) -> Sequence[Address]:
    raise NotSent(DNS, "nobody knows it")


def a_dialer(way: str, *allow: Rule) -> Dialer:
    """With the look-up that a line of the corpus asks for."""
    if way in ("system", "maybe"):
        return Dialer(resolve=Resolver().addresses, allow=allow)
    if way == "url":
        return Dialer(resolve=_only_addresses, allow=allow)
    return Dialer(resolve=NameServer(way.split(",")).addresses, allow=allow)


async def _only_addresses(host: str, port: int) -> Sequence[Address]:
    try:
        ip_address(host)
    except ValueError:
        return await _nobody(host, port)
    return await Resolver().addresses(host, port)


def test_the_corpus_is_large_and_says_everything_once() -> None:
    assert len(CORPUS) >= 300
    assert all(len(line) == 3 and line[2] for line in CORPUS)
    assert len({line[:2] for line in CORPUS}) == len(CORPUS)


@pytest.mark.parametrize(
    ("host", "way"),
    [pytest.param(host, way, id=f"{host} {way} {note}") for host, way, note in CORPUS if way != "url"],
)
async def test_no_host_of_the_corpus_is_dialled(host: str, way: str, nursery: trio.Nursery) -> None:
    recipient = await listening(nursery, until_it_leaves)
    with pytest.raises(NotSent) as caught:
        await a_dialer(way).dial(host, recipient.port, secure=False)
    assert caught.value.code is BLOCKED or (way == "maybe" and caught.value.code is DNS)
    assert recipient.connections == 0


@pytest.mark.parametrize(
    ("host", "way"), [pytest.param(host, way, id=f"{host} {way} {note}") for host, way, note in CORPUS]
)
async def test_no_url_with_a_host_of_the_corpus_is_sent_to(
    host: str, way: str, nursery: trio.Nursery
) -> None:
    recipient, progress = await listening(nursery, keeps_answering()), Watched()
    shown = f"[{host}]" if ":" in host and way != "url" else host
    wire = HttpWire(a_dialer(way))
    with pytest.raises(NotSent) as caught:
        await wire.send(a_post(f"http://{shown}:{recipient.port}/"), progress)
    assert caught.value.code in (BLOCKED, INVALID, DNS)
    assert (progress.sent, recipient.connections) == (0, 0)


@pytest.mark.parametrize(
    "text", ["8.8.8.8", "1.1.1.1", "100.63.255.255", "172.32.0.1", "2606:4700::1111", "64:ff9b::808:808"]
)
def test_public_addresses_are_open(text: str) -> None:
    address = a_socket_address(text, 443)
    assert open_addresses([address], "buyer.example", ()) == [address]


async def test_of_a_name_with_open_and_closed_addresses_only_the_open_ones_are_dialled(
    nursery: trio.Nursery,
) -> None:
    recipient = await listening(nursery, until_it_leaves)
    names = NameServer(["127.0.0.2", "10.0.0.1", "127.0.0.1"], port=recipient.port)
    dialer = Dialer(resolve=names.addresses, allow=[parse_rule(f"127.0.0.1:{recipient.port}")])
    line = await dialer.dial("buyer.example", 80, secure=False)
    line.close()
    found = [a_socket_address(text, 80) for text in ("10.0.0.1", "8.8.8.8", "::1", "2606:4700::1111")]
    assert open_addresses(found, "buyer.example", ()) == [found[1], found[3]]


async def test_a_name_that_leads_elsewhere_when_it_is_asked_again_is_not_asked_again(
    nursery: trio.Nursery,
) -> None:
    """DNS rebinding: what was judged is what is dialled, and each connection is judged anew."""
    judged, other = await listening(nursery, answers(OK, OK)), await listening(nursery, until_it_leaves)
    names = NameServer(["127.0.0.1"], ["10.0.0.1"], port=judged.port)
    wire = HttpWire(Dialer(resolve=names.addresses, allow=LOOPBACK))
    url = f"http://buyer.example:{other.port}/"
    for _ in range(2):
        await wire.send(a_post(url), Watched())
    assert (names.asked, judged.connections, other.connections) == (1, 1, 0)
    await judged.has_ended(1)
    with pytest.raises(NotSent) as caught:
        await wire.send(a_post(url), Watched())
    assert (caught.value.code, names.asked) == (BLOCKED, 2)


async def test_a_connection_is_judged_once_and_used_a_thousand_times(nursery: trio.Nursery) -> None:
    """The guard costs no connection: of 1000 requests in eight slots at least 99 % use one that stands."""
    recipient = await listening(nursery, keeps_answering())
    names = NameServer(["127.0.0.1"])
    dialer = Dialer(resolve=names.addresses, allow=LOOPBACK)
    wires = [HttpWire(dialer) for _ in range(8)]
    for number in range(1000):
        await sends_again(wires[number % 8], recipient)
    assert len(recipient.requests) == 1000
    assert recipient.connections == names.asked
    assert 1 - recipient.connections / 1000 >= 0.99
    for wire in wires:
        await wire.aclose()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("place", ["http://169.254.169.254/latest/", "//127.0.0.1/", "http://[::1]/"])
async def test_a_redirect_is_an_answer_and_is_not_followed(
    status: int, place: str, nursery: trio.Nursery
) -> None:
    recipient = await listening(nursery, keeps_answering(_redirect(status, place)))
    wire = HttpWire(Dialer(allow=[parse_rule(f"127.0.0.1:{recipient.port}")]))
    reply = await wire.send(a_post(recipient.url()), Watched())
    assert (reply.status, len(recipient.requests)) == (status, 1)
    await wire.aclose()


async def test_a_redirect_inside_is_not_followed_even_where_it_could_be(nursery: trio.Nursery) -> None:
    inside = await listening(nursery, keeps_answering())
    recipient = await listening(nursery, keeps_answering(_redirect(307, inside.url())))
    wire = HttpWire(Dialer(allow=LOOPBACK))
    assert (await wire.send(a_post(recipient.url()), Watched())).status == 307
    assert inside.connections == 0
    await wire.aclose()


def _redirect(status: int, place: str) -> bytes:
    return f"HTTP/1.1 {status} Elsewhere\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n".encode()


VARIABLES = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_no_proxy_of_the_environment_is_asked(
    scheme: str, nursery: trio.Nursery, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy would look names up for us, where no guard stands."""
    proxy = await listening(nursery, keeps_answering())
    for name in VARIABLES:
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    wire = HttpWire(Dialer(allow=LOOPBACK, resolve=NameServer(["10.0.0.1"]).addresses))
    with pytest.raises(NotSent) as caught:
        await wire.send(a_post(f"{scheme}://buyer.example/"), Watched())
    assert (caught.value.code, proxy.connections) == (BLOCKED, 0)


async def test_a_tls_connection_is_refused_before_the_handshake(nursery: trio.Nursery) -> None:
    recipient = await listening(nursery, until_it_leaves)
    with pytest.raises(NotSent) as caught:
        await Dialer().dial("127.0.0.1", recipient.port, secure=True)
    assert (caught.value.code, recipient.connections) == (BLOCKED, 0)


async def test_the_words_name_the_kind_of_place_and_the_way_to_open_it_but_no_host() -> None:
    with pytest.raises(NotSent) as caught:
        await Dialer(resolve=NameServer(["10.1.2.3"]).addresses).dial("secret.example", 80, secure=False)
    words = caught.value.words
    assert Closed.PRIVATE in words
    assert "egress: {allow: [NETWORK]}" in words
    assert "--allow-egress" in words
    assert "secret" not in words
    assert "10.1.2.3" not in words


async def _reaches(recipient: RawRecipient, host: str, *allow: str) -> bool:
    rules = [parse_rule(text) for text in allow]
    wire = HttpWire(Dialer(resolve=NameServer(["127.0.0.1"]).addresses, allow=rules))
    try:
        await wire.send(a_post(f"http://{host}:{recipient.port}/"), Watched())
    except NotSent as error:
        if error.code is not BLOCKED:
            raise
        return False
    finally:
        await wire.aclose()
    return True


async def test_what_is_listed_is_open_and_nothing_beside_it(nursery: trio.Nursery) -> None:
    recipient = await listening(nursery, keeps_answering())
    port = recipient.port
    assert await _reaches(recipient, "buyer.example", "127.0.0.0/8")
    assert await _reaches(recipient, "buyer.example", f"127.0.0.1:{port}")
    assert await _reaches(recipient, "Buyer.Example.", "buyer.example")
    assert await _reaches(recipient, "buyer.example", f"buyer.example:{port}")
    assert not await _reaches(recipient, "buyer.example", f"127.0.0.1:{port + 1}")
    assert not await _reaches(recipient, "buyer.example", "127.0.0.2", "10.0.0.0/8", "::1")
    assert not await _reaches(recipient, "a.buyer.example", "buyer.example", f"buyer.example:{port + 1}")


async def test_a_name_without_any_address_leads_nowhere() -> None:
    with pytest.raises(NotSent):
        await Dialer(resolve=NameServer([]).addresses, allow=LOOPBACK).dial("buyer.example", 80, secure=False)
