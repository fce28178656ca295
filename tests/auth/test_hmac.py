"""A keyed digest over the bytes that leave, checked by others' sums (behaviour 4.2)."""

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.auth.hmac import hmac_signature
from leadrelay.auth.secrets import open_secrets
from leadrelay.core.destination import Hmac, HmacAlgorithm
from leadrelay.core.exchange import Request, record_request
from leadrelay.core.masking import MASK

SECRETS = open_secrets(None, {"LEADRELAY_SECRET_JEFE": "Jefe", "LEADRELAY_SECRET_KEY": "schlüssel"})
QUESTION = Request(method="POST", url="https://b.example", body=b"what do ya want for nothing?")


@pytest.mark.parametrize(
    ("algorithm", "digest"),
    [
        (HmacAlgorithm.SHA256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (
            HmacAlgorithm.SHA512,
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
            "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
        ),
    ],
)
async def test_it_is_the_digest_of_rfc_4231(algorithm: HmacAlgorithm, digest: str) -> None:
    """Test case 2 of RFC 4231."""
    signed = await hmac_signature(Hmac(key="jefe", algorithm=algorithm), SECRETS).sign(QUESTION)
    assert signed.headers == (("X-Signature", digest),)
    assert signed.body == QUESTION.body


@given(st.binary(max_size=300))
async def test_another_implementation_finds_every_body_unchanged(body: bytes) -> None:
    proof = Hmac(key="key", header="X-Hub-Signature-256", prefix="sha256=")
    signed = await hmac_signature(proof, SECRETS).sign(Request(method="POST", url="x", body=body))
    ((name, value),) = signed.headers
    assert name == "X-Hub-Signature-256"
    other = HMAC("schlüssel".encode(), hashes.SHA256())
    other.update(signed.body)
    other.verify(bytes.fromhex(value.removeprefix("sha256=")))


async def test_what_is_masked_in_records_is_signed_as_it_is_sent() -> None:
    """Behaviour 9: the record has no signature, and its body is not the one that was signed."""
    request = Request(method="POST", url="x", body=b'{"ssn":"123-45-6789"}', recorded_body=b'{"ssn":"***"}')
    signed = await hmac_signature(Hmac(key="jefe"), SECRETS).sign(request)
    other = HMAC(b"Jefe", hashes.SHA256())
    other.update(request.body)
    assert signed.headers == (("X-Signature", other.finalize().hex()),)
    assert record_request(signed).headers == (("X-Signature", MASK),)
    assert record_request(signed).body == '{"ssn":"***"}'


async def test_a_shown_signature_is_no_digest_of_anything() -> None:
    shown = hmac_signature(Hmac(key="jefe", prefix="sha256="), SECRETS).show(QUESTION)
    assert shown.headers == (("X-Signature", f"sha256={MASK}"),)
