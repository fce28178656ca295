"""Every grant against a real authorization server over real HTTP (behaviour 4.2)."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import trio
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import RSAKey

from auth.vaults import OLD, a_vault
from authorization_server import Client, Issuer
from leadrelay.adapters.http import http_wires
from leadrelay.auth.oauth2 import OAuth2Signer
from leadrelay.auth.refresh import RefreshTokens
from leadrelay.auth.secrets import Secrets, open_secrets
from leadrelay.auth.sources import StoreFirst
from leadrelay.core.destination import (
    ClientAuthMethod,
    OAuth2,
    OAuth2ClientCredentials,
    OAuth2JwtBearer,
    OAuth2Password,
    OAuth2RefreshToken,
)
from leadrelay.core.errors import NotSent
from leadrelay.core.exchange import Request
from leadrelay.core.outcome import ReasonCode
from leadrelay.recipients.http_server import Request as Heard
from leadrelay.recipients.http_server import Response, serve
from recipients_raw import deaf_port
from wires import LOOPBACK, Watched

PRIVATE_KEY = rsa.generate_private_key(65537, 2048)
PEM = PRIVATE_KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()


@dataclass
class Wall:
    """The real time, or one that is wrong by some seconds."""

    wrong_by: float = 0.0

    def now(self) -> int:
        return time.time_ns() + round(self.wrong_by * 1e9)


@dataclass
class Scene:
    """An issuer on a port, and signers of ours that ask it."""

    issuer: Issuer
    nursery: trio.Nursery
    secrets: Secrets
    port: int
    clock: Wall = field(default_factory=Wall)

    async def signer(self, proof: OAuth2, tokens: RefreshTokens | None = None) -> OAuth2Signer:
        wires, kept = http_wires(allow=LOOPBACK), tokens or RefreshTokens(self.secrets)
        at = replace(proof, token_url=f"http://127.0.0.1:{self.port}/token")
        signer = OAuth2Signer(at, self.secrets, wires, self.clock, kept)
        await self.nursery.start(signer.run)
        return signer

    async def deliver(self, signer: OAuth2Signer) -> int:
        """As an attempt does: sign, send, and once more after a 401."""
        wire = http_wires(allow=LOOPBACK)()
        request = await signer.sign(Request(method="POST", url=f"http://127.0.0.1:{self.port}/leads"))
        reply = await wire.send(request, Watched())
        if signer.renew(request, reply):
            reply = await wire.send(await signer.sign(request), Watched())
        await wire.aclose()
        return reply.status

    async def deliver_all(self, signer: OAuth2Signer, count: int) -> list[int]:
        statuses: list[int] = []

        async def one() -> None:
            statuses.append(await self.deliver(signer))

        async with trio.open_nursery() as leads:
            for _ in range(count):
                leads.start_soon(one)
        return statuses


@asynccontextmanager
async def a_scene(issuer: Issuer, *, secrets: Secrets | None = None, **values: str) -> AsyncIterator[Scene]:
    held = {"secret": "hush", "password": "lovelace", "key": PEM, **values}
    found = open_secrets(None, {f"LEADRELAY_SECRET_{name.upper()}": value for name, value in held.items()})
    async with trio.open_nursery() as nursery:
        port = await nursery.start(serve, issuer.hear)
        yield Scene(issuer, nursery, secrets or found, port)
        nursery.cancel_scope.cancel()


def an_issuer() -> Issuer:
    return Issuer(public_key=RSAKey(PRIVATE_KEY.public_key(), PRIVATE_KEY.public_key()))


BY_CLIENT = OAuth2ClientCredentials(token_url="", client_id="me", client_secret="secret")
BY_PASSWORD = OAuth2Password(
    token_url="", client_id="me", client_secret="secret", username="ada", password="password"
)
BY_REFRESH = OAuth2RefreshToken(token_url="", client_id="me", client_secret="secret", refresh_token="refresh")
BY_ASSERTION = OAuth2JwtBearer(
    token_url="", client_id="me", username="ada", private_key="key", audience="https://login.example"
)
ALL: list[OAuth2] = [BY_CLIENT, BY_PASSWORD, BY_REFRESH, BY_ASSERTION]
each_grant = pytest.mark.parametrize("proof", ALL, ids=lambda proof: type(proof).__name__)


@each_grant
async def test_thirty_leads_at_once_make_one_token_request(proof: OAuth2) -> None:
    issuer = an_issuer()
    async with a_scene(issuer, refresh=issuer.a_refresh_token()) as scene:
        statuses = await scene.deliver_all(await scene.signer(proof), 30)
    assert statuses == [200] * 30
    assert len(issuer.asked) == 1


@each_grant
async def test_a_revoked_token_is_replaced_by_exactly_one_other(proof: OAuth2) -> None:
    issuer = an_issuer()
    async with a_scene(issuer, refresh=issuer.a_refresh_token()) as scene:
        signer = await scene.signer(proof)
        await scene.deliver(signer)
        issuer.access_tokens.clear()
        statuses = await scene.deliver_all(signer, 10)
    assert statuses == [200] * 10
    assert len(issuer.asked) == 2


@each_grant
async def test_a_recipient_that_refuses_every_token_costs_one_more_and_no_flood(proof: OAuth2) -> None:
    issuer = an_issuer()

    async def forgets() -> None:
        issuer.access_tokens.clear()

    issuer.after = forgets
    async with a_scene(issuer, refresh=issuer.a_refresh_token()) as scene:
        statuses = await scene.deliver_all(await scene.signer(proof), 10)
    assert statuses == [401] * 10
    assert len(issuer.asked) == 2


@each_grant
async def test_an_answer_without_expires_in_is_good_for_the_default(proof: OAuth2) -> None:
    """As Salesforce's is."""
    issuer = an_issuer()
    issuer.expires_in = None
    async with a_scene(issuer, refresh=issuer.a_refresh_token()) as scene:
        signer = await scene.signer(replace(proof, default_lifetime=300.0))
        assert [await scene.deliver(signer) for _ in range(3)] == [200] * 3
    assert len(issuer.asked) == 1


