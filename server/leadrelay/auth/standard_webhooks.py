"""Signatures by Standard Webhooks 1.0.0: over the message's id, the time and the very bytes of the body.

The id is the idempotency key, so all tries of one delivery are one message to the recipient, while each
try has its own time, which keeps a late one from being taken for a replay. While keys rotate there is a
signature by each of them, the current one first.
"""

import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence

from leadrelay.auth.credential import Credential
from leadrelay.auth.fixed import FixedSigner
from leadrelay.auth.proof import with_header, with_open_header
from leadrelay.auth.secrets import Secrets
from leadrelay.core.destination import StandardWebhooks
from leadrelay.core.errors import NotSent
from leadrelay.core.exchange import Request
from leadrelay.core.masking import MASK
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.ports import Clock

PREFIX = "whsec_"  # before the base64 of a symmetric key
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"


def standard_webhooks(proof: StandardWebhooks, secrets: Secrets, clock: Clock) -> FixedSigner:
    """Sends `webhook-id`, `webhook-timestamp` and `webhook-signature`."""

    def now() -> str:
        return str(clock.now() // 1_000_000_000)

    def prove_at(seconds: str, request: Request, values: Sequence[str]) -> Request:
        keys = [_key(name, value) for name, value in zip(proof.keys, values, strict=True)]
        signed = f"{request.idempotency_key}.{seconds}.".encode() + request.body
        signatures = [b64encode(hmac.digest(key, signed, "sha256")).decode() for key in keys]
        return _with_headers(request, seconds, signatures)

    def prove(request: Request, values: Sequence[str]) -> Request:
        return prove_at(now(), request, values)

    def prove_again(signed: Request, values: Sequence[str]) -> Request:
        return prove_at(dict(signed.headers)[TIMESTAMP], signed, values)

    def show(request: Request) -> Request:
        return _with_headers(request, now(), [MASK] * len(proof.keys))

    return FixedSigner([Credential(secrets, name) for name in proof.keys], prove, show, prove_again)


def _with_headers(request: Request, seconds: str, signatures: Sequence[str]) -> Request:
    named = with_open_header(request, ID, request.idempotency_key)
    unsigned = with_open_header(named, TIMESTAMP, seconds)
    return with_header(unsigned, SIGNATURE, " ".join(f"v1,{each}" for each in signatures), *signatures)


def _key(name: str, value: str) -> bytes:
    """The bytes that a secret stands for. Raises NotSent."""
    try:
        key = b64decode(value.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        words = f"the secret {name} is no Standard Webhooks key: it has to be `{PREFIX}` and base64"
        raise NotSent(ReasonCode.AUTH, words)
    return key
