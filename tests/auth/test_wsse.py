"""A password inside an envelope: new for each request, and in no record (behaviour 4.2, 9)."""

from base64 import b64decode, b64encode
from hashlib import sha1
from xml.etree import ElementTree

import pytest
import trio

from leadrelay.auth.secrets import open_secrets
from leadrelay.auth.wsse import WsseSigner
from leadrelay.core.destination import Wsse
from leadrelay.core.errors import NotSent
from leadrelay.core.exchange import Reply, Request, record_request
from leadrelay.core.masking import MASK
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.wsse import SLOT
from values import MOMENT

SOAP = Request(
    method="POST",
    url="https://b.example",
    body=b"<Envelope><Header>" + SLOT + b"</Header><Body>123-45-6789</Body></Envelope>",
    recorded_body=b"<Envelope><Header>" + SLOT + b"</Header><Body>***</Body></Envelope>",
)
DIGEST, TEXT = (Wsse(username="ada", password="key", digest=digest) for digest in (True, False))


class Noon:
    def now(self) -> int:
        return MOMENT


def a_signer(proof: Wsse, environment: dict[str, str] | None = None) -> WsseSigner:
    values = {"LEADRELAY_SECRET_KEY": "hush & hush"} if environment is None else environment
    return WsseSigner(proof, open_secrets(None, values), Noon())


def parts(body: bytes | str) -> dict[str, str]:
    root = ElementTree.fromstring(body)  # noqa: S314
    return {part.tag.rpartition("}")[2]: part.text or "" for part in root.iter()}


async def test_a_recipient_that_knows_the_password_finds_the_digest_right() -> None:
    found = parts((await a_signer(DIGEST).sign(SOAP)).body)
    taken = b64decode(found["Nonce"]) + found["Created"].encode() + b"hush & hush"
    expected = sha1(taken, usedforsecurity=False).digest()
    assert found["Password"] == b64encode(expected).decode()
    assert (found["Username"], found["Body"]) == ("ada", "123-45-6789")


async def test_a_password_in_clear_goes_without_nonce_and_time() -> None:
    found = parts((await a_signer(TEXT).sign(SOAP)).body)
    assert found["Password"] == "hush & hush"
    assert not {"Nonce", "Created"} & found.keys()


@pytest.mark.parametrize("proof", [DIGEST, TEXT])
@pytest.mark.parametrize("body", [SOAP.body, None])
async def test_neither_the_proof_nor_what_was_masked_before_is_in_the_record(
    proof: Wsse, body: bytes | None
) -> None:
    request = Request(method="POST", url="x", body=SOAP.body, recorded_body=body and SOAP.recorded_body)
    signed = await a_signer(proof).sign(request)
    found = parts(record_request(signed).body)
    assert found["Password"] == MASK
    assert found.get("Nonce", MASK) == MASK
    assert found["Body"] == (MASK if body else "123-45-6789")
    assert record_request(a_signer(proof, {}).show(request)) == record_request(signed)


async def test_a_request_signed_again_has_one_header_and_a_new_nonce() -> None:
    signer = a_signer(DIGEST)
    first = await signer.sign(SOAP)
    second = await signer.sign(first)
    assert second.body.count(b"<wsse:Security") == 1
    assert parts(first.body)["Nonce"] != parts(second.body)["Nonce"]


async def test_a_body_without_a_place_for_it_is_not_sent_unsigned() -> None:
    with pytest.raises(NotSent, match="SOAP") as caught:
        await a_signer(TEXT).sign(Request(method="POST", url="x", body=b"{}"))
    assert caught.value.code is ReasonCode.AUTH


async def test_a_401_helps_only_if_the_password_has_changed(nursery: trio.Nursery) -> None:
    environment = {"LEADRELAY_SECRET_KEY": "old"}
    signer = a_signer(TEXT, environment)
    await nursery.start(signer.run)
    signed = await signer.sign(SOAP)
    assert not signer.renew(signed, Reply(status=401))
    environment["LEADRELAY_SECRET_KEY"] = "new"
    assert not signer.renew(signed, Reply(status=500))
    assert signer.renew(signed, Reply(status=401))
    assert parts((await signer.sign(signed)).body)["Password"] == "new"
    environment.clear()
    assert not signer.renew(signed, Reply(status=401))
