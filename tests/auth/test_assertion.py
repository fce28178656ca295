"""Signed statements: by RS256, with a key that is read once (behaviour 4.2)."""

import warnings

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc import jwt
from joserfc.jwk import RSAKey

from leadrelay.auth.assertion import GRANT_TYPE, JwtBearer, jwt_bearer
from leadrelay.auth.secrets import open_secrets
from leadrelay.auth.tokens import Granted, NoToken, Parameters, Refused
from leadrelay.core.destination import OAuth2JwtBearer
from values import MOMENT

NOW = MOMENT // 1_000_000_000
KEY = rsa.generate_private_key(65537, 2048)
PLAIN = serialization.NoEncryption()
PROOF = OAuth2JwtBearer(
    token_url="https://id.example/token", client_id="me", username="ada", private_key="key"
)


def pem_of(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    form: serialization.PrivateFormat = serialization.PrivateFormat.PKCS8,
    lock: serialization.KeySerializationEncryption = PLAIN,
) -> str:
    return key.private_bytes(serialization.Encoding.PEM, form, lock).decode()


class Noon:
    def now(self) -> int:
        return MOMENT


class Asked:
    def __init__(self, *refusals: Refused) -> None:
        self.shown: list[dict[str, str]] = []
        self._refusals = list(refusals)

    async def __call__(self, parameters: Parameters) -> Granted:
        self.shown.append(dict(parameters))
        if self._refusals:
            raise self._refusals.pop(0)
        return Granted("t", 60)


def claims(shown: dict[str, str], key: rsa.RSAPrivateKey = KEY) -> dict[str, object]:
    public = key.public_key()
    token = jwt.decode(shown["assertion"], RSAKey(public, public), algorithms=["RS256"])
    assert token.header == {"alg": "RS256", "typ": "JWT"}
    return dict(token.claims)


def secrets_with(key: str) -> dict[str, str]:
    return {"LEADRELAY_SECRET_KEY": key}


@pytest.mark.parametrize(
    "form", [serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL]
)
async def test_it_is_short_lived_and_every_one_is_new(form: serialization.PrivateFormat) -> None:
    ask = Asked()
    grant = jwt_bearer(PROOF, open_secrets(None, secrets_with(pem_of(KEY, form))), Noon())
    await grant(ask)
    await grant(ask)
    first, second = (claims(shown) for shown in ask.shown)
    assert first.pop("jti") != second.pop("jti")
    assert first == second
    assert first == {"iss": "me", "sub": "ada", "aud": PROOF.token_url, "iat": NOW - 30, "exp": NOW + 120}
    assert [shown["grant_type"] for shown in ask.shown] == [GRANT_TYPE] * 2


async def test_a_key_is_read_once_and_again_when_it_has_changed() -> None:
    """Reading one costs as much as a hundred signatures."""
    other, environment, ask = rsa.generate_private_key(65537, 2048), secrets_with(pem_of(KEY)), Asked()
    bearer = JwtBearer(PROOF, open_secrets(None, environment), Noon())
    await bearer.grant(ask)
    assert await bearer.key() is await bearer.key()
    environment.update(secrets_with(pem_of(other)))
    await bearer.grant(ask)
    first, second = ask.shown
    assert claims(first, KEY)["iss"] == claims(second, other)["iss"] == "me"


def weak() -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pem_of(rsa.generate_private_key(65537, 1024))  # noqa: S505


@pytest.mark.parametrize(
    ("pem", "words"),
    [
        ("hush hush", "is no private key in PEM"),
        ("-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----", "is no private key in PEM"),
        (pem_of(KEY, lock=serialization.BestAvailableEncryption(b"x")), "is under a passphrase"),
        (pem_of(ec.generate_private_key(ec.SECP256R1())), "is no RSA key"),
        (weak(), "has 1024 bits"),
        ("", "is empty"),
    ],
)
async def test_what_is_no_key_for_it_is_told_by_its_name_and_asks_nobody(pem: str, words: str) -> None:
    ask = Asked()
    with pytest.raises(NoToken, match=words) as caught:
        await jwt_bearer(PROOF, open_secrets(None, secrets_with(pem)), Noon())(ask)
    assert "key" in str(caught.value)
    assert "hush" not in str(caught.value)
    assert ask.shown == []


async def test_a_refusal_by_another_time_is_answered_by_that_time_once() -> None:
    refusal = Refused("refused", code="invalid_grant", served_at=NOW + 500.0)
    ask = Asked(refusal, refusal)
    grant = jwt_bearer(PROOF, open_secrets(None, secrets_with(pem_of(KEY))), Noon())
    with pytest.raises(Refused, match="500 s ahead of ours"):
        await grant(ask)
    assert [claims(shown)["exp"] for shown in ask.shown] == [NOW + 120, NOW + 620]


@pytest.mark.parametrize(
    "refusal",
    [
        Refused("refused", code="invalid_grant", served_at=NOW + 5.0),
        Refused("refused", code="invalid_grant"),
        Refused("refused", code="invalid_client", served_at=NOW + 500.0),
    ],
)
async def test_a_refusal_that_is_not_about_the_time_is_final(refusal: Refused) -> None:
    ask = Asked(refusal)
    with pytest.raises(Refused):
        await jwt_bearer(PROOF, open_secrets(None, secrets_with(pem_of(KEY))), Noon())(ask)
    assert len(ask.shown) == 1
