"""A secret in the hands of a signer."""

import pytest

from leadrelay.auth.credential import Credential
from leadrelay.auth.secrets import open_secrets
from leadrelay.core.errors import NotSent
from leadrelay.core.outcome import ReasonCode


def test_it_is_read_once_and_again_only_on_demand() -> None:
    environment = {"LEADRELAY_SECRET_KEY": "old"}
    credential = Credential(open_secrets(None, environment), "key")
    assert credential.value() == "old"
    environment["LEADRELAY_SECRET_KEY"] = "new"
    assert credential.value() == "old"
    assert (credential.fresh(), credential.value()) == ("new", "new")


def test_a_missing_secret_fails_the_attempt_until_it_is_there() -> None:
    environment: dict[str, str] = {}
    credential = Credential(open_secrets(None, environment), "key")
    with pytest.raises(NotSent, match="LEADRELAY_SECRET_KEY") as caught:
        credential.value()
    assert caught.value.code is ReasonCode.AUTH
    environment["LEADRELAY_SECRET_KEY"] = "hush"
    assert credential.value() == "hush"


@pytest.mark.parametrize("value", ["hu\nsh", "hush\r", "hu\x00sh", "hu\tsh"])
def test_what_cannot_stand_in_a_header_is_no_credential(value: str) -> None:
    credential = Credential(open_secrets(None, {"LEADRELAY_SECRET_KEY": value}), "key")
    with pytest.raises(NotSent, match="line break") as caught:
        credential.value()
    assert value not in caught.value.words


class Changing:
    """Secrets that tell of their changes."""

    def __init__(self) -> None:
        self.values, self.editions, self.reads = {"key": "old", "other": "x"}, {"key": 1}, 0

    def get(self, name: str) -> str:
        self.reads += 1
        return self.values[name]

    def has(self, name: str) -> bool:
        return name in self.values

    def names(self) -> frozenset[str]:
        return frozenset(self.values)

    def edition(self, name: str) -> int:
        return self.editions.get(name, 0)


def test_a_change_that_is_known_is_taken_up_and_costs_one_reading() -> None:
    """Behaviour 9: a secret put into the server's store takes effect at the next request."""
    secrets = Changing()
    credential, other = Credential(secrets, "key"), Credential(secrets, "other")
    assert [credential.value(), credential.value(), other.value()] == ["old", "old", "x"]
    secrets.values["key"], secrets.editions["key"] = "new", 2
    assert [credential.value(), credential.value(), other.value()] == ["new", "new", "x"]
    assert secrets.reads == 3
