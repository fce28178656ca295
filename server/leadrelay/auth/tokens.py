"""One token for all leads of a destination, had once and kept until shortly before it expires.

However many leads want a token, there is one request for it at a time. It runs in this actor's own
task, so a lead that gives up neither ends nor loses it, and whoever waits shares what comes of it.
While the old token still holds, a new one is had in the background and no lead waits. A token
endpoint that fails is left alone for a while, longer each time, and leads are told at once.
"""

import logging
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import trio

from leadrelay.core.errors import NotSent
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.ports import Started

PATIENCE = 10.0  # seconds that a token endpoint has to answer
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds between requests that fail; each doubles
LEEWAY, LEEWAY_SHARE = 60.0, 0.2  # before its end a token is replaced: so long, or this share if that is less
# Seconds between tokens dropped because a recipient refused them. One that refuses every token is not
# satisfied by more of them, and its refusals must not become a flood of token requests.
BETWEEN_DROPS = 10.0

Parameters = Sequence[tuple[str, str]]  # of a token request

log = logging.getLogger("leadrelay.auth")


class NoToken(Exception):
    """The token endpoint gave none; the words say why."""


class Refused(NoToken):
    """The token endpoint answered, and what was shown to it was not good enough."""

    def __init__(self, words: str, *, code: str = "", served_at: float | None = None) -> None:
        super().__init__(words)
        self.code = code  # the endpoint's own, where it is one that may be repeated
        self.served_at = served_at  # by the endpoint's clock, in seconds since the epoch


@dataclass(frozen=True, slots=True)
class Granted:
    value: str = field(repr=False)
    lifetime: float  # seconds
    refresh_token: str = field(default="", repr=False)  # to be shown next time; empty: none was given


@dataclass(frozen=True, slots=True)
class _Token:
    value: str = field(repr=False)
    refresh_at: float
    expires_at: float


class _Flight:
    """A request under way, and what came of it."""

    def __init__(self) -> None:
        self.is_over = trio.Event()
        self.token: _Token | None = None
        self.why = "no token: this destination is closing"  # where there is none


class Tokens:
    """Keeps the current token; `fetch` has the next one, or raises NoToken."""

    def __init__(self, fetch: Callable[[], Awaitable[Granted]]) -> None:
        self._fetch = fetch
        self._nursery: trio.Nursery | None = None
        self._token: _Token | None = None
        self._flight: _Flight | None = None
        self._failures = 0
        self._not_before = self._last_drop = float("-inf")
        self._why = ""  # the last request failed

    async def run(self, task_status: Started) -> None:
        """Fetch what is asked for, until cancelled."""
        try:
            async with trio.open_nursery() as self._nursery:
                task_status.started()
                await trio.sleep_forever()
        finally:
            self._nursery = None

    async def current(self) -> str:
        """A token that holds now. Raises NotSent with code `auth`."""
        now, token = trio.current_time(), self._token
        if token is None or now >= token.expires_at:
            return await self._next()
        if now >= token.refresh_at and self._flight is None and now >= self._not_before:
            self._begin()
        return token.value

    def drop(self, value: str) -> bool:
        """A recipient refused this token. Whether there is, or may soon be, another one."""
        if self._token is None or self._token.value != value:
            return True  # it was dropped or replaced since
        now = trio.current_time()
        if now - self._last_drop < BETWEEN_DROPS:
            return False
        self._token, self._last_drop = None, now
        return True

    async def _next(self) -> str:
        flight = self._flight
        if flight is None:
            if trio.current_time() < self._not_before:
                raise NotSent(ReasonCode.AUTH, self._why)
            flight = self._begin()
        await flight.is_over.wait()
        if flight.token is None:
            raise NotSent(ReasonCode.AUTH, flight.why)
        return flight.token.value

    def _begin(self) -> _Flight:
        if self._nursery is None:
            raise NotSent(ReasonCode.AUTH, "no token can be had: this destination is not open, or is closing")
        self._flight = _Flight()
        self._nursery.start_soon(self._fly, self._flight)
        return self._flight

    async def _fly(self, flight: _Flight) -> None:
        began = trio.current_time()
        try:
            with trio.fail_after(PATIENCE):
                granted = await self._fetch()
            flight.token = self._keep(granted, began)
        except trio.TooSlowError:
            flight.why = self._pause(f"the token endpoint did not answer within {PATIENCE:g} s")
        except NoToken as error:
            flight.why = self._pause(str(error))
        except Exception as error:  # a defect of ours costs this destination its token and nothing else
            where = traceback.extract_tb(error.__traceback__)[-1]
            log.error("fetching a token: %s in %s, line %s", type(error).__name__, where.name, where.lineno)
            flight.why = self._pause("internal error, see the server's log")
        finally:
            self._flight = None
            flight.is_over.set()

    def _keep(self, granted: Granted, began: float) -> _Token:
        # Counted from before the request left: the token may have been made at any time since.
        expires_at = began + granted.lifetime
        leeway = min(LEEWAY, granted.lifetime * LEEWAY_SHARE)
        self._token = _Token(granted.value, expires_at - leeway, expires_at)
        self._failures = 0
        return self._token

    def _pause(self, why: str) -> str:
        """Leave the token endpoint alone for a while."""
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self._failures, 10))
        self._failures += 1
        self._not_before = trio.current_time() + pause
        self._why = f"no token: {why}"
        return self._why
