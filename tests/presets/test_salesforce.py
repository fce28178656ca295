"""The Salesforce presets, against what Salesforce documents of its answers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import RSAKey

from certificates import an_authority
from leadrelay.recipients.http_server import serve
from leadrelay_client import Client
from presets.salesforce import CONSUMER_KEY, Salesforce, an_issuer
from presets.staging import JULIA, Stage, staged, stored, written
from servers import a_process, in_thread

pytestmark = pytest.mark.timeout(60)

MY_DOMAIN, LOGIN = "https://mydomain.my.salesforce.com", "https://login.salesforce.com/services"


@asynccontextmanager
async def an_app(folder: Path, double: Salesforce, secret: str = "consumer-secret") -> AsyncIterator[Stage]:
    secrets = {"salesforce-client-secret": secret}
    async with staged(
        folder, "salesforce_client_credentials", double, hosts=(MY_DOMAIN,), secrets=secrets
    ) as stage:
        yield stage


async def test_a_lead_becomes_a_lead_and_its_id_is_kept(tmp_path: Path) -> None:
    double = Salesforce()
    async with an_app(tmp_path, double) as stage:
        told = await stage.deliver("to_salesforce_app")
    assert told.both() == ("success", "")
    assert told.outcome().reference == "00Q5e0000000001AAA"
    assert told.outcome().appended["id"] == "00Q5e0000000001AAA"
    assert double.leads == [
        {
            "LastName": "White",
            "FirstName": "Julia",
            "Company": "[not provided]",
            "Email": "julia.white@example.net",
            "Phone": "(614) 555-0105",
            "Street": "12 Main St",
            "City": "Columbus",
            "State": "OH",
            "PostalCode": "43215-1234",
            "LeadSource": "Web",
        }
    ]
    assert double.requests[0].headers["sforce-duplicate-rule-header"] == "allowSave=true"


@pytest.mark.parametrize(
    ("changes", "said", "words"),
    [
        (
            {"email": "nobody@nowhere"},
            ("hard_reject", "invalid_data"),
            "INVALID_EMAIL_ADDRESS: Email: invalid",
        ),
        ({"last_name": "x" * 81}, ("hard_reject", "invalid_data"), "STRING_TOO_LONG: LastName"),
        ({"city": "Llanfair" * 6}, ("hard_reject", "invalid_data"), "STRING_TOO_LONG: City"),
    ],
)
async def test_what_suits_no_field_of_theirs_is_invalid_data(
    tmp_path: Path, changes: dict[str, str], said: tuple[str, str], words: str
) -> None:
    async with an_app(tmp_path, Salesforce()) as stage:
        told = await stage.deliver("to_salesforce_app", **changes)
    assert told.both() == said
    assert told.outcome().words.startswith(words)


async def test_a_second_lead_of_the_same_person_is_a_duplicate_of_the_first(tmp_path: Path) -> None:
    async with an_app(tmp_path, Salesforce()) as stage:
        first = await stage.deliver("to_salesforce_app")
        second = await stage.deliver("to_salesforce_app", email="JULIA.WHITE@example.net")
    assert second.both() == ("hard_reject", "duplicate")
    assert second.outcome().reference == first.outcome().reference


async def test_a_session_that_ended_costs_one_refresh_and_no_lead(tmp_path: Path) -> None:
    double = Salesforce()
    async with an_app(tmp_path, double) as stage:
        await stage.deliver("to_salesforce_app")
        double.end_sessions()
        told = await stage.deliver("to_salesforce_app", email="eve@example.net")
    assert told.both() == ("success", "")
    assert told.attempts == 1
    assert len(double.issuer.asked) == 2


async def test_a_user_who_is_never_let_in_costs_one_refresh_and_is_told_as_unauthorized(
    tmp_path: Path,
) -> None:
    double = Salesforce(is_open=False)
    async with an_app(tmp_path, double) as stage:
        told = await stage.deliver("to_salesforce_app")
    assert told.both() == ("system_error", "unauthorized")
    assert told.outcome().words.startswith("INVALID_SESSION_ID")
    assert (len(double.issuer.asked), len(double.requests)) == (2, 2)


async def test_a_secret_that_is_wrong_is_told_as_auth_and_no_lead_leaves(tmp_path: Path) -> None:
    double = Salesforce()
    async with an_app(tmp_path, double, secret="last-years-secret") as stage:
        told = await stage.deliver("to_salesforce_app")
    assert told.both() == ("system_error", "auth")
    assert "invalid_client" in told.outcome().words
    assert double.requests == []


async def test_a_record_that_somebody_holds_is_tried_again(tmp_path: Path) -> None:
    double = Salesforce(locks=2)
    async with an_app(tmp_path, double) as stage:
        told = await stage.deliver("to_salesforce_app")
    assert (told.both(), told.attempts) == (("success", ""), 3)


async def test_an_allowance_that_is_used_up_ends_as_a_full_cap(tmp_path: Path) -> None:
    double = Salesforce(calls_left=0)
    async with an_app(tmp_path, double) as stage:
        told = await stage.deliver("to_salesforce_app")
    assert (told.both(), told.attempts) == (("soft_reject", "cap_exceeded"), 4)
    assert told.outcome().words == "REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded."


def a_key() -> tuple[str, RSAKey]:
    """A private key as PEM, and its public half."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem.decode(), RSAKey.import_key(pem)


