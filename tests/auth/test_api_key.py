"""An API key is where the recipient looks for it, and in no record (behaviour 4.2, 9)."""

from leadrelay.auth.api_key import api_key
from leadrelay.auth.secrets import open_secrets
from leadrelay.core.destination import ApiKey
from leadrelay.core.exchange import Request, record_request
from leadrelay.core.masking import MASK

PLAIN = Request(method="POST", url="https://buyer.example/leads?v=2")
SECRETS = open_secrets(None, {"LEADRELAY_SECRET_KEY": "hush", "LEADRELAY_SECRET_ID": "\u00fc:"})


async def test_a_key_may_be_in_a_header() -> None:
    signed = await api_key(ApiKey(key="key", header="X-Partner-Key"), SECRETS).sign(PLAIN)
    assert signed.headers == (("X-Partner-Key", "hush"),)
    assert record_request(signed).headers == (("X-Partner-Key", MASK),)


async def test_a_prefix_stands_before_a_key_in_a_header() -> None:
    proof = ApiKey(key="key", header="Authorization", prefix="Token ")
    assert (await api_key(proof, SECRETS).sign(PLAIN)).headers == (("Authorization", "Token hush"),)


async def test_a_key_may_be_a_query_parameter() -> None:
    signed = await api_key(ApiKey(key="key", query="api_key"), SECRETS).sign(PLAIN)
    assert (signed.url, signed.headers) == ("https://buyer.example/leads?v=2&api_key=hush", ())
    assert record_request(signed).url == f"https://buyer.example/leads?v=2&api_key={MASK}"