@each_grant
async def test_a_token_is_had_again_when_it_expires(proof: OAuth2) -> None:
    issuer = an_issuer()
    issuer.expires_in = 1
    async with a_scene(issuer, refresh=issuer.a_refresh_token()) as scene:
        signer = await scene.signer(proof)
        await scene.deliver(signer)
        await trio.sleep(1.05)
        await scene.deliver(signer)
    assert issuer.leads == ["t-1", "t-2"]


async def html(_request: Heard) -> Response:
    return Response(200, b"<html>Sign in, please</html>", "text/html")


async def html_error(_request: Heard) -> Response:
    return Response(503, b"<html>Back soon</html>", "text/html")


@each_grant
@pytest.mark.parametrize(("first", "words"), [(html, "no access_token"), (html_error, "status 503")])
async def test_a_token_endpoint_that_answers_html_sends_no_lead(
    proof: OAuth2, first: Callable[[Heard], Awaitable[Response]], words: str
) -> None:
    issuer = an_issuer()
    issuer.first = first
    async with a_scene(issuer, refresh=issuer.a_refresh_token()) as scene:
        signer = await scene.signer(proof)
        for _ in range(2):  # the second is told at once: the endpoint is left alone for a while
            with pytest.raises(NotSent, match=words) as caught:
                await scene.deliver(signer)
            assert caught.value.code is ReasonCode.AUTH
            assert "html" not in caught.value.words
    assert (len(issuer.asked), issuer.leads) == (1, [])


@each_grant
async def test_a_token_endpoint_that_is_down_sends_no_lead(proof: OAuth2) -> None:
    async with a_scene(an_issuer(), refresh="r") as scene:
        with deaf_port() as port:
            signer = await replace(scene, port=port).signer(proof)
            with pytest.raises(NotSent, match="connection refused") as caught:
                await scene.deliver(signer)
    assert caught.value.code is ReasonCode.AUTH


@each_grant
async def test_a_lead_that_gives_up_on_a_slow_endpoint_leaves_the_token_to_the_others(proof: OAuth2) -> None:
    issuer, goes_on = an_issuer(), trio.Event()
    issuer.after = goes_on.wait
    async with a_scene(issuer, refresh=issuer.a_refresh_token()) as scene:
        signer = await scene.signer(proof)
        with trio.move_on_after(0.1) as gave_up:
            await scene.deliver(signer)
        assert gave_up.cancelled_caught
        goes_on.set()
        assert await scene.deliver(signer) == 200
    assert len(issuer.asked) == 1


