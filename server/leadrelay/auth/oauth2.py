"""OAuth 2.0: a token had on our own, by whichever grant, and shown as Bearer (RFC 6749, 6750, 7523)."""

from collections.abc import Callable

from leadrelay.auth.credential import Credential
from leadrelay.auth.grants import grant_for
from leadrelay.auth.proof import with_header
from leadrelay.auth.refresh import RefreshTokens
from leadrelay.auth.secrets import Secrets
from leadrelay.auth.token_endpoint import read_answer, token_request
from leadrelay.auth.tokens import Granted, NoToken, Parameters, Refused, Tokens
from leadrelay.core.destination import ClientAuthMethod, OAuth2
from leadrelay.core.errors import NoAnswer, NotSent
from leadrelay.core.exchange import Reply, Request
from leadrelay.core.masking import MASK
from leadrelay.core.ports import Clock, Started, Unwatched, Wire

BEARER = "Bearer "


class OAuth2Signer:
    """Signs with the current token."""

    def __init__(
        self,
        proof: OAuth2,
        secrets: Secrets,
        open_wire: Callable[[], Wire],
        clock: Clock,
        refresh_tokens: RefreshTokens,
    ) -> None:
        self._proof, self._open_wire = proof, open_wire
        self._secret = Credential(secrets, proof.client_secret) if proof.client_secret else None
        self._grant = grant_for(proof, secrets, refresh_tokens, clock)
        self._tokens = Tokens(self._fetch)

    async def run(self, task_status: Started) -> None:
        """See core.ports.Signer."""
        await self._tokens.run(task_status)

    async def sign(self, request: Request) -> Request:
        """See core.ports.Signer."""
        token = await self._tokens.current()
        return with_header(request, "Authorization", BEARER + token, token)

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
            return await self._grant(self._ask)
        except NotSent as error:  # a secret cannot be had
            raise NoToken(error.words) from error

    async def _ask(self, grant: Parameters) -> Granted:
        secret = self._secret.fresh() if self._secret is not None else ""
        reply = await self._send(token_request(self._proof, grant, secret))
        shown = (secret, *(value for _, value in grant))
        try:
            return read_answer(reply, self._proof.default_lifetime, shown)
        except Refused as refusal:
            if refusal.code != "invalid_client" or not secret:
                raise
            words = f"{refusal}; check client_id and secret, or show it in the other way: {self._other_way()}"
            raise Refused(words, code=refusal.code, served_at=refusal.served_at) from refusal

    def _other_way(self) -> str:
        is_basic = self._proof.client_auth is ClientAuthMethod.BASIC
        return f"`client_auth: {'post' if is_basic else 'basic'}`"

    async def _send(self, request: Request) -> Reply:
        """Over a connection of its own, which is needed too seldom to be kept."""
        wire = self._open_wire()
        try:
            return await wire.send(request, Unwatched())
        except NoAnswer as error:  # what it advises after a semicolon is about leads
            words = error.words.partition(";")[0]
            raise NoToken(f"the token endpoint did not answer: {words}") from error
        except NotSent as error:
            raise NoToken(f"the token endpoint was not reached: {error.words}") from error
        finally:
            await wire.aclose()
