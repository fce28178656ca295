"""OAuth 2.0 against a real token endpoint and a real recipient (behaviour 4.2)."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
import trio
from trio.testing import MockClock

from fakes import Buyer, BuyerWire, TrioClock, answers, breaks, refuses
from leadrelay.adapters.http import HttpWire, http_wires
from leadrelay.auth.oauth2 import OAuth2Signer
from leadrelay.auth.refresh import RefreshTokens
from leadrelay.auth.secrets import Secrets, open_secrets
from leadrelay.core.destination import OAuth2, OAuth2ClientCredentials
from leadrelay.core.errors import NotSent
from leadrelay.core.exchange import Reply, Request, record_request
from leadrelay.core.masking import MASK
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.ports import Wire
from leadrelay.recipients.http_server import Request as Heard
from leadrelay.recipients.http_server import Response, as_json, serve
from recipients_raw import deaf_port
from wires import LOOPBACK, Watched

SECRETS = open_secrets(None, {"LEADRELAY_SECRET_CRM": "hush"})
PLAIN = Request(method="POST", url="https://buyer.example/leads")


@dataclass
class Platform:
    """A token endpoint and the recipient that knows its tokens."""

    good: set[str] = field(default_factory=set)
    token_requests: list[Heard] = field(default_factory=list)
    leads: list[str] = field(default_factory=list)

    async def hear(self, request: Heard) -> Response:
        if request.path != "/token":
            token = request.headers.get("authorization", "").removeprefix("Bearer ")
            self.leads.append(token)
            return as_json(200 if token in self.good else 401, {})
        self.token_requests.append(request)
        if request.headers.get("authorization") != "Basic bWU6aHVzaA==":
            return as_json(401, {"error": "invalid_client"})
        await trio.sleep(0.02)
        self.good.add(token := f"t-{len(self.token_requests)}")
        return as_json(200, {"access_token": token, "token_type": "Bearer", "expires_in": 3600})


def a_signer(proof: OAuth2, secrets: Secrets, open_wire: Callable[[], Wire]) -> OAuth2Signer:
    return OAuth2Signer(proof, secrets, open_wire, TrioClock(), RefreshTokens(secrets))


def a_proof(token_url: str, *, client_id: str = "me") -> OAuth2ClientCredentials:
    return OAuth2ClientCredentials(token_url=token_url, client_id=client_id, client_secret="crm")


async def test_leads_share_a_token_and_a_revoked_one_is_replaced_once(nursery: trio.Nursery) -> None:
    platform = Platform()
    port = await nursery.start(serve, platform.hear)
    signer = a_signer(a_proof(f"http://127.0.0.1:{port}/token"), SECRETS, http_wires(allow=LOOPBACK))
    await nursery.start(signer.run)
    statuses = []

    async def deliver() -> None:
        """As an attempt does: sign, send, and once more after a 401."""
        wire = http_wires(allow=LOOPBACK)()
        request = await signer.sign(Request(method="POST", url=f"http://127.0.0.1:{port}/leads"))
        reply = await wire.send(request, Watched())
        if signer.renew(request, reply):
            reply = await wire.send(await signer.sign(request), Watched())
        statuses.append(reply.status)
        await wire.aclose()

    for _ in range(2):
        async with trio.open_nursery() as leads:
            for _ in range(10):
                leads.start_soon(deliver)
        platform.good.clear()
    assert statuses == [200] * 20
    assert len(platform.token_requests) == 2
    assert platform.leads.count("t-1") == 20
    assert platform.token_requests[0].body == b"grant_type=client_credentials"


async def test_a_signed_request_shows_its_token_once_and_no_record_shows_it(nursery: trio.Nursery) -> None:
    endpoint = Buyer(answers(body={"access_token": "t-1"}))
    signer = a_signer(a_proof("https://id.example/token"), SECRETS, lambda: BuyerWire(endpoint))
    await nursery.start(signer.run)
    signed = await signer.sign(await signer.sign(PLAIN))
    assert signed.headers == (("Authorization", "Bearer t-1"),)
    assert record_request(signed).headers == (("Authorization", MASK),)


@pytest.mark.parametrize("status", [200, 400, 403, 500])
async def test_only_a_401_means_that_a_token_is_no_longer_good(status: int, nursery: trio.Nursery) -> None:
    endpoint = Buyer(answers(body={"access_token": "t-1"}))
    signer = a_signer(a_proof("https://id.example/token"), SECRETS, lambda: BuyerWire(endpoint))
    await nursery.start(signer.run)
    signed = await signer.sign(PLAIN)
    assert not signer.renew(signed, Reply(status=status))
    assert not signer.renew(PLAIN, Reply(status=401))
    assert signer.renew(signed, Reply(status=401))


async def test_a_token_endpoint_that_refuses_is_told_by_its_code(nursery: trio.Nursery) -> None:
    port = await nursery.start(serve, Platform().hear)
    proof = a_proof(f"http://127.0.0.1:{port}/token", client_id="somebody else")
    signer = a_signer(proof, SECRETS, http_wires(allow=LOOPBACK))
    await nursery.start(signer.run)
    with pytest.raises(NotSent, match=r"invalid_client.* 401; .*`client_auth: post`") as caught:
        await signer.sign(PLAIN)
    assert caught.value.code is ReasonCode.AUTH


async def test_a_token_endpoint_that_is_down_does_not_send_the_lead(nursery: trio.Nursery) -> None:
    with deaf_port() as port:
        signer = a_signer(a_proof(f"http://127.0.0.1:{port}/token"), SECRETS, http_wires(allow=LOOPBACK))
        await nursery.start(signer.run)
        with pytest.raises(NotSent, match="refused") as caught:
            await signer.sign(PLAIN)
    assert caught.value.code is ReasonCode.AUTH
    assert str(port) not in caught.value.words


@pytest.mark.parametrize("act", [refuses, breaks])
async def test_a_lost_token_request_is_no_lost_lead(
    act: object, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """Whatever becomes of the token request, the lead itself has not left."""
    endpoint = Buyer(act, answers(body={"access_token": "t-2"}))  # type: ignore[arg-type]
    wires: list[BuyerWire] = []

    def open_wire() -> BuyerWire:
        wires.append(BuyerWire(endpoint))
        return wires[-1]

    signer = a_signer(a_proof("https://id.example/token"), SECRETS, open_wire)
    await nursery.start(signer.run)
    with pytest.raises(NotSent) as caught:
        await signer.sign(PLAIN)
    assert caught.value.code is ReasonCode.AUTH
    await trio.sleep(1)
    assert (await signer.sign(PLAIN)).headers == (("Authorization", "Bearer t-2"),)
    assert [wire.is_closed for wire in wires] == [True, True]


async def test_a_secret_that_comes_late_is_taken_up(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    environment: dict[str, str] = {}
    endpoint = Buyer(answers(body={"access_token": "t-1"}))
    signer = a_signer(
        a_proof("https://id.example/token"), open_secrets(None, environment), lambda: BuyerWire(endpoint)
    )
    await nursery.start(signer.run)
    with pytest.raises(NotSent, match="LEADRELAY_SECRET_CRM"):
        await signer.sign(PLAIN)
    environment["LEADRELAY_SECRET_CRM"] = "hush"
    await trio.sleep(1)
    await signer.sign(PLAIN)
    assert dict(endpoint.requests[0].headers)["Authorization"] == "Basic bWU6aHVzaA=="


async def test_the_wires_for_tokens_are_bounded(nursery: trio.Nursery) -> None:
    wire = http_wires(allow=LOOPBACK, max_reply=1024)()
    assert isinstance(wire, HttpWire)

    async def chatter(request: Heard) -> Response:
        return Response(200, b"x" * 2000)

    port = await nursery.start(serve, chatter)
    signer = a_signer(a_proof(f"http://127.0.0.1:{port}/token"), SECRETS, lambda: wire)
    await nursery.start(signer.run)
    with pytest.raises(NotSent, match="larger"):
        await signer.sign(PLAIN)
