"""Standard Webhooks 1.0.0, by its own example and by a verifier that is none of ours (behaviour 4.2)."""

import base64
from dataclasses import dataclass

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

from leadrelay.auth.secrets import open_secrets
from leadrelay.auth.standard_webhooks import standard_webhooks
from leadrelay.core.destination import StandardWebhooks
from leadrelay.core.errors import NotSent
from leadrelay.core.exchange import Reply, Request, record_request
from leadrelay.core.masking import MASK
from leadrelay.core.outcome import ReasonCode

EXAMPLE_KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
EXAMPLE = Request(
    method="POST",
    url="https://b.example",
    body=b'{"test": 2432232314}',
    idempotency_key="msg_p5jXN8AQM9LWM0D4loKWxJek",
)
EXAMPLE_SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
NEW_KEY = "whsec_" + base64.b64encode(bytes(range(64))).decode()


@dataclass
class At:
    seconds: float

    def now(self) -> int:
        return round(self.seconds * 1e9)


THEN = At(1614265330.9)


def environment(**values: str) -> dict[str, str]:
    return {f"LEADRELAY_SECRET_{name.upper()}": value for name, value in values.items()}


SECRETS = open_secrets(
    None, environment(old=EXAMPLE_KEY, new=NEW_KEY, bare=EXAMPLE_KEY.removeprefix("whsec_"))
)


def verified(request: Request, secret: str) -> bool:
    """What a recipient does, by the specification: any of the signatures may be the right one."""
    headers = {name.lower(): value for name, value in request.headers}
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + request.body
    for signature in headers["webhook-signature"].split(" "):
        version, _, digest = signature.partition(",")
        mac = HMAC(base64.b64decode(secret.removeprefix("whsec_")), hashes.SHA256())
        mac.update(signed)
        try:
            mac.verify(base64.b64decode(digest))
        except InvalidSignature:
            continue
        return version == "v1"
    return False


@pytest.mark.parametrize("name", ["old", "bare"])
async def test_it_signs_the_example_of_the_reference_libraries(name: str) -> None:
    signed = await standard_webhooks(StandardWebhooks(keys=(name,)), SECRETS, THEN).sign(EXAMPLE)
    assert signed.headers == (
        ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
        ("webhook-timestamp", "1614265330"),
        ("webhook-signature", EXAMPLE_SIGNATURE),
    )


async def test_while_keys_rotate_every_recipient_finds_its_own_and_the_current_comes_first() -> None:
    signer = standard_webhooks(StandardWebhooks(keys=("new", "old")), SECRETS, THEN)
    signed = await signer.sign(EXAMPLE)
    assert verified(signed, EXAMPLE_KEY)
    assert verified(signed, NEW_KEY)
    assert dict(signed.headers)["webhook-signature"].split(" ")[1] == EXAMPLE_SIGNATURE
    one = await standard_webhooks(StandardWebhooks(keys=("old",)), SECRETS, THEN).sign(EXAMPLE)
    assert not verified(one, NEW_KEY)


async def test_a_second_try_is_the_same_message_at_another_time() -> None:
    """Behaviour 4.4: every attempt carries the same key; 4.2: a proof made twice stands there once."""
    clock = At(1614265330)
    signer = standard_webhooks(StandardWebhooks(keys=("old",)), SECRETS, clock)
    first = await signer.sign(EXAMPLE)
    clock.seconds += 60
    second = await signer.sign(first)
    assert verified(second, EXAMPLE_KEY)
    assert [name for name, _ in second.headers] == [name for name, _ in first.headers]
    assert dict(second.headers)["webhook-id"] == dict(first.headers)["webhook-id"]
    assert dict(second.headers)["webhook-timestamp"] == "1614265390"


async def test_the_signature_alone_is_masked() -> None:
    signed = await standard_webhooks(StandardWebhooks(keys=("old",)), SECRETS, THEN).sign(EXAMPLE)
    shown = dict(record_request(signed).headers)
    assert shown["webhook-signature"] == MASK
    assert shown["webhook-id"] == EXAMPLE.idempotency_key


async def test_a_401_helps_only_if_a_key_has_changed_whatever_time_it_is() -> None:
    values, clock = environment(key=EXAMPLE_KEY), At(1614265330)
    signer = standard_webhooks(StandardWebhooks(keys=("key",)), open_secrets(None, values), clock)
    signed = await signer.sign(EXAMPLE)
    clock.seconds += 5
    assert not signer.renew(signed, Reply(status=401))
    values.update(environment(key=NEW_KEY))
    assert signer.renew(signed, Reply(status=401))
    assert verified(await signer.sign(signed), NEW_KEY)


@pytest.mark.parametrize("value", ["whsec_hush hush", "whsk_" + "A" * 32, "no base64!", "whsec_hüsh"])
async def test_what_is_no_key_is_told_by_its_name_alone(value: str) -> None:
    secrets = open_secrets(None, environment(key=value))
    with pytest.raises(NotSent, match="secret key is no Standard Webhooks key") as caught:
        await standard_webhooks(StandardWebhooks(keys=("key",)), secrets, THEN).sign(EXAMPLE)
    assert caught.value.code is ReasonCode.AUTH
    assert value not in caught.value.words


async def test_an_empty_key_is_no_key() -> None:
    secrets = open_secrets(None, environment(key="whsec_"))
    with pytest.raises(NotSent, match="no Standard Webhooks key"):
        await standard_webhooks(StandardWebhooks(keys=("key",)), secrets, THEN).sign(EXAMPLE)
