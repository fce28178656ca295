"""OAuth 2.0 with client credentials (RFC 6749, 4.4): a token had on our own, shown as Bearer."""

from collections.abc import Callable

from leadrelay.auth.credential import Credential
from leadrelay.auth.proof import with_header
from leadrelay.auth.secrets import Secrets
from leadrelay.auth.token_endpoint import read_answer, token_request
from leadrelay.auth.tokens import Granted, NoToken, Tokens
from leadrelay.core.destination import OAuth2ClientCredentials
from leadrelay.core.errors import DeliveryError, NotSent
from leadrelay.core.exchange import MASK, Reply, Request
from leadrelay.core.ports import Started, Wire

BEARER = "Bearer "


class OAuth2Signer:
    """Signs with the current token."""

    def __init__(
        self, proof: OAuth2ClientCredentials, secrets: Secrets, open_wire: Callable[[], Wire]
    ) -> None:
        self._proof, self._open_wire = proof, open_wire
        self._secret = Credential(secrets, proof.client_secret)
        self._tokens = Tokens(self._fetch)

    async def run(self, task_status: Started) -> None:
        """See core.ports.Signer."""
        await self._tokens.run(task_status)

    async def sign(self, request: Request) -> Request:
        """See core.ports.Signer."""
        return with_header(request, "Authorization", BEARER + await self._tokens.current())

    def show(self, request: Request) -> Request:
        """See core.ports.Signer."""
        return with_header(request, "Authorization", BEARER + MASK)

    def renew(self, signed: Request, reply: Reply) -> bool:
        """See core.ports.Signer."""
        shown = next((value for name, value in signed.headers if name.lower() == "authorization"), "")
        if reply.status != 401 or not shown.startswith(BEARER):
            return False
        return self._tokens.drop(shown.removeprefix(BEARER))

    async def _fetch(self) -> Granted:
        try:
            request = token_request(self._proof, self._secret.fresh())
        except NotSent as error:
            raise NoToken(error.words) from error
        return read_answer(await self._ask(request), self._proof.default_lifetime)

    async def _ask(self, request: Request) -> Reply:
        """Over a connection of its own, which is needed too seldom to be kept."""
        wire = self._open_wire()
        try:
            return await wire.send(request, _Unwatched())
        except DeliveryError as error:
            raise NoToken(f"the token endpoint was not reached or did not answer: {error.words}") from error
        finally:
            await wire.aclose()


class _Unwatched:
    """Nobody asks how far a token request has come: it carries no lead."""

    def sending(self) -> None:
        pass
