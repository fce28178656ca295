"""Client certificates against real TLS servers that ask for them (behaviour 4.2, 4.5)."""

import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import trio
from cryptography.hazmat.primitives import serialization

from certificates import Authority, an_authority
from leadrelay.adapters.http import http_wires
from leadrelay.auth.mtls import client_certificate
from leadrelay.auth.oauth2 import OAuth2Signer
from leadrelay.auth.refresh import RefreshTokens
from leadrelay.auth.secrets import open_secrets
from leadrelay.core.destination import Bearer, Mtls, OAuth2ClientCredentials
from leadrelay.core.errors import DeliveryError, NotSent
from leadrelay.core.exchange import Reply, Request
from leadrelay.core.outcome import ReasonCode
from leadrelay.recipients.http_server import Request as Heard
from leadrelay.recipients.http_server import Response, as_json, serve
from recipients_openssl import openssl_recipient
from recipients_raw import Visit, listening
from wires import LOOPBACK, Watched, a_post

PROOF = Mtls(certificate="cert", private_key="key")
TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


@dataclass
class Wall:
    wrong_by: float = 0.0

    def now(self) -> int:
        return time.time_ns() + round(self.wrong_by * 1e9)


@pytest.fixture(scope="module")
def servers() -> Authority:
    return an_authority()


@pytest.fixture(scope="module")
def clients() -> Authority:
    return an_authority()


class Secrets:
    """What a test stores under `cert` and `key`, and may change."""

    def __init__(self, pair: tuple[str, str]) -> None:
        self.environment: dict[str, str] = {}
        self.store(pair)
        self.found = open_secrets(None, self.environment)

    def store(self, pair: tuple[str, str]) -> None:
        self.environment["LEADRELAY_SECRET_CERT"], self.environment["LEADRELAY_SECRET_KEY"] = pair


async def sent(port: int, trusts: Authority, secrets: Secrets) -> Reply:
    """A lead over a connection of its own."""
    wire = http_wires(
        allow=LOOPBACK, tls=client_certificate((PROOF,), secrets.found, Wall(), trusts.client)
    )()
    try:
        return await wire.send(a_post(f"https://127.0.0.1:{port}/leads"), Watched())
    finally:
        await wire.aclose()


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
async def test_a_recipient_sees_who_we_are(
    version: ssl.TLSVersion, servers: Authority, clients: Authority
) -> None:
    with openssl_recipient(servers.demanding_server(clients, maximum_version=version)) as recipient:
        reply = await sent(recipient.port, servers, Secrets(clients.client_pem("acme.example")))
    assert (reply.status, reply.body) == (200, b"acme.example")


async def test_intermediate_certificates_stand_behind_ours(servers: Authority, clients: Authority) -> None:
    between = clients.intermediate()
    certificate, key = between.client_pem("acme.example")
    with openssl_recipient(servers.demanding_server(clients)) as recipient:
        reply = await sent(recipient.port, servers, Secrets((certificate + between.pem, key)))
        assert reply.body == b"acme.example"
        with pytest.raises(NotSent, match=r"does not trust the authority.*intermediate"):
            await sent(recipient.port, servers, Secrets((certificate, key)))


async def test_a_renewed_certificate_is_shown_from_the_next_connection_on(
    servers: Authority, clients: Authority
) -> None:
    secrets, seen = Secrets(clients.client_pem("old.example")), []
    tls = client_certificate((PROOF,), secrets.found, Wall(), servers.client)
    assert tls is not None
    assert await tls() is await tls(), "it is made once for as long as it stays the same"
    open_wire = http_wires(allow=LOOPBACK, tls=tls)
    with openssl_recipient(servers.demanding_server(clients)) as recipient:
        for pair in (None, clients.client_pem("new.example")):
            if pair:
                secrets.store(pair)
            wire = open_wire()
            seen.append((await wire.send(a_post(f"https://127.0.0.1:{recipient.port}/"), Watched())).body)
            await wire.aclose()
    assert seen == [b"old.example", b"new.example"]


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
async def test_a_certificate_of_another_authority_sends_no_lead_whenever_the_refusal_comes(
    version: ssl.TLSVersion, servers: Authority, clients: Authority
) -> None:
    """In TLS 1.3 it comes behind our request, which the recipient has not read: it did not arrive."""
    stranger = Secrets(an_authority().client_pem())
    with (
        openssl_recipient(servers.demanding_server(clients, maximum_version=version)) as recipient,
        pytest.raises(NotSent, match="does not trust the authority") as caught,
    ):
        await sent(recipient.port, servers, stranger)
    assert caught.value.code is ReasonCode.TLS
    assert (recipient.connections, recipient.requests) == (1, [])


@pytest.mark.parametrize(
    ("version", "words"),
    [(TLS_1_2, "no version or cipher in common"), (TLS_1_3, "wants a client certificate")],
)
async def test_a_recipient_that_wants_one_gets_no_lead_without(
    version: ssl.TLSVersion, words: str, servers: Authority, clients: Authority
) -> None:
    with openssl_recipient(servers.demanding_server(clients, maximum_version=version)) as recipient:
        wire = http_wires(allow=LOOPBACK, tls=servers.client())()
        with pytest.raises(NotSent, match=words) as caught:
            await wire.send(a_post(f"https://127.0.0.1:{recipient.port}/"), Watched())
    assert caught.value.code is ReasonCode.TLS
    assert recipient.requests == []