@pytest.mark.parametrize("method", ClientAuthMethod)
async def test_a_client_shows_its_secret_in_either_way(method: ClientAuthMethod) -> None:
    issuer = an_issuer()
    async with a_scene(issuer) as scene:
        signer = await scene.signer(replace(BY_PASSWORD, client_auth=method, scopes=("leads", "write")))
        assert await scene.deliver(signer) == 200
    assert issuer.asked[0]["scope"] == "leads write"


async def test_a_client_without_a_secret_names_itself() -> None:
    issuer = an_issuer()
    issuer.client = Client(secret="")
    async with a_scene(issuer, refresh=issuer.a_refresh_token()) as scene:
        assert await scene.deliver(await scene.signer(replace(BY_REFRESH, client_secret=""))) == 200
    assert issuer.asked[0]["client_id"] == "me"


async def test_a_wrong_password_is_told_without_it() -> None:
    async with a_scene(an_issuer(), password="hunter2") as scene:
        with pytest.raises(NotSent, match=r"\(invalid_request\) with status 400") as caught:
            await scene.deliver(await scene.signer(BY_PASSWORD))
    assert "hunter2" not in caught.value.words


# Refresh tokens of one use.


async def test_a_new_refresh_token_is_in_use_after_a_restart(tmp_path: Path) -> None:
    """It is stored before a lead is told of the access token that came with it."""
    issuer = an_issuer()
    issuer.rotates = True
    outside = open_secrets(
        None, {"LEADRELAY_SECRET_SECRET": "hush", "LEADRELAY_SECRET_REFRESH": issuer.a_refresh_token()}
    )
    for run in (1, 2, 3):
        async with a_vault(tmp_path, OLD) as vault:
            secrets = StoreFirst(vault, outside)
            async with a_scene(issuer, secrets=secrets) as scene:
                signer = await scene.signer(BY_REFRESH, RefreshTokens(secrets, vault))
                assert await scene.deliver(signer) == 200
            assert secrets.get("refresh") == f"r-{run + 1}"
    assert [form["refresh_token"] for form in issuer.asked] == ["r-1", "r-2", "r-3"]


async def test_a_caller_that_gives_up_does_not_lose_the_new_refresh_token(tmp_path: Path) -> None:
    issuer, goes_on = an_issuer(), trio.Event()
    issuer.rotates, issuer.after = True, goes_on.wait
    async with a_vault(tmp_path, OLD) as vault:
        await vault.put("refresh", issuer.a_refresh_token())
        await vault.put("secret", "hush")
        async with a_scene(issuer, secrets=vault) as scene:
            signer = await scene.signer(BY_REFRESH, RefreshTokens(vault, vault))
            with trio.move_on_after(0.1):
                await scene.deliver(signer)
            assert vault.get("refresh") == "r-1"
            goes_on.set()
            await scene.deliver(signer)
        assert vault.get("refresh") == "r-2"
    assert len(issuer.asked) == 1


async def test_a_destination_that_closes_does_not_lose_it_either(tmp_path: Path) -> None:
    """The issuer has spent the old one already; nobody else knows the new one."""
    issuer, goes_on, has_decided = an_issuer(), trio.Event(), trio.Event()

    async def holds_the_answer() -> None:
        has_decided.set()
        await goes_on.wait()

    issuer.rotates, issuer.after = True, holds_the_answer
    async with a_vault(tmp_path, OLD) as vault:
        await vault.put("refresh", issuer.a_refresh_token())
        await vault.put("secret", "hush")
        async with a_scene(issuer, secrets=vault) as scene:
            async with trio.open_nursery() as outlet:
                signer = await replace(scene, nursery=outlet).signer(BY_REFRESH, RefreshTokens(vault, vault))
                outlet.start_soon(signer.sign, Request(method="POST", url="https://b.example"))
                await has_decided.wait()
                outlet.cancel_scope.cancel()
                goes_on.set()
            assert vault.get("refresh") == "r-2"
            assert await scene.deliver(await scene.signer(BY_REFRESH, RefreshTokens(vault, vault))) == 200


