"""What each grant shows; how it fares with a real server is told in test_oauth2_grants (behaviour 4.2)."""

import pytest

from fakes import TrioClock
from leadrelay.auth.grants import grant_for
from leadrelay.auth.refresh import RefreshTokens
from leadrelay.auth.secrets import open_secrets
from leadrelay.auth.tokens import Granted, Parameters
from leadrelay.core.destination import OAuth2, OAuth2ClientCredentials, OAuth2Password, OAuth2RefreshToken
from leadrelay.core.errors import NotSent

CLIENT = OAuth2ClientCredentials(token_url="x", client_id="me")
PASSWORD = OAuth2Password(token_url="x", client_id="me", username="ada", password="key")
REFRESH = OAuth2RefreshToken(token_url="x", client_id="me", refresh_token="key")


class Asked:
    def __init__(self) -> None:
        self.shown: list[dict[str, str]] = []

    async def __call__(self, parameters: Parameters) -> Granted:
        self.shown.append(dict(parameters))
        return Granted("t", 60)


@pytest.mark.parametrize(
    ("proof", "shown"),
    [
        (CLIENT, {"grant_type": "client_credentials"}),
        (PASSWORD, {"grant_type": "password", "username": "ada", "password": "hush"}),
        (REFRESH, {"grant_type": "refresh_token", "refresh_token": "hush"}),
    ],
)
async def test_it_shows_what_belongs_to_the_grant(proof: OAuth2, shown: dict[str, str]) -> None:
    secrets, ask = open_secrets(None, {"LEADRELAY_SECRET_KEY": "hush"}), Asked()
    assert await grant_for(proof, secrets, RefreshTokens(secrets), TrioClock())(ask) == Granted("t", 60)
    assert ask.shown == [shown]


@pytest.mark.parametrize("proof", [PASSWORD, REFRESH])
async def test_a_changed_secret_is_shown_the_next_time_and_a_missing_one_asks_nobody(proof: OAuth2) -> None:
    environment = {"LEADRELAY_SECRET_KEY": "old"}
    secrets, ask = open_secrets(None, environment), Asked()
    grant = grant_for(proof, secrets, RefreshTokens(secrets), TrioClock())
    await grant(ask)
    environment["LEADRELAY_SECRET_KEY"] = "new"
    await grant(ask)
    assert ["old" in shown.values() for shown in ask.shown] == [True, False]
    environment.clear()
    with pytest.raises(NotSent, match="there is no secret key"):
        await grant(ask)
    assert len(ask.shown) == 2
