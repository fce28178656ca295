"""How a token is asked for: what each OAuth grant shows to the token endpoint (behaviour 4.2).

A grant is a function that is given `ask`, which sends a token request, and gives what it came to.
"""

from collections.abc import Awaitable, Callable

from leadrelay.auth.assertion import jwt_bearer
from leadrelay.auth.credential import Credential
from leadrelay.auth.refresh import RefreshTokens, refresh_token
from leadrelay.auth.secrets import Secrets
from leadrelay.auth.tokens import Granted, Parameters
from leadrelay.core.destination import (
    OAuth2,
    OAuth2ClientCredentials,
    OAuth2JwtBearer,
    OAuth2Password,
    OAuth2RefreshToken,
)
from leadrelay.core.ports import Clock

Ask = Callable[[Parameters], Awaitable[Granted]]
Grant = Callable[[Ask], Awaitable[Granted]]


def grant_for(proof: OAuth2, secrets: Secrets, refresh_tokens: RefreshTokens, clock: Clock) -> Grant:
    """The grant of a proof. It raises NoToken, and NotSent where a secret of its own cannot be had."""
    match proof:
        case OAuth2ClientCredentials():
            return client_credentials
        case OAuth2Password():
            return password(proof, secrets)
        case OAuth2RefreshToken():
            return refresh_token(proof.refresh_token, refresh_tokens)
        case OAuth2JwtBearer():
            return jwt_bearer(proof, secrets, clock)
    raise TypeError(type(proof).__name__)


async def client_credentials(ask: Ask) -> Granted:
    """RFC 6749, 4.4: the client itself is all there is to show."""
    return await ask([("grant_type", "client_credentials")])


def password(proof: OAuth2Password, secrets: Secrets) -> Grant:
    """RFC 6749, 4.3."""
    credential = Credential(secrets, proof.password)

    async def grant(ask: Ask) -> Granted:
        user = [("username", proof.username), ("password", credential.fresh())]
        return await ask([("grant_type", "password"), *user])

    return grant
