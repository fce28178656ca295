"""Several proofs as one signer, in their order."""

import trio

from fakes import Buyer, BuyerWire, answers
from leadrelay.auth.build import signer_for
from leadrelay.auth.secrets import open_secrets
from leadrelay.core.destination import ApiKey, Basic, CustomHeaders, OAuth2ClientCredentials
from leadrelay.core.exchange import Reply, Request
from leadrelay.core.ports import Wire

PLAIN = Request(method="POST", url="https://buyer.example/leads")
SECRETS = open_secrets(None, {"LEADRELAY_SECRET_A": "1", "LEADRELAY_SECRET_B": "2"})


def no_wire() -> Wire:
    raise AssertionError("nobody is asked for a token")


async def test_no_proof_leaves_the_request_as_it_is(nursery: trio.Nursery) -> None:
    signer = signer_for((), SECRETS, no_wire)
    await nursery.start(signer.run)
    assert await signer.sign(PLAIN) == PLAIN
    assert not signer.renew(PLAIN, Reply(status=401))


async def test_proofs_are_applied_in_order_and_a_later_one_wins() -> None:
    proofs = (
        ApiKey(key="a", header="X-Key"),
        CustomHeaders(values={"x-key": "b", "X-Id": "a"}),
        ApiKey(key="b", query="key"),
    )
    signed = await signer_for(proofs, SECRETS, no_wire).sign(PLAIN)
    assert signed.headers == (("x-key", "2"), ("X-Id", "1"))
    assert signed.url == "https://buyer.example/leads?key=2"


async def test_a_token_beside_a_key_is_fetched_and_renewed(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    endpoint = Buyer(answers(body={"access_token": "t-1"}), answers(body={"access_token": "t-2"}))
    oauth = OAuth2ClientCredentials(token_url="https://id.example/token", client_id="me", client_secret="a")
    proofs = (oauth, ApiKey(key="b", header="X-Key"))
    signer = signer_for(proofs, SECRETS, lambda: BuyerWire(endpoint))
    await nursery.start(signer.run)
    signed = await signer.sign(PLAIN)
    assert signed.headers == (("Authorization", "Bearer t-1"), ("X-Key", "2"))
    assert signer.renew(signed, Reply(status=401))
    again = await signer.sign(signed)
    assert dict(again.headers) == {"Authorization": "Bearer t-2", "X-Key": "2"}


async def test_a_single_proof_stands_for_itself() -> None:
    signed = await signer_for((Basic(username="u", password="a"),), SECRETS, no_wire).sign(PLAIN)
    assert signed.headers == (("Authorization", "Basic dTox"),)
