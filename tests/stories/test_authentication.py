"""Proofs of who we are, through a whole server and seen from the recipient's side (behaviour 4.2)."""

import base64
import hmac
from pathlib import Path
from typing import Any

import pytest
import trio

from authorization_server import Issuer
from certificates import an_authority
from leadrelay.auth.keyring import write_new_key
from leadrelay.recipients.http_server import serve
from leadrelay_client import Client
from leadrelay_client.v1.outcome_pb2 import RESULT_ERROR, RESULT_SUCCESS
from recipients_openssl import openssl_recipient
from servers import a_catalog, a_flow, a_process, a_server, deliver

pytestmark = pytest.mark.timeout(90)
WEBHOOK_KEY = base64.b64encode(bytes(range(32))).decode()


def a_catalog_of(folder: Path, url: str, *auth: dict[str, Any]) -> Path:
    destination = {"name": "crm", "rest": {"url": url}, "pass_through": "all", "auth": list(auth)}
    return a_catalog(folder, destination, a_flow("loans", {"deliver": "crm"}))


def test_a_lead_is_signed_twice_and_goes_over_a_connection_that_knows_us(tmp_path: Path) -> None:
    servers, clients = an_authority(), an_authority()
    trusted = tmp_path / "trusted.pem"
    trusted.write_text(servers.pem)
    certificate, key = clients.client_pem("acme.example")
    environment = {
        "SSL_CERT_FILE": str(trusted),
        "LEADRELAY_SECRET_CERTIFICATE": certificate,
        "LEADRELAY_SECRET_KEY": key,
        "LEADRELAY_SECRET_SHARED": "hush",
        "LEADRELAY_SECRET_WEBHOOK": f"whsec_{WEBHOOK_KEY}",
    }
    with openssl_recipient(servers.demanding_server(clients)) as recipient:
        catalog = a_catalog_of(
            tmp_path,
            f"https://127.0.0.1:{recipient.port}/leads",
            {"mtls": {"certificate": {"secret": "certificate"}, "private_key": {"secret": "key"}}},
            {"hmac": {"key": {"secret": "shared"}, "prefix": "sha256="}},
            {"standard_webhooks": {"keys": [{"secret": "webhook"}]}},
        )
        with (
            a_process(tmp_path, "--catalog", str(catalog), environment=environment) as process,
            Client(process.address) as client,
        ):
            settled = client.deliver_and_wait("loans", {"email": "ada@example.com"})
    assert settled.result == RESULT_SUCCESS
    head, _, body = recipient.requests[0].partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().lower().split("\r\n")[1:])
    assert headers["x-signature"] == f"sha256={hmac.digest(b'hush', body, 'sha256').hex()}"
    assert headers["webhook-id"] == headers["idempotency-key"]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.digest(base64.b64decode(WEBHOOK_KEY), signed, "sha256")
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}".lower()


async def test_a_refresh_token_of_one_use_carries_leads_across_a_restart(tmp_path: Path) -> None:
    issuer = Issuer(rotates=True)
    secrets, key = tmp_path / "secrets", tmp_path / "secrets.key"
    secrets.mkdir()
    (secrets / "refresh").write_text(issuer.a_refresh_token())
    (secrets / "secret").write_text("hush")
    write_new_key(key)
    async with trio.open_nursery() as nursery:
        port = await nursery.start(serve, issuer.hear)
        oauth2 = {
            "token_url": f"http://127.0.0.1:{port}/token",
            "grant": "refresh_token",
            "client_id": "me",
            "client_secret": {"secret": "secret"},
            "refresh_token": {"secret": "refresh"},
        }
        catalog = a_catalog_of(tmp_path, f"http://127.0.0.1:{port}/leads", {"oauth2": oauth2})
        for _ in range(2):
            async with a_server(tmp_path, catalog, secrets=secrets, secrets_keys=(key,)) as address:
                for _ in range(2):
                    assert (await deliver(address, "loans")).result == RESULT_SUCCESS
        nursery.cancel_scope.cancel()
    assert [form["refresh_token"] for form in issuer.asked] == ["r-1", "r-2"]
    assert issuer.leads == ["t-1", "t-1", "t-2", "t-2"]


async def test_a_token_endpoint_that_refuses_is_told_as_auth_and_no_lead_leaves(tmp_path: Path) -> None:
    issuer = Issuer()
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "password").write_text("not lovelace")
    (secrets / "secret").write_text("hush")
    async with trio.open_nursery() as nursery:
        port = await nursery.start(serve, issuer.hear)
        oauth2 = {
            "token_url": f"http://127.0.0.1:{port}/token",
            "grant": "password",
            "client_id": "me",
            "client_secret": {"secret": "secret"},
            "username": "ada",
            "password": {"secret": "password"},
        }
        catalog = a_catalog_of(tmp_path, f"http://127.0.0.1:{port}/leads", {"oauth2": oauth2})
        async with a_server(tmp_path, catalog, secrets=secrets) as address:
            settled = await deliver(address, "loans")
        nursery.cancel_scope.cancel()
    assert settled.result == RESULT_ERROR
    assert "invalid_request" in repr(settled)
    assert "lovelace" not in repr(settled)
    assert issuer.leads == []
