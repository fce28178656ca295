"""Proofs made of secrets alone: api keys, passwords, given tokens, custom headers (behaviour 4.2)."""

import pytest
import trio

from leadrelay.auth.build import signer_for
from leadrelay.auth.secrets import open_secrets
from leadrelay.core.destination import ApiKey, Basic, Bearer, CustomHeaders, Proof
from leadrelay.core.errors import NotSent
from leadrelay.core.exchange import MASK, Reply, Request, record_request
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.ports import Signer, Wire

PLAIN = Request(method="POST", url="https://buyer.example/leads?v=2")
REFUSED = Reply(status=401)


def no_wire() -> Wire:
    raise AssertionError("a fixed proof asks nobody")


def a_signer(proof: Proof, environment: dict[str, str]) -> Signer:
    return signer_for((proof,), open_secrets(None, environment), no_wire)


@pytest.mark.parametrize(
    ("proof", "header"),
    [
        (ApiKey(key="key", header="X-Api-Key"), ("X-Api-Key", "hush")),
        (ApiKey(key="key", header="Authorization", prefix="Token "), ("Authorization", "Token hush")),
        (Basic(username="ada", password="key"), ("Authorization", "Basic YWRhOmh1c2g=")),
        (Bearer(token="key"), ("Authorization", "Bearer hush")),
        (CustomHeaders(values={"X-Partner": "key"}), ("X-Partner", "hush")),
    ],
)
async def test_a_proof_is_in_its_header_and_masked_in_records(proof: Proof, header: tuple[str, str]) -> None:
    signed = await a_signer(proof, {"LEADRELAY_SECRET_KEY": "hush"}).sign(PLAIN)
    assert signed.headers == (header,)
    assert record_request(signed).headers == ((header[0], MASK),)


async def test_a_key_may_be_a_query_parameter() -> None:
    signed = await a_signer(ApiKey(key="key", query="api_key"), {"LEADRELAY_SECRET_KEY": "hush"}).sign(PLAIN)
    assert signed.url == "https://buyer.example/leads?v=2&api_key=hush"
    assert record_request(signed).url == f"https://buyer.example/leads?v=2&api_key={MASK}"


async def test_any_number_of_headers_may_be_secret() -> None:
    proof = CustomHeaders(values={"X-Id": "id", "X-Key": "key"})
    signed = await a_signer(proof, {"LEADRELAY_SECRET_ID": "7", "LEADRELAY_SECRET_KEY": "hush"}).sign(PLAIN)
    assert signed.headers == (("X-Id", "7"), ("X-Key", "hush"))
    assert signed.secret_headers == {"x-id", "x-key"}


async def test_basic_is_in_utf_8() -> None:
    proof = Basic(username="ren\u00e9e", password="key")
    signed = await a_signer(proof, {"LEADRELAY_SECRET_KEY": "\u00fc:"}).sign(PLAIN)
    assert signed.headers == (("Authorization", "Basic cmVuw6llOsO8Og=="),)


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