async def test_an_assertion_logs_a_server_in_over_tls(tmp_path: Path) -> None:
    """In a process of its own, which trusts the authority of the double's certificate."""
    authority, (pem, key) = an_authority(), a_key()
    double = Salesforce(issuer=an_issuer(key))
    (tmp_path / "trusted.pem").write_text(authority.pem)
    async with trio.open_nursery() as nursery:
        port = await nursery.start(_serve_tls, double, authority.server())
        base = f"https://127.0.0.1:{port}"
        catalog = written(tmp_path, "salesforce_jwt", {MY_DOMAIN: base, LOGIN: f"{base}/services"})
        secrets = stored(tmp_path, {"salesforce-key": pem})
        said = await in_thread(lambda: _delivered(tmp_path, catalog, secrets))
        nursery.cancel_scope.cancel()
    assert said == ("00Q5e0000000001AAA", True)
    (claims,) = double.issuer.assertions
    assert claims["iss"] == CONSUMER_KEY
    assert claims["sub"] == "integration@example.com"
    assert claims["aud"] == "https://login.salesforce.com"
    assert claims["exp"] - claims["iat"] <= 180


async def _serve_tls(
    double: Salesforce, tls: Any, task_status: trio.TaskStatus[int] = trio.TASK_STATUS_IGNORED
) -> None:
    await serve(double.hear, tls=tls, task_status=task_status)


def _delivered(folder: Path, catalog: Path, secrets: Path) -> tuple[str, bool]:
    arguments = ("--catalog", str(catalog), "--secrets", str(secrets), "--allow-egress", "127.0.0.0/8")
    environment = {"SSL_CERT_FILE": str(folder / "trusted.pem")}
    with a_process(folder, *arguments, environment=environment) as process, Client(process.address) as client:
        settled = client.deliver_and_wait("to_salesforce", JULIA)
    outcome = settled.deliveries["salesforce"].outcome
    return outcome.reference, settled.is_accepted


async def test_the_form_is_sent_as_it_would_be_by_their_own_page(tmp_path: Path) -> None:
    double = Salesforce()
    async with staged(
        tmp_path,
        "salesforce_web_to_lead",
        double,
        hosts=("https://webto.salesforce.com",),
        secrets={},
    ) as stage:
        told = await stage.deliver("to_salesforce_web_to_lead")
        nobody = await stage.deliver("to_salesforce_web_to_lead", last_name=None)
    assert told.both() == ("success", "")
    assert nobody.both() == ("system_error", "mapping_required")
    assert [lead["last_name"] for lead in double.leads] == ["White"]
    assert double.leads[0]["company"] == "[not provided]"


async def test_the_forms_answer_is_the_same_where_no_lead_is_made(tmp_path: Path) -> None:
    """The trap that the preset warns of: an organization that does not exist gets the same 200."""
    double = Salesforce(organization="00D999999999999")
    hosts = ("https://webto.salesforce.com",)
    async with staged(tmp_path, "salesforce_web_to_lead", double, hosts=hosts, secrets={}) as stage:
        told = await stage.deliver("to_salesforce_web_to_lead")
    assert told.kind() == "success"
    assert double.leads == []


async def test_more_than_they_take_in_a_day_is_not_sent(tmp_path: Path) -> None:
    """They would queue it, or lose it, and answer as ever."""
    double = Salesforce()
    async with staged(
        tmp_path,
        "salesforce_web_to_lead",
        double,
        hosts=("https://webto.salesforce.com",),
        secrets={},
        edits={"count: 500": "count: 1"},
    ) as stage:
        first = await stage.deliver("to_salesforce_web_to_lead")
        second = await stage.deliver("to_salesforce_web_to_lead", email="eve@example.net")
    assert (first.kind(), second.both()) == ("success", ("skipped", "cap_full"))
    assert len(double.leads) == 1
