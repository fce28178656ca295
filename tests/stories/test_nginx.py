"""Our connections against nginx, the server that most recipients stand behind (behaviour 4.1, 4.2, 4.5)."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
import pytest
import trio

from certificates import Authority, an_authority
from leadrelay.adapters.dial import HTTP2, Dialer
from leadrelay.adapters.http import HttpWire
from leadrelay.adapters.http2 import speak_http2
from leadrelay.core.errors import NoAnswer
from leadrelay.core.exchange import Reply, Request
from leadrelay.core.outcome import ReasonCode
from nginx import needs_nginx, nginx
from wires import LOOPBACK, Watched, a_post

pytestmark = needs_nginx

WHO = """location / { return 200 '{"connection":"$connection","requests":"$connection_requests"}'; }"""


def a_wire(authority: Authority | None = None, own: tuple[str, str] | None = None) -> HttpWire:
    """One that trusts an authority, and shows a certificate of its own."""
    context = None if authority is None else authority.client()
    if context is not None and own is not None:
        with TemporaryDirectory() as folder:  # `ssl` loads keys from files only
            pem = Path(folder, "own.pem")
            pem.write_text("".join(own))
            context.load_cert_chain(pem)
    return HttpWire(Dialer(tls=context, allow=LOOPBACK))


async def answer(wire: HttpWire, url: str, body: bytes = b"{}") -> Reply:
    return await wire.send(a_post(url, body), Watched())


async def connections(wire: HttpWire, url: str, requests: int) -> list[str]:
    """Which connection each of so many requests went over."""
    return [orjson.loads((await answer(wire, url)).body)["connection"] for _ in range(requests)]


async def test_three_hundred_leads_go_over_one_connection(tmp_path: Path) -> None:
    with nginx(tmp_path, WHO) as recipient:
        wire = a_wire()
        assert len(set(await connections(wire, recipient.url(), 300))) == 1
        await wire.aclose()


async def test_a_connection_that_nginx_has_had_enough_of_is_followed_by_another_without_a_failure(
    tmp_path: Path,
) -> None:
    with nginx(tmp_path, f"keepalive_requests 3;\n{WHO}") as recipient:
        wire = a_wire()
        used = await connections(wire, recipient.url(), 9)
        assert [used.count(each) for each in dict.fromkeys(used)] == [3, 3, 3]
        await wire.aclose()


async def test_a_reload_of_nginx_costs_no_lead(tmp_path: Path) -> None:
    with nginx(tmp_path, WHO) as recipient:
        wire = a_wire()
        before = await connections(wire, recipient.url(), 3)
        recipient.reload()
        for _ in range(200):  # until the old worker has let go
            if (await connections(wire, recipient.url(), 1))[0] != before[0]:
                break
            await trio.sleep(0.01)
        else:
            pytest.fail("the old worker never let go")
        assert len(set(await connections(wire, recipient.url(), 5))) == 1
        await wire.aclose()


@pytest.mark.parametrize(
    ("location", "status"),
    [
        ("proxy_pass http://127.0.0.1:1;", 502),
        ("return 503;", 503),
        ("return 301 https://elsewhere.example/;", 301),
        ("return 204;", 204),
        ("deny all;", 403),
        ("client_max_body_size 10;", 413),
    ],
)
async def test_what_nginx_says_in_place_of_the_recipient_is_an_answer_as_it_came(
    location: str, status: int, tmp_path: Path
) -> None:
    with nginx(tmp_path, f"location / {{ {location} }}") as recipient:
        wire = a_wire()
        reply = await answer(wire, recipient.url(), b"x" * 200_000)
        assert reply.status == status
        assert (await answer(wire, recipient.url(), b"x" * 200_000)).status == status
        await wire.aclose()


async def test_a_connection_that_nginx_drops_without_a_word_leaves_the_lead_unknown(tmp_path: Path) -> None:
    with nginx(tmp_path, "location /drop { return 444; }\n" + WHO) as recipient:
        wire = a_wire()
        with pytest.raises(NoAnswer) as caught:
            await answer(wire, recipient.url("/drop"))
        assert caught.value.code is ReasonCode.RESET
        assert (await answer(wire, recipient.url())).status == 200
        await wire.aclose()


DEMANDING = """\
ssl_client_certificate {folder}/clients.pem;
ssl_verify_client on;
location / {{ return 200 '{{"you":"$ssl_client_s_dn"}}'; }}
"""


@pytest.mark.parametrize(
    ("own", "status", "said"),
    [
        (lambda clients: clients.client_pem("buyer-7"), 200, b"CN=buyer-7"),
        (lambda clients: None, 400, b"No required SSL certificate was sent"),
        (lambda clients: an_authority().client_pem("stranger"), 400, b"The SSL certificate error"),
        (lambda clients: clients.client_pem("old", valid=(-9, -2)), 400, b"The SSL certificate error"),
    ],
    ids=["right", "none", "unknown authority", "expired"],
)
async def test_a_client_certificate_is_shown_to_nginx_and_judged_by_it(
    own: Callable[[Authority], tuple[str, str] | None], status: int, said: bytes, tmp_path: Path
) -> None:
    servers, clients = an_authority(), an_authority()
    (tmp_path / "clients.pem").write_text(clients.pem)
    with nginx(tmp_path, DEMANDING.format(folder=tmp_path), tls=servers) as recipient:
        wire = a_wire(servers, own(clients))
        reply = await answer(wire, recipient.url())
        assert reply.status == status
        assert said in reply.body
        await wire.aclose()


async def test_leads_go_over_one_connection_of_tls_too(tmp_path: Path) -> None:
    authority = an_authority()
    with nginx(tmp_path, WHO, tls=authority) as recipient:
        wire = a_wire(authority)
        assert len(set(await connections(wire, recipient.url(), 100))) == 1
        await wire.aclose()


async def test_http2_of_nginx_is_spoken(tmp_path: Path) -> None:
    authority = an_authority()
    says = """location / { return 200 '{"connection":"$connection","protocol":"$server_protocol"}'; }"""
    with nginx(tmp_path, says, tls=authority, http2=True) as recipient:
        context = authority.client()
        context.set_alpn_protocols([HTTP2])
        wire = HttpWire(Dialer(tls=context, allow=LOOPBACK), speak=speak_http2)
        replies = [orjson.loads((await answer(wire, recipient.url())).body) for _ in range(20)]
        assert {reply["protocol"] for reply in replies} == {"HTTP/2.0"}
        assert len({reply["connection"] for reply in replies}) == 1
        big = Request(method="POST", url=recipient.url(), body=b"x" * 300_000)
        assert (await wire.send(big, Watched())).status == 200
        await wire.aclose()
