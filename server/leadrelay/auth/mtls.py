"""A client certificate, shown while a connection is made (behaviour 4.2).

Both secrets are looked at for every connection, and the TLS context is made anew when one has changed: a
certificate that is renewed in its place is shown from the next connection on, without a restart. What is
wrong with them is said before a recipient is bothered, because its own words for it are one alert number.
"""

import logging
import secrets as chance
import ssl
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

import trio
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from leadrelay.auth.secrets import SecretError, Secrets
from leadrelay.core.destination import Mtls, Proof
from leadrelay.core.errors import NotSent
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.ports import Clock

SOON = 14  # days before its end from which on a certificate is warned of

log = logging.getLogger("leadrelay.auth")


def client_certificate(
    proofs: Sequence[Proof], secrets: Secrets, clock: Clock, new_context: Callable[[], ssl.SSLContext]
) -> Callable[[], Awaitable[ssl.SSLContext]] | None:
    """What gives the TLS context of each connection; None where the proofs name no certificate."""
    for proof in proofs:
        if isinstance(proof, Mtls):
            return ClientCertificate(proof, secrets, clock, new_context).context
    return None


class _Made(NamedTuple):
    context: ssl.SSLContext
    of: bytes  # a digest of both secrets
    first_day: datetime
    last_day: datetime


class ClientCertificate:
    """The context of one destination, kept for as long as its secrets stay the same."""

    def __init__(
        self, proof: Mtls, secrets: Secrets, clock: Clock, new_context: Callable[[], ssl.SSLContext]
    ) -> None:
        self._proof, self._secrets, self._clock = proof, secrets, clock
        self._new_context = new_context
        self._one_at_a_time = trio.Lock()
        self._made: _Made | None = None

    async def context(self) -> ssl.SSLContext:
        """With the certificate as it is now. Raises NotSent with code `auth`."""
        async with self._one_at_a_time:
            certificate, key = self._read(self._proof.certificate), self._read(self._proof.private_key)
            digest = sha256(f"{len(certificate)} {certificate}{key}".encode()).digest()
            if self._made is None or self._made.of != digest:
                self._made = await trio.to_thread.run_sync(self._make, certificate, key, digest)
                self._warn(self._made)
            self._check_days(self._made)
            return self._made.context

    def _read(self, name: str) -> str:
        try:
            return self._secrets.get(name)
        except SecretError as error:
            raise NotSent(ReasonCode.AUTH, str(error)) from error

    def _make(self, certificate: str, key: str, digest: bytes) -> _Made:
        chain = _chain(certificate, self._proof.certificate)
        private = _private(key, self._proof.private_key)
        _check_pair(chain, private, self._proof)
        context = self._new_context()
        try:
            _load(context, chain, private)
        except ssl.SSLError as error:
            why = (getattr(error, "reason", None) or "unknown reason").lower().replace("_", " ")
            words = f"the client certificate {self._proof.certificate} cannot be used for TLS: {why}"
            raise NotSent(ReasonCode.AUTH, words) from error
        return _Made(context, digest, chain[0].not_valid_before_utc, chain[0].not_valid_after_utc)

    def _check_days(self, made: _Made) -> None:
        name, now = self._proof.certificate, self._now()
        if now > made.last_day:
            words = f"the client certificate {name} has expired on {made.last_day:%Y-%m-%d}; store a new one"
            raise NotSent(ReasonCode.AUTH, words)
        if now < made.first_day:
            words = f"the client certificate {name} is not valid before {made.first_day:%Y-%m-%d %H:%M} UTC"
            raise NotSent(ReasonCode.AUTH, f"{words}; check the clock of this server")

    def _warn(self, made: _Made) -> None:
        days = (made.last_day - self._now()).days
        if 0 <= days < SOON:
            log.warning("the client certificate %s expires in %d day(s)", self._proof.certificate, days)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.now() / 1e9, UTC)


def _chain(pem: str, name: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        words = f"the secret {name} is no certificate in PEM: it begins with `-----BEGIN CERTIFICATE-----`"
        raise NotSent(ReasonCode.AUTH, words) from None


def _private(pem: str, name: str) -> PrivateKeyTypes:
    try:
        return load_pem_private_key(pem.encode(), None)
    except TypeError:
        words = f"the private key {name} is under a passphrase; store it without one"
        raise NotSent(ReasonCode.AUTH, words) from None
    except (ValueError, UnsupportedAlgorithm):
        words = f"the secret {name} is no private key in PEM: it begins with `-----BEGIN PRIVATE KEY-----`"
        raise NotSent(ReasonCode.AUTH, words) from None


def _check_pair(chain: list[x509.Certificate], key: PrivateKeyTypes, proof: Mtls) -> None:
    form = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    ours = key.public_key().public_bytes(*form)
    fits = [certificate.public_key().public_bytes(*form) == ours for certificate in chain]
    if fits[0]:
        return
    if any(fits):
        words = f"the certificate of our key has to stand first in {proof.certificate}, before its issuers'"
    else:
        words = f"the private key {proof.private_key} does not belong to the certificate {proof.certificate}"
    raise NotSent(ReasonCode.AUTH, words)


def _load(context: ssl.SSLContext, chain: list[x509.Certificate], key: PrivateKeyTypes) -> None:
    """`ssl` reads files only; what gets near a disk is under a passphrase that nobody else ever knows."""
    passphrase = chance.token_hex(32)
    locked = key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase.encode())
    )
    with tempfile.NamedTemporaryFile(prefix="leadrelay-", suffix=".pem") as file:
        file.write(b"".join(certificate.public_bytes(Encoding.PEM) for certificate in chain) + locked)
        file.flush()
        context.load_cert_chain(file.name, password=passphrase)