async def test_destinations_with_one_refresh_token_take_turns_with_it() -> None:
    """Shown twice, it would cost all of them their authorization."""
    issuer = an_issuer()
    issuer.rotates = True
    async with a_scene(issuer, refresh=issuer.a_refresh_token()) as scene:
        tokens = RefreshTokens(scene.secrets)
        signers = [await scene.signer(BY_REFRESH, tokens) for _ in range(5)]
        statuses: list[int] = []

        async def one(signer: OAuth2Signer) -> None:
            statuses.append(await scene.deliver(signer))

        async with trio.open_nursery() as leads:
            for signer in signers:
                leads.start_soon(one, signer)
    assert statuses == [200] * 5
    assert [form["refresh_token"] for form in issuer.asked] == [f"r-{number}" for number in range(1, 6)]


async def test_a_refresh_token_that_is_no_longer_good_is_named_with_what_to_do() -> None:
    issuer = an_issuer()
    refresh = issuer.a_refresh_token()
    issuer.revoke_everything()
    async with a_scene(issuer, refresh=refresh) as scene:
        with pytest.raises(NotSent, match="leadrelay secrets put refresh") as caught:
            await scene.deliver(await scene.signer(BY_REFRESH))
    assert "invalid_grant" in caught.value.words
    assert refresh not in caught.value.words


# Assertions, as Salesforce takes them.


async def test_an_assertion_says_who_for_whom_to_whom_and_how_long() -> None:
    issuer = an_issuer()
    async with a_scene(issuer) as scene:
        signer = await scene.signer(replace(BY_ASSERTION, scopes=("api", "web")))
        await scene.deliver(signer)
        issuer.access_tokens.clear()
        await scene.deliver(signer)
    first, second = issuer.assertions
    assert (first["iss"], first["sub"], first["aud"]) == ("me", "ada", "https://login.example")
    assert first["iat"] <= time.time() < first["exp"] <= first["iat"] + 180
    assert first["scope"] == "api web"
    assert first["jti"] != second["jti"], "an assertion is shown once"
    assert issuer.asked[0].keys() == {"grant_type", "assertion", "scope"}


async def test_an_assertion_is_for_the_token_endpoint_unless_another_audience_is_named() -> None:
    issuer = an_issuer()
    async with a_scene(issuer) as scene:
        issuer.audience = f"http://127.0.0.1:{scene.port}/token"
        assert await scene.deliver(await scene.signer(replace(BY_ASSERTION, audience=""))) == 200


@pytest.mark.parametrize("wrong_by", [-90.0, 25.0])
async def test_a_clock_that_is_a_little_wrong_does_not_matter(wrong_by: float) -> None:
    issuer = an_issuer()
    async with a_scene(issuer) as scene:
        scene.clock.wrong_by = wrong_by
        assert await scene.deliver(await scene.signer(BY_ASSERTION)) == 200
    assert len(issuer.asked) == 1


@pytest.mark.parametrize(("wrong_by", "words"), [(-3600.0, "ahead of ours"), (3600.0, "behind ours")])
async def test_a_clock_that_is_wrong_is_corrected_by_the_endpoints_and_told(
    wrong_by: float, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    issuer = an_issuer()
    async with a_scene(issuer) as scene:
        scene.clock.wrong_by = wrong_by
        signer = await scene.signer(BY_ASSERTION)
        assert await scene.deliver(signer) == 200
        issuer.access_tokens.clear()
        assert await scene.deliver(signer) == 200
    assert len(issuer.asked) == 3, "the correction is remembered"
    assert words in caplog.text


async def test_an_assertion_that_no_clock_can_help_is_refused_with_the_difference() -> None:
    issuer = an_issuer()
    async with a_scene(issuer) as scene:
        scene.clock.wrong_by = -3600
        with pytest.raises(NotSent, match=r"invalid_grant.* 3[56]\d\d s ahead of ours; check the clock"):
            await scene.deliver(await scene.signer(replace(BY_ASSERTION, username="nobody")))
    assert len(issuer.asked) == 2


async def test_a_key_of_somebody_else_is_refused_once() -> None:
    issuer = an_issuer()
    other = rsa.generate_private_key(65537, 2048).public_key()
    issuer.public_key = RSAKey(other, other)
    async with a_scene(issuer) as scene:
        with pytest.raises(NotSent, match="invalid_grant"):
            await scene.deliver(await scene.signer(BY_ASSERTION))
    assert len(issuer.asked) == 1
