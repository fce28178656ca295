"""A token given out by hand, as RFC 6750 shows it."""

from leadrelay.auth.bearer import bearer
from leadrelay.auth.secrets import open_secrets
from leadrelay.core.destination import Bearer
from leadrelay.core.exchange import Request, record_request
from leadrelay.core.masking import MASK

PLAIN = Request(method="POST", url="https://buyer.example/leads?v=2")
SECRETS = open_secrets(None, {"LEADRELAY_SECRET_KEY": "hush", "LEADRELAY_SECRET_ID": "\u00fc:"})


async def test_the_token_is_shown_and_masked_in_records() -> None:
    signed = await bearer(Bearer(token="key"), SECRETS).sign(PLAIN)
    assert signed.headers == (("Authorization", "Bearer hush"),)
    assert record_request(signed).headers == (("Authorization", MASK),)
