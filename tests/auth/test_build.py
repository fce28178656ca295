"""Several proofs as one signer, in their order."""

import pytest
import trio

from fakes import Buyer, BuyerWire, answers
from leadrelay.auth.build import signer_for
from leadrelay.auth.secrets import open_secrets
from leadrelay.core.destination import (
    ApiKey,
    Basic,
    Bearer,
    CustomHeaders,
    Hmac,
    Mtls,
    OAuth2ClientCredentials,
    Proof,
    StandardWebhooks,
)
from leadrelay.core.exchange import Reply, Request, record_request
from leadrelay.core.ports import Wire
from values import MOMENT

PLAIN = Request(method="POST", url="https://buyer.example/leads", idempotency_key="lead-7")


class Noon:
    def now(self) -> int:
        return MOMENT


CLOCK = Noon()
SECRETS = open_secrets(
    None, {"LEADRELAY_SECRET_A": "1", "LEADRELAY_SECRET_B": "2", "LEADRELAY_SECRET_WEBHOOK": "whsec_AAAA"}
)


def no_wire() -> Wire:
    raise AssertionError("nobody is asked for a token")


async def test_no_proof_leaves_the_request_as_it_is(nursery: trio.Nursery) -> None:
    signer = signer_for((), SECRETS, no_wire, CLOCK)
    await nursery.start(signer.run)
    assert await signer.sign(PLAIN) == PLAIN
    assert not signer.renew(PLAIN, Reply(status=401))


async def test_proofs_are_applied_in_order_and_a_later_one_wins() -> None:
    proofs = (
        ApiKey(key="a", header="X-Key"),
        CustomHeaders(values={"x-key": "b", "X-Id": "a"}),
        ApiKey(key="b", query="key"),
    )
    signed = await signer_for(proofs, SECRETS, no_wire, CLOCK).sign(PLAIN)
    assert signed.headers == (("x-key", "2"), ("X-Id", "1"))
    assert signed.url == "https://buyer.example/leads?key=2"


@pytest.mark.parametrize(
    "proofs",
    [
        (Bearer(token="a"), Hmac(key="b")),
        (ApiKey(key="a", query="one"), ApiKey(key="b", query="two")),
        (CustomHeaders(values={"X-A": "a", "X-B": "b"}), Basic(username="me", password="a")),
        (StandardWebhooks(keys=("webhook",)), Bearer(token="a")),
    ],
)
async def test_a_401_renews_none_of_several_proofs_whose_secrets_are_as_they_were(
    proofs: tuple[Proof, ...],
) -> None:
    """A recipient that refuses everybody was sent each lead twice."""
    signer = signer_for(proofs, SECRETS, no_wire, CLOCK)
    signed = await signer.sign(PLAIN)
    assert not signer.renew(signed, Reply(status=401))


async def test_a_token_beside_a_key_is_fetched_and_renewed(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    endpoint = Buyer(answers(body={"access_token": "t-1"}), answers(body={"access_token": "t-2"}))
    oauth = OAuth2ClientCredentials(token_url="https://id.example/token", client_id="me", client_secret="a")
    proofs = (oauth, ApiKey(key="b", header="X-Key"))
    signer = signer_for(proofs, SECRETS, lambda: BuyerWire(endpoint), CLOCK)
    await nursery.start(signer.run)
    signed = await signer.sign(PLAIN)
    assert signed.headers == (("Authorization", "Bearer t-1"), ("X-Key", "2"))
    assert signer.renew(signed, Reply(status=401))
    again = await signer.sign(signed)
    assert dict(again.headers) == {"Authorization": "Bearer t-2", "X-Key": "2"}


async def test_a_single_proof_stands_for_itself() -> None:
    signed = await signer_for((Basic(username="u", password="a"),), SECRETS, no_wire, CLOCK).sign(PLAIN)
    assert signed.headers == (("Authorization", "Basic dTox"),)


NO_SECRETS = open_secrets(None, {})  # whoever asks for one is told that there is none
OAUTH = OAuth2ClientCredentials(token_url="https://id.example/token", client_id="me", client_secret="a")


@pytest.mark.parametrize(
    "proofs",
    [
        (),
        (ApiKey(key="a", header="X-Api-Key", prefix="Token "),),
        (ApiKey(key="a", query="key"),),
        (Basic(username="u", password="a"),),
        (Bearer(token="a"),),
        (CustomHeaders(values={"X-Key": "a", "X-Id": "b"}),),
        (OAUTH,),
        (OAUTH, ApiKey(key="b", query="key"), CustomHeaders(values={"X-Key": "a"})),
        (Hmac(key="a", prefix="sha256="),),
        (StandardWebhooks(keys=("webhook", "webhook")),),
        (Mtls(certificate="a", private_key="b"), Bearer(token="a")),
    ],
)
async def test_a_shown_request_is_the_record_of_a_signed_one_without_reading_a_secret(
    proofs: tuple[Proof, ...], nursery: trio.Nursery
) -> None:
    """Behaviour 3.6: so a preview names every header and parameter that a proof will fill."""
    endpoint = Buyer(answers(body={"access_token": "t-1"}))
    signer = signer_for(proofs, SECRETS, lambda: BuyerWire(endpoint), CLOCK)
    await nursery.start(signer.run)
    signed = await signer.sign(PLAIN)
    shown = signer_for(proofs, NO_SECRETS, no_wire, CLOCK).show(PLAIN)
    assert record_request(shown) == record_request(signed)
    assert [name for name, _ in shown.headers] == [name for name, _ in signed.headers]
