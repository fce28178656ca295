"""Refresh tokens, of which the issuer may give a new one each time and then forget the former (RFC 6749, 6).

Whoever loses the newest has to be authorized anew by a person. So a token request that was begun is brought
to its end even while its destination closes, and a new token is stored, durably and under the name of the
former, before any lead is told of the access token that came with it. Destinations that share a secret take
turns: the same token shown twice makes an issuer revoke all of them.
"""

import logging
from collections.abc import Awaitable, Callable

import trio

from leadrelay.auth.credential import Credential
from leadrelay.auth.secrets import Keeper, SecretError, Secrets
from leadrelay.auth.tokens import PATIENCE, Granted, Parameters, Refused
from leadrelay.core.errors import JournalError

LAST_WORDS = 5.0  # seconds to store a token while the server stops

log = logging.getLogger("leadrelay.auth")


class RefreshTokens:
    """All of them, by the names of their secrets; made once, for all destinations."""

    def __init__(self, secrets: Secrets, keeper: Keeper | None = None) -> None:
        """Without a keeper a new token is remembered for as long as this object is."""
        self._secrets, self._keeper = secrets, keeper
        self._turns: dict[str, trio.Lock] = {}
        self._unkept: dict[str, tuple[str, str]] = {}  # by name: what is stored, and what took its place

    def turn(self, name: str) -> trio.Lock:
        """To be held from the reading of a token until its successor is stored."""
        return self._turns.setdefault(name, trio.Lock())

    def current(self, name: str) -> str:
        """The newest. Raises NotSent with code `auth`."""
        stored = Credential(self._secrets, name).fresh()
        former, newest = self._unkept.get(name, ("", ""))
        return newest if newest and former == stored else stored  # else somebody has stored another since

    async def replace(self, name: str, newest: str) -> None:
        """Store what the issuer gave in place of a token. It is in use whether or not that succeeds."""
        self._unkept[name] = (Credential(self._secrets, name).fresh(), newest)
        await self.keep(name)

    async def keep(self, name: str) -> None:
        """Store what could not be stored before, if there is such a token."""
        former, newest = self._unkept.get(name, ("", ""))
        if self._keeper is None or not newest:
            return
        if Credential(self._secrets, name).fresh() != former:
            del self._unkept[name]  # what somebody has stored since is newer
            return
        why = f"it took longer than {LAST_WORDS:g} s"
        with trio.move_on_after(LAST_WORDS, shield=True):
            try:
                await self._keeper.put(name, newest)
            except (SecretError, JournalError) as error:
                why = str(error)
            else:
                del self._unkept[name]
                return
        log.error(
            "the issuer of the refresh token %s gave another in its place, which is in use and could not be "
            "stored, so it is lost when this server stops: %s",
            name,
            why,
        )


def refresh_token(
    name: str, tokens: RefreshTokens
) -> Callable[[Callable[[Parameters], Awaitable[Granted]]], Awaitable[Granted]]:
    """The grant that shows the refresh token of this name."""

    async def grant(ask: Callable[[Parameters], Awaitable[Granted]]) -> Granted:
        async with tokens.turn(name):
            await tokens.keep(name)
            shown = tokens.current(name)
            with trio.fail_after(PATIENCE, shield=True):
                granted = await _asked(ask, name, shown)
            if granted.refresh_token not in ("", shown):
                await tokens.replace(name, granted.refresh_token)
            return granted

    return grant


async def _asked(ask: Callable[[Parameters], Awaitable[Granted]], name: str, shown: str) -> Granted:
    try:
        return await ask([("grant_type", "refresh_token"), ("refresh_token", shown)])
    except Refused as refusal:
        if refusal.code != "invalid_grant":
            raise
        words = (
            f"{refusal}: the refresh token {name} is no longer good; have the destination authorized anew "
            f"and store the new token with `leadrelay secrets put {name}`"
        )
        raise Refused(words, code=refusal.code, served_at=refusal.served_at) from refusal
