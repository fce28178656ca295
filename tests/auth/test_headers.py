"""Any number of headers may be secret."""

from leadrelay.auth.headers import custom_headers
from leadrelay.auth.secrets import open_secrets
from leadrelay.core.destination import CustomHeaders
from leadrelay.core.exchange import Request, record_request
from leadrelay.core.masking import MASK

PLAIN = Request(method="POST", url="https://buyer.example/leads?v=2")
SECRETS = open_secrets(None, {"LEADRELAY_SECRET_KEY": "hush", "LEADRELAY_SECRET_ID": "\u00fc:"})


async def test_each_secret_is_under_its_headers_name_and_masked_in_records() -> None:
    proof = CustomHeaders(values={"X-Id": "id", "X-Key": "key"})
    signed = await custom_headers(proof, SECRETS).sign(PLAIN)
    assert signed.headers == (("X-Id", "\u00fc:"), ("X-Key", "hush"))
    assert record_request(signed).headers == (("X-Id", MASK), ("X-Key", MASK))
