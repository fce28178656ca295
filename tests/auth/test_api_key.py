"""An API key is where the recipient looks for it, and in no record (behaviour 4.2, 9)."""

import pytest

from leadrelay.auth.api_key import api_key
from leadrelay.auth.secrets import open_secrets
from leadrelay.core.destination import ApiKey
from leadrelay.core.errors import NotSent
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


def with_body(kind: str, body: bytes, recorded: bytes | None = None) -> Request:
    return Request(
        method="POST",
        url="https://buyer.example/leads",
        headers=(("Content-Type", kind),),
        body=body,
        recorded_body=recorded,
    )


FORM, JSON = "application/x-www-form-urlencoded", "application/json"


@pytest.mark.parametrize(
    ("kind", "body", "signed", "shown"),
    [
        (FORM, b"a=1", b"a=1&Key=%C3%BC%3A", "a=1&Key=***"),
        (FORM, b"", b"Key=%C3%BC%3A", "Key=***"),
        (FORM, b"Key=old&a=1", b"Key=%C3%BC%3A&a=1", "Key=***&a=1"),
        (JSON, b'{"a":1.50}', '{"a":1.50,"Key":"ü:"}'.encode(), '{"a":1.50,"Key":"***"}'),
        (JSON, b'{"a":1.50,"Key":"ol\\"d"}', '{"a":1.50,"Key":"ü:"}'.encode(), '{"a":1.50,"Key":"***"}'),
        (JSON, b"{}", '{"Key":"ü:"}'.encode(), '{"Key":"***"}'),
        (
            JSON,
            b'{"Key":"old","b":{"c":1}}',
            '{"Key":"ü:","b":{"c":1}}'.encode(),
            '{"Key":"***","b":{"c":1}}',
        ),
    ],
)
async def test_a_key_may_be_a_member_of_the_body(kind: str, body: bytes, signed: bytes, shown: str) -> None:
    request = await api_key(ApiKey(key="id", field="Key"), SECRETS).sign(with_body(kind, body))
    assert request.body == signed
    assert record_request(request).body == shown


async def test_a_key_in_the_body_leaves_what_is_masked_there_masked() -> None:
    request = with_body(JSON, b'{"ssn":"078-05-1120"}', b'{"ssn":"***"}')
    signer = api_key(ApiKey(key="key", field="Key"), SECRETS)
    assert record_request(await signer.sign(request)).body == '{"ssn":"***","Key":"***"}'
    assert record_request(signer.show(request)).body == '{"ssn":"***","Key":"***"}'


@pytest.mark.parametrize(("kind", "body"), [("text/xml", b"<a/>"), (JSON, b"[1]"), (JSON, b"")])
async def test_a_body_without_members_has_no_place_for_a_key(kind: str, body: bytes) -> None:
    with pytest.raises(NotSent, match="neither a form nor a JSON object"):
        await api_key(ApiKey(key="key", field="Key"), SECRETS).sign(with_body(kind, body))


async def test_a_request_without_a_body_has_the_key_in_its_query() -> None:
    """Such as a status request, which is signed as the delivery was."""
    signed = await api_key(ApiKey(key="key", field="Key"), SECRETS).sign(PLAIN)
    assert signed.url == "https://buyer.example/leads?v=2&Key=hush"
    assert record_request(signed).url == "https://buyer.example/leads?v=2&Key=***"
