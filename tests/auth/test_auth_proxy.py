"""What a proxy is shown."""

import pytest

from leadrelay.auth.proxy import hiding_what_a_proxy_is_shown, proxy_authorization
from leadrelay.auth.secrets import open_secrets
from leadrelay.core.destination import Proxy
from leadrelay.core.errors import NotSent
from leadrelay.core.exchange import Request
from leadrelay.core.masking import hide
from leadrelay.core.outcome import ReasonCode

SECRETS = open_secrets(None, {"LEADRELAY_SECRET_PROXY": "s3cr\u00e9t"})


def a_proxy(**more: str) -> Proxy:
    return Proxy(is_secure=False, host="proxy.example", port=3128, **more)


def test_a_user_name_and_the_password_of_its_secret() -> None:
    shown = proxy_authorization(a_proxy(username="ada", password="proxy"), SECRETS)
    assert shown is not None
    assert shown() == "Basic YWRhOnMzY3LDqXQ="


def test_nothing_where_it_asks_for_none() -> None:
    assert proxy_authorization(a_proxy(), SECRETS) is None


def test_a_secret_that_is_missing_shows_when_it_is_needed() -> None:
    shown = proxy_authorization(a_proxy(username="ada", password="gone"), SECRETS)
    assert shown is not None
    with pytest.raises(NotSent, match="gone") as caught:
        shown()
    assert caught.value.code is ReasonCode.AUTH


async def test_what_it_repeats_of_that_is_not_recorded() -> None:
    signer = hiding_what_a_proxy_is_shown(a_proxy(username="ada", password="proxy"), SECRETS)
    assert signer is not None
    request = Request(method="POST", url="http://buyer.example/", headers=(("X-Name", "Ada"),))
    signed = await signer.sign(request)
    assert (signed.url, signed.headers, signed.body) == (request.url, request.headers, request.body)
    told = "no: s3cr\u00e9t, Basic YWRhOnMzY3LDqXQ="
    assert hide(told, signed.secrets) == "no: ***, Basic ***"
    assert hiding_what_a_proxy_is_shown(a_proxy(), SECRETS) is None
