"""Refresh tokens of one use are not lost, whatever fails around them (behaviour 4.2)."""

from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from auth.vaults import OLD, a_vault
from leadrelay.auth.refresh import LAST_WORDS, RefreshTokens, refresh_token
from leadrelay.auth.secrets import Keeper, Secrets, open_secrets
from leadrelay.auth.tokens import PATIENCE, Granted, NoToken, Parameters, Refused
from leadrelay.core.errors import JournalError


class Issuer:
    """Gives a new refresh token each time."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.takes = 1.0

    async def ask(self, parameters: Parameters) -> Granted:
        self.shown.append(dict(parameters)["refresh_token"])
        await trio.sleep(self.takes)
        return Granted("t", 60, f"r-{len(self.shown) + 1}")


class Keeping:
    """Secrets that can be stored, in time or not."""

    def __init__(self) -> None:
        self.values = {"LEADRELAY_SECRET_REFRESH": "r-1"}
        self.secrets: Secrets = open_secrets(None, self.values)
        self.fails, self.takes = False, 0.0

    async def put(self, name: str, value: str) -> bool:
        await trio.sleep(self.takes)
        if self.fails:
            raise JournalError("the disk is full")
        self.values[f"LEADRELAY_SECRET_{name.upper()}"] = value
        return False

    @property
    def stored(self) -> str:
        return self.secrets.get("refresh")


def test_the_servers_own_store_can_keep_them() -> None:
    keeper: type[Keeper] = Keeping
    assert keeper is Keeping


async def test_a_new_token_is_stored_before_the_access_token_is_told(autojump_clock: MockClock) -> None:
    issuer, keeping = Issuer(), Keeping()
    tokens = RefreshTokens(keeping.secrets, keeping)
    granted = await refresh_token("refresh", tokens)(issuer.ask)
    assert (granted.value, keeping.stored) == ("t", "r-2")


async def test_a_token_that_stays_the_same_is_not_stored_again(autojump_clock: MockClock) -> None:
    keeping = Keeping()
    keeping.fails = True  # whoever stored it would be told
    for given in ("", "r-1"):

        async def ask(_parameters: Parameters, given: str = given) -> Granted:
            return Granted("t", 60, given)

        await refresh_token("refresh", RefreshTokens(keeping.secrets, keeping))(ask)
    assert keeping.stored == "r-1"


async def test_what_cannot_be_stored_is_used_told_and_stored_later(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    issuer, keeping = Issuer(), Keeping()
    keeping.fails = True
    grant = refresh_token("refresh", RefreshTokens(keeping.secrets, keeping))
    await grant(issuer.ask)
    await grant(issuer.ask)
    assert (issuer.shown, keeping.stored) == (["r-1", "r-2"], "r-1")
    assert "the refresh token refresh" in caplog.text
    assert "the disk is full" in caplog.text
    assert "r-2" not in caplog.text
    keeping.fails = False
    await grant(issuer.ask)
    assert (issuer.shown[-1], keeping.stored) == ("r-3", "r-4")


async def test_a_token_that_somebody_stores_meanwhile_wins(autojump_clock: MockClock) -> None:
    issuer, keeping = Issuer(), Keeping()
    keeping.fails = True
    grant = refresh_token("refresh", RefreshTokens(keeping.secrets, keeping))
    await grant(issuer.ask)
    keeping.values["LEADRELAY_SECRET_REFRESH"] = "by hand"
    keeping.fails = False
    await grant(issuer.ask)
    assert issuer.shown == ["r-1", "by hand"]
    assert keeping.stored == "r-3"


async def test_a_server_that_stops_finishes_the_request_and_the_storing(autojump_clock: MockClock) -> None:
    issuer, keeping = Issuer(), Keeping()
    keeping.takes = 1
    with trio.move_on_after(0.5):
        await refresh_token("refresh", RefreshTokens(keeping.secrets, keeping))(issuer.ask)
    assert (trio.current_time(), keeping.stored) == (2, "r-2")


async def test_a_server_that_stops_does_not_wait_for_ever(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    issuer, keeping = Issuer(), Keeping()
    keeping.takes = 1000
    with trio.move_on_after(0.5):
        await refresh_token("refresh", RefreshTokens(keeping.secrets, keeping))(issuer.ask)
    assert trio.current_time() == 1 + LAST_WORDS
    assert "longer than 5 s" in caplog.text
    issuer.takes = 1000
    with pytest.raises(trio.TooSlowError):
        await refresh_token("refresh", RefreshTokens(keeping.secrets, keeping))(issuer.ask)
    assert trio.current_time() == 1 + LAST_WORDS + PATIENCE


async def test_only_a_grant_that_is_not_good_blames_the_token() -> None:
    secrets = open_secrets(None, {"LEADRELAY_SECRET_REFRESH": "r-1"})
    for code, is_blamed in (("invalid_grant", True), ("invalid_client", False)):

        async def ask(_parameters: Parameters, code: str = code) -> Granted:
            raise Refused("refused", code=code)

        with pytest.raises(NoToken) as caught:
            await refresh_token("refresh", RefreshTokens(secrets))(ask)
        assert ("secrets put refresh" in str(caught.value)) == is_blamed


async def test_the_vault_keeps_one_across_a_restart(tmp_path: Path, autojump_clock: MockClock) -> None:
    issuer = Issuer()
    async with a_vault(tmp_path, OLD) as vault:
        await vault.put("refresh", "r-1")
        await refresh_token("refresh", RefreshTokens(vault, vault))(issuer.ask)
    async with a_vault(tmp_path, OLD) as vault:
        await refresh_token("refresh", RefreshTokens(vault, vault))(issuer.ask)
    assert issuer.shown == ["r-1", "r-2"]


async def test_without_a_key_to_store_it_under_the_words_say_how_to_make_one(
    tmp_path: Path, autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    secrets, issuer = open_secrets(None, {"LEADRELAY_SECRET_REFRESH": "r-1"}), Issuer()
    async with a_vault(tmp_path) as vault:
        grant = refresh_token("refresh", RefreshTokens(secrets, vault))
        await grant(issuer.ask)
        await grant(issuer.ask)
    assert issuer.shown == ["r-1", "r-2"]
    assert "leadrelay secrets new-key" in caplog.text
