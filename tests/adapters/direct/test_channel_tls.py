"""Over TLS the peer is who it says it is, and so are we where it asks (behaviour 4.2, 9)."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import grpc
import pytest
import trio

from certificates import Authority, an_authority
from leadrelay.adapters.registry import adapter_for
from leadrelay.core.destination import Destination, Direct
from leadrelay.core.errors import NotSent
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.ports import Wire
from peers import Peer, a_peer, a_request, accepted, settled, tells
from values import a_destination
from wires import LOOPBACK, Watched

OURS, OTHERS = an_authority(), an_authority()


def a_context(
    trusts: Authority, certificate: tuple[str, str] | None = None, folder: Path | None = None
) -> ssl.SSLContext:
    context = trusts.client()
    context.set_alpn_protocols(["h2"])
    if certificate and folder:
        (folder / "pair.pem").write_text("".join(certificate))
        context.load_cert_chain(folder / "pair.pem")
    return context


def credentials(name: str = "127.0.0.1", clients: Authority | None = None) -> grpc.ServerCredentials:
    certificate, key = OURS.client_pem(name)
    root = clients.pem.encode() if clients else None
    return grpc.ssl_server_credentials(
        [(key.encode(), certificate.encode())], root, require_client_auth=clients is not None
    )


@asynccontextmanager
async def a_wire_to(peer: Peer, tls: ssl.SSLContext) -> AsyncIterator[Wire]:
    direct = Direct(flow="loans", host="127.0.0.1", port=peer.port)
    destination: Destination = replace(a_destination("peer"), protocol=direct, egress=LOOPBACK)
    adapter = adapter_for(destination, tls=tls)
    async with trio.open_nursery() as nursery:
        await nursery.start(adapter.run)
        yield adapter.open()
        nursery.cancel_scope.cancel()


async def test_a_peer_that_proves_who_it_is_gets_the_lead() -> None:
    async with (
        a_peer(tells(accepted(), settled()), tls=credentials()) as peer,
        a_wire_to(peer, a_context(OURS)) as wire,
    ):
        assert (await wire.send(a_request(), Watched())).status == 200
    assert peer.calls == ["Deliver"]


@pytest.mark.parametrize(
    ("name", "trusts"), [("127.0.0.1", OTHERS), ("other.example", OURS)], ids=["unknown", "another's"]
)
async def test_a_peer_that_does_not_gets_nothing(name: str, trusts: Authority) -> None:
    progress = Watched()
    async with (
        a_peer(tells(accepted(), settled()), tls=credentials(name)) as peer,
        a_wire_to(peer, a_context(trusts)) as wire,
    ):
        with pytest.raises(NotSent) as caught:
            await wire.send(a_request(), progress)
    assert (caught.value.code, progress.sent, peer.calls) == (ReasonCode.TLS, 0, [])


async def test_a_peer_that_speaks_no_tls_gets_nothing() -> None:
    async with a_peer(tells(accepted(), settled())) as peer, a_wire_to(peer, a_context(OURS)) as wire:
        with pytest.raises(NotSent) as caught:
            await wire.send(a_request(), Watched())
    assert caught.value.code is ReasonCode.TLS


async def test_a_peer_that_asks_for_our_certificate_is_shown_it(tmp_path: Path) -> None:
    async with a_peer(tells(accepted(), settled()), tls=credentials(clients=OTHERS)) as peer:
        ours = a_context(OURS, OTHERS.client_pem(), tmp_path)
        async with a_wire_to(peer, ours) as wire:
            assert (await wire.send(a_request(), Watched())).status == 200


async def test_a_peer_that_does_not_take_our_certificate_gets_nothing(tmp_path: Path) -> None:
    """TLS 1.3 refuses only behind the handshake, gRPC's without a word; but no lead leaves before HTTP/2."""
    progress = Watched()
    async with (
        a_peer(tells(accepted(), settled()), tls=credentials(clients=OTHERS)) as peer,
        a_wire_to(peer, a_context(OURS)) as wire,
    ):
        with pytest.raises(NotSent) as caught:
            await wire.send(a_request(), progress)
    assert (progress.sent, peer.calls) == (0, [])
    assert caught.value.code in (ReasonCode.TLS, ReasonCode.PROTOCOL)
    assert "client certificate" in caught.value.words