async def test_an_alert_behind_an_answer_is_not_taken_for_a_refusal(
    servers: Authority, clients: Authority, nursery: trio.Nursery
) -> None:
    """Whoever has begun to answer has read the lead."""

    async def answers_in_part(visit: Visit) -> None:
        await visit.read_request()
        await visit.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab")
        visit.close()

    tls = servers.demanding_server(clients)
    recipient = await listening(nursery, answers_in_part, tls=tls)
    with pytest.raises(DeliveryError) as caught:
        await sent(recipient.port, servers, Secrets(clients.client_pem()))
    assert not isinstance(caught.value, NotSent)


def wrong_pairs(clients: Authority) -> Iterator[tuple[str, tuple[str, str], str]]:
    certificate, key = clients.client_pem()
    other_certificate, other_key = clients.client_pem()
    loaded = serialization.load_pem_private_key(key.encode(), None)
    locked = loaded.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"hush"),
    ).decode()
    yield "no certificate", ("hush", key), "the secret cert is no certificate in PEM"
    yield "a key for it", (key, key), "the secret cert is no certificate in PEM"
    yield "no key", (certificate, "hush"), "the secret key is no private key in PEM"
    yield "a locked key", (certificate, locked), "the private key key is under a passphrase"
    yield "another's key", (certificate, other_key), "key does not belong to the certificate cert"
    yield "the wrong order", (other_certificate + certificate, key), "has to stand first in cert"
    yield "expired", clients.client_pem(valid=(-3, -2)), r"cert has expired on \d{4}-\d\d-\d\d; store a new"
    yield "too young", clients.client_pem(valid=(2, 3)), "cert is not valid before .*; check the clock"
    yield "missing", (certificate, ""), "the secret key is empty"


@pytest.mark.parametrize("case", [case for case, _, _ in wrong_pairs(an_authority())])
async def test_what_is_wrong_with_ours_is_said_by_name_and_bothers_nobody(
    case: str, servers: Authority, clients: Authority
) -> None:
    pair, words = next((pair, words) for each, pair, words in wrong_pairs(clients) if each == case)
    with (
        openssl_recipient(servers.demanding_server(clients)) as recipient,
        pytest.raises(NotSent, match=words) as caught,
    ):
        await sent(recipient.port, servers, Secrets(pair))
    assert caught.value.code is ReasonCode.AUTH
    assert "hush" not in caught.value.words
    assert "BEGIN E" not in caught.value.words
    assert recipient.connections == 0


async def test_a_certificate_that_expires_while_the_server_runs_is_noticed(
    servers: Authority, clients: Authority
) -> None:
    clock = Wall()
    tls = client_certificate((PROOF,), Secrets(clients.client_pem()).found, clock, servers.client)
    assert tls is not None
    await tls()
    clock.wrong_by = 2 * 86400
    with pytest.raises(NotSent, match="has expired"):
        await tls()


async def test_a_certificate_that_ends_soon_is_warned_of_once(
    servers: Authority, clients: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    secrets = Secrets(clients.client_pem(valid=(-1, 10)))
    tls = client_certificate((PROOF,), secrets.found, Wall(), servers.client)
    assert tls is not None
    for _ in range(2):
        await tls()
    assert caplog.messages == ["the client certificate cert expires in 9 day(s)"]


async def test_leads_that_want_a_connection_together_make_one_context(
    servers: Authority, clients: Authority
) -> None:
    made: list[ssl.SSLContext] = []

    def new() -> ssl.SSLContext:
        made.append(servers.client())
        return made[-1]

    tls = client_certificate((PROOF,), Secrets(clients.client_pem()).found, Wall(), new)
    assert tls is not None
    async with trio.open_nursery() as leads:
        for _ in range(20):
            leads.start_soon(tls)
    assert len(made) == 1


async def test_a_token_endpoint_may_know_us_by_the_same_certificate(
    servers: Authority, clients: Authority, nursery: trio.Nursery
) -> None:
    """RFC 8705: then the client has no secret, and only its id is in the form."""
    heard: list[bytes] = []

    async def token_endpoint(request: Heard) -> Response:
        heard.append(request.body)
        return as_json(200, {"access_token": "t-1"})

    async def run(task_status: trio.TaskStatus[int] = trio.TASK_STATUS_IGNORED) -> None:
        await serve(token_endpoint, tls=servers.demanding_server(clients), task_status=task_status)

    port = await nursery.start(run)
    secrets = Secrets(clients.client_pem()).found
    tls = client_certificate((PROOF,), secrets, Wall(), servers.client)
    proof = OAuth2ClientCredentials(token_url=f"https://127.0.0.1:{port}/token", client_id="me")
    signer = OAuth2Signer(proof, secrets, http_wires(allow=LOOPBACK, tls=tls), Wall(), RefreshTokens(secrets))
    await nursery.start(signer.run)
    signed = await signer.sign(Request(method="POST", url="https://b.example"))
    assert signed.headers == (("Authorization", "Bearer t-1"),)
    assert heard == [b"grant_type=client_credentials&client_id=me"]


def test_without_such_a_proof_there_is_no_context_of_its_own(servers: Authority) -> None:
    assert client_certificate((Bearer(token="t"),), open_secrets(None, {}), Wall(), servers.client) is None
