"""User name and password, as RFC 7617 writes them."""

from leadrelay.auth.basic import basic
from leadrelay.auth.secrets import open_secrets
from leadrelay.core.destination import Basic
from leadrelay.core.exchange import Request, record_request
from leadrelay.core.masking import MASK

PLAIN = Request(method="POST", url="https://buyer.example/leads?v=2")
SECRETS = open_secrets(None, {"LEADRELAY_SECRET_KEY": "hush", "LEADRELAY_SECRET_ID": "\u00fc:"})


async def test_user_name_and_password_are_shown_and_masked_in_records() -> None:
    signed = await basic(Basic(username="ada", password="key"), SECRETS).sign(PLAIN)
    assert signed.headers == (("Authorization", "Basic YWRhOmh1c2g="),)
    assert record_request(signed).headers == (("Authorization", MASK),)


async def test_they_are_in_utf_8_and_a_password_may_have_a_colon() -> None:
    signed = await basic(Basic(username="ren\u00e9e", password="id"), SECRETS).sign(PLAIN)
    assert signed.headers == (("Authorization", "Basic cmVuw6llOsO8Og=="),)
