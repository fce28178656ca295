"""A token for a signed statement of who we are and for whom we act (RFC 7523, 2.1), as Salesforce takes it.

Reading a PEM key costs as much as a hundred signatures, so it is read once, in a thread, and again when the
secret has changed. A statement is short-lived, so it is only as good as our clock: where the endpoint's
differs, the statement is made once more by the endpoint's own time.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import trio
from authlib.oauth2.rfc7523.assertion import sign_jwt_bearer_assertion
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc.jwk import RSAKey

from leadrelay.auth.secrets import SecretError, Secrets
from leadrelay.auth.tokens import Granted, NoToken, Parameters, Refused
from leadrelay.core.destination import OAuth2JwtBearer
from leadrelay.core.ports import Clock

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
# Salesforce takes no statement that is good for more than three minutes.
BACK, AHEAD = 30, 120  # seconds from now: when it was issued, when it expires
SKEW = 20.0  # seconds by which clocks may differ unnoticed
LEAST_BITS = 2048

log = logging.getLogger("leadrelay.auth")

Ask = Callable[[Parameters], Awaitable[Granted]]


def jwt_bearer(proof: OAuth2JwtBearer, secrets: Secrets, clock: Clock) -> Callable[[Ask], Awaitable[Granted]]:
    """The grant that shows an assertion."""
    return JwtBearer(proof, secrets, clock).grant


class JwtBearer:
    """What an assertion is made of, and the key to sign it with."""

    def __init__(self, proof: OAuth2JwtBearer, secrets: Secrets, clock: Clock) -> None:
        self._proof, self._secrets, self._clock = proof, secrets, clock
        self._key: RSAKey | None = None
        self._pem = ""  # that the key was read from
        self._skew = 0.0  # seconds that the endpoint's clock is ahead of ours

    async def grant(self, ask: Ask) -> Granted:
        """See grants."""
        key = await self.key()
        try:
            return await ask(self._parameters(key))
        except Refused as refusal:
            if not self._learns_the_time(refusal):
                raise
        try:
            granted = await ask(self._parameters(key))
        except Refused as refusal:
            words = f"{refusal}; {self._clocks()}"
            raise Refused(words, code=refusal.code, served_at=refusal.served_at) from refusal
        log.warning("a token was had by the token endpoint's time only: %s", self._clocks())
        return granted

    async def key(self) -> RSAKey:
        """The key that the secret is now. Raises NoToken."""
        try:
            pem = self._secrets.get(self._proof.private_key)
        except SecretError as error:
            raise NoToken(str(error)) from error
        if self._key is None or pem != self._pem:
            self._key = await trio.to_thread.run_sync(_read_key, pem, self._proof.private_key)
            self._pem = pem
        return self._key

    def _parameters(self, key: RSAKey) -> Parameters:
        now = round(self._clock.now() / 1e9 + self._skew)
        # It writes into the claims that it is given, so they are made anew each time.
        claims: dict[str, Any] = {"scope": " ".join(self._proof.scopes)} if self._proof.scopes else {}
        assertion = sign_jwt_bearer_assertion(
            key,
            self._proof.client_id,
            self._proof.audience or self._proof.token_url,
            self._proof.username,
            issued_at=now - BACK,
            expires_at=now + AHEAD,
            claims=claims,
            alg="RS256",
        )
        return [("grant_type", GRANT_TYPE), ("assertion", assertion)]

    def _learns_the_time(self, refusal: Refused) -> bool:
        """Whether the endpoint's clock may be why it refused."""
        if refusal.code != "invalid_grant" or refusal.served_at is None:
            return False
        skew = refusal.served_at - self._clock.now() / 1e9
        if abs(skew - self._skew) < SKEW:
            return False
        self._skew = skew
        return True

    def _clocks(self) -> str:
        how = "ahead of" if self._skew > 0 else "behind"
        return f"its clock is {abs(self._skew):.0f} s {how} ours; check the clock of this server"


def _read_key(pem: str, name: str) -> RSAKey:
    """Raises NoToken."""
    try:
        key = load_pem_private_key(pem.encode(), None)
    except TypeError:
        raise NoToken(f"the private key {name} is under a passphrase; store it without one") from None
    except (ValueError, UnsupportedAlgorithm):
        words = f"the secret {name} is no private key in PEM: it begins with `-----BEGIN PRIVATE KEY-----`"
        raise NoToken(words) from None
    if not isinstance(key, RSAPrivateKey):
        raise NoToken(f"the private key {name} is no RSA key, which RS256 needs")
    if key.key_size < LEAST_BITS:
        raise NoToken(f"the private key {name} has {key.key_size} bits; RS256 needs {LEAST_BITS} or more")
    return RSAKey(key, key)
