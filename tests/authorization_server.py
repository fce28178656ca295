"""A real authorization server and the recipient that takes its tokens, on one port.

The grants are authlib's, server side, so what we send is judged by somebody else's reading of the RFCs.
Around them is what production servers do and libraries leave open: refresh tokens of one use, whose
second use revokes everything that came of them, and Salesforce's three minutes for an assertion.
"""

# mypy: disable-error-code="override"
# authlib's stubs say less than authlib allows: None for what is not there, and any class of one's own.

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import trio
from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Request, TokenMixin, grants
from authlib.oauth2.rfc6749.errors import InvalidGrantError
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7523 import JWTBearerGrant
from joserfc.jwk import RSAKey

from leadrelay.recipients.http_server import Request, Response, as_json

ALL_METHODS = ["client_secret_basic", "client_secret_post", "none"]
LONGEST_ASSERTION = 180  # seconds


@dataclass
class Client(ClientMixin):
    client_id: str = "me"
    secret: str = "hush"

    def get_client_id(self) -> str:
        return self.client_id

    def get_allowed_scope(self, scope: str | None) -> str:
        return scope or ""

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == self.secret

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method != "none" or not self.secret

    def check_grant_type(self, grant_type: str) -> bool:
        return True


@dataclass
class Grown(TokenMixin):
    """A refresh token."""

    value: str
    is_spent: bool = False

    def check_client(self, client: Client) -> bool:
        return True

    def get_scope(self) -> str:
        return ""


class _Asked(OAuth2Request):
    def __init__(self, request: Request) -> None:
        super().__init__("POST", f"https://issuer.example{request.path}", headers=_titled(request.headers))
        self._form = dict(parse_qsl(request.body.decode(), strict_parsing=True, keep_blank_values=True))
        self.payload = BasicOAuth2Payload(self._form)

    @property
    def form(self) -> dict[str, str]:
        return self._form


def _titled(headers: dict[str, str]) -> dict[str, str]:
    return {name.title(): value for name, value in headers.items()}


class _ClientCredentials(grants.ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ALL_METHODS


class _Password(grants.ResourceOwnerPasswordCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ALL_METHODS

    def authenticate_user(self, username: str, password: str) -> str | None:
        return username if self.server.issuer.users.get(username) == password else None


class _Refresh(grants.RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ALL_METHODS

    @property
    def INCLUDE_NEW_REFRESH_TOKEN(self) -> bool:  # noqa: N802
        return bool(self.server.issuer.rotates)

    def authenticate_refresh_token(self, refresh_token: str) -> Grown | None:
        issuer: Issuer = self.server.issuer
        token = issuer.refresh_tokens.get(refresh_token)
        if token is not None and token.is_spent:
            issuer.revoke_everything()
        return None if token is None or token.is_spent else token

    def authenticate_user(self, refresh_token: Grown) -> str:
        return "ada"

    def revoke_old_credential(self, refresh_token: Grown) -> None:
        refresh_token.is_spent = self.server.issuer.rotates


class _Assertion(JWTBearerGrant):
    LEEWAY = 0

    def resolve_issuer_client(self, issuer: str) -> Client | None:
        return self.server.query_client(issuer)  # type: ignore[no-any-return]

    def resolve_client_public_key(self, client: Client) -> RSAKey:
        key: RSAKey | None = self.server.issuer.public_key
        assert key is not None
        return key

    def authenticate_user(self, subject: str) -> str | None:
        return subject if subject in self.server.issuer.users else None

    def has_granted_permission(self, client: Client, user: str) -> bool:
        return True

    def get_audiences(self) -> list[str]:
        return [self.server.issuer.audience]

    def verify_claims(self, claims: dict[str, Any]) -> None:
        super().verify_claims(claims)
        self.server.issuer.assertions.append(claims)
        if claims["exp"] > time.time() + LONGEST_ASSERTION:
            raise InvalidGrantError(description="expires too late")


class _Server(AuthorizationServer):
    def __init__(self, issuer: "Issuer") -> None:
        super().__init__()
        self.issuer = issuer
        self.register_token_generator("default", issuer.grown)  # type: ignore[arg-type]
        for grant in (_ClientCredentials, _Password, _Refresh, _Assertion):
            self.register_grant(grant)

    def query_client(self, client_id: str) -> Client | None:
        client = self.issuer.client
        return client if client_id == client.client_id else None

    def save_token(self, token: dict[str, Any], request: _Asked) -> None:
        self.issuer.access_tokens.add(token["access_token"])

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        pass

    def create_oauth2_request(self, request: Request) -> _Asked:
        return _Asked(request)

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:
        return as_json(status, body)


async def _at_once(_request: Request) -> Response | None:
    return None


@dataclass
class Issuer:
    """`hear` is its front: `/token` is the token endpoint, all else takes leads for a good token."""

    client: Client = field(default_factory=Client)
    users: dict[str, str] = field(default_factory=lambda: {"ada": "lovelace"})
    public_key: RSAKey | None = None
    audience: str = "https://login.example"
    expires_in: int | None = 3600
    rotates: bool = False
    # What it does before it looks at a token request; an answer from here takes the place of its own.
    first: Callable[[Request], Awaitable[Response | None]] = _at_once
    after: Callable[[], Awaitable[None]] = trio.lowlevel.checkpoint  # once it has decided

    access_tokens: set[str] = field(default_factory=set)
    refresh_tokens: dict[str, Grown] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)  # the forms of all token requests
    assertions: list[dict[str, Any]] = field(default_factory=list)
    leads: list[str] = field(default_factory=list)  # the token of each

    def __post_init__(self) -> None:
        self._server = _Server(self)

    def a_refresh_token(self) -> str:
        """One as a person's consent gives it."""
        value = f"r-{len(self.refresh_tokens) + 1}"
        self.refresh_tokens[value] = Grown(value)
        return value

    def revoke_everything(self) -> None:
        self.access_tokens.clear()
        for token in self.refresh_tokens.values():
            token.is_spent = True

    def grown(self, *, include_refresh_token: bool = True, **_more: Any) -> dict[str, Any]:
        token: dict[str, Any] = {"access_token": f"t-{len(self.asked)}", "token_type": "Bearer"}
        if self.expires_in is not None:
            token["expires_in"] = self.expires_in
        if include_refresh_token:
            token["refresh_token"] = self.a_refresh_token()
        return token

    async def hear(self, request: Request) -> Response:
        if request.path != "/token":
            token = request.headers.get("authorization", "").removeprefix("Bearer ")
            self.leads.append(token)
            return as_json(200 if token in self.access_tokens else 401, {})
        self.asked.append(dict(parse_qsl(request.body.decode())))
        answer = await self.first(request)
        if answer is None:
            decided: Any = self._server.create_token_response(request)
            answer = Response(decided.status, decided.body)
        await self.after()
        return answer
