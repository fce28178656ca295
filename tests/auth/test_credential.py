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
