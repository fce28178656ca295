"""What all proofs made of secrets alone have in common (behaviour 4.2)."""

import pytest
import trio

from fakes import TrioClock
from leadrelay.auth.build import signer_for
from leadrelay.auth.secrets import open_secrets
from leadrelay.core.destination import ApiKey, Bearer, Proof
from leadrelay.core.errors import NotSent
from leadrelay.core.exchange import Reply, Request
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.ports import Signer, Wire

PLAIN = Request(method="POST", url="https://buyer.example/leads?v=2")
REFUSED = Reply(status=401)


def no_wire() -> Wire:
    raise AssertionError("a fixed proof asks nobody")


def a_signer(proof: Proof, environment: dict[str, str]) -> Signer:
    return signer_for((proof,), open_secrets(None, environment), no_wire, TrioClock())


async def test_a_missing_secret_is_named_and_the_lead_is_not_sent() -> None:
    with pytest.raises(NotSent, match="premium-key") as caught:
        await a_signer(Bearer(token="premium-key"), {}).sign(PLAIN)
    assert caught.value.code is ReasonCode.AUTH


async def test_a_refused_proof_is_renewed_only_if_its_secret_has_changed() -> None:
    environment = {"LEADRELAY_SECRET_KEY": "old"}
    signer = a_signer(Bearer(token="key"), environment)
    signed = await signer.sign(PLAIN)
    assert not signer.renew(signed, REFUSED)
    environment["LEADRELAY_SECRET_KEY"] = "new"
    assert not signer.renew(signed, Reply(status=403))
    # Two leads were refused with the same old token: both may try the new one.
    assert signer.renew(signed, REFUSED)
    assert signer.renew(signed, REFUSED)
    assert (await signer.sign(signed)).headers == (("Authorization", "Bearer new"),)


async def test_a_secret_that_has_gone_renews_nothing() -> None:
    environment = {"LEADRELAY_SECRET_KEY": "old"}
    signer = a_signer(ApiKey(key="key", query="k"), environment)
    signed = await signer.sign(PLAIN)
    environment.clear()
    assert not signer.renew(signed, REFUSED)


async def test_it_runs_until_it_is_cancelled(nursery: trio.Nursery) -> None:
    await nursery.start(a_signer(Bearer(token="key"), {}).run)
