"""The CRM: tokens as RFC 6749 has them, and one record per person and per idempotency key."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import httpx
import pytest
import trio
from trio.testing import MockClock

from leadrelay.recipients import serve_all
from leadrelay.recipients.crm import CLIENT_ID, CLIENT_SECRET, Crm

GRANT = {"grant_type": "client_credentials"}
NOBODY = httpx.Auth()  # sends nothing
CLIENT = httpx.BasicAuth(CLIENT_ID, CLIENT_SECRET)
ADA = {"LastName": "Lovelace", "Email": "ada@example.com", "Phone": "(512) 555-0148"}
LIFETIME = 30


@pytest.fixture
async def crm(nursery: trio.Nursery, mock_clock: MockClock) -> AsyncIterator[httpx.AsyncClient]:
    """A client that has logged in."""
    port = await nursery.start(partial(serve_all, port=0, recipients=[Crm(token_lifetime=LIFETIME)]))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/crm", trust_env=False) as client:
        granted = await client.post("/oauth/token", data=GRANT, auth=CLIENT)
        client.headers["Authorization"] = f"Bearer {granted.json()['access_token']}"
        yield client


async def create(crm: httpx.AsyncClient, fields: Any, key: str = "") -> httpx.Response:
    return await crm.post("/v1/leads", json=fields, headers={"Idempotency-Key": key} if key else {})


async def test_a_client_is_known_by_http_basic_or_by_the_form(recipients: httpx.AsyncClient) -> None:
    in_body = {**GRANT, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    for granted in (
        await recipients.post("/crm/oauth/token", data=GRANT, auth=CLIENT),
        await recipients.post("/crm/oauth/token", data=in_body),
    ):
        assert granted.status_code == 200
        assert granted.headers["cache-control"] == "no-store"
        assert granted.json().keys() == {"access_token", "token_type", "expires_in"}
        assert (granted.json()["token_type"], granted.json()["expires_in"]) == ("Bearer", 3600)


@pytest.mark.parametrize(
    ("form", "auth", "status", "error"),
    [
        (GRANT, httpx.BasicAuth(CLIENT_ID, "guess"), 401, "invalid_client"),
        (GRANT, NOBODY, 401, "invalid_client"),
        ({**GRANT, "client_id": CLIENT_ID, "client_secret": "guess"}, NOBODY, 401, "invalid_client"),
        ({"grant_type": "password"}, CLIENT, 400, "unsupported_grant_type"),
        ({"scope": "all"}, CLIENT, 400, "invalid_request"),
        ({**GRANT, "client_secret": CLIENT_SECRET}, CLIENT, 400, "invalid_request"),
    ],
)
async def test_a_token_that_is_not_granted_says_why_in_the_words_of_the_rfc(
    recipients: httpx.AsyncClient,
    form: dict[str, str],
    auth: httpx.Auth,
    status: int,
    error: str,
) -> None:
    answer = await recipients.post("/crm/oauth/token", data=form, auth=auth)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert ("www-authenticate" in answer.headers) == (status == 401)


async def test_a_token_request_that_is_no_form_is_invalid(recipients: httpx.AsyncClient) -> None:
    answer = await recipients.post("/crm/oauth/token", json=GRANT, auth=CLIENT)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_a_lead_becomes_a_record_that_can_be_read_back(crm: httpx.AsyncClient) -> None:
    made = await create(crm, ADA)
    assert made.status_code == 201
    answer = made.json()
    assert answer["id"].startswith("00Q")
    assert (answer["success"], answer["errors"]) == (True, [])
    record = await crm.get(answer["url"])
    assert record.json() == {**ADA, "Company": "[not provided]", "Id": answer["id"]}
    assert (await crm.get("/v1/leads/00Qunknown")).status_code == 404


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer made-up", "Basic made-up"])
async def test_without_a_token_nothing_is_taken_or_shown(crm: httpx.AsyncClient, authorization: str) -> None:
    record_id = (await create(crm, ADA)).json()["id"]
    crm.headers["Authorization"] = authorization
    for answer in (await create(crm, {"LastName": "Byron"}), await crm.get(f"/v1/leads/{record_id}")):
        assert answer.status_code == 401
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]
        assert answer.json()[0]["errorCode"] == "INVALID_SESSION_ID"


async def test_a_token_ends_when_it_said_it_would(crm: httpx.AsyncClient, mock_clock: MockClock) -> None:
    mock_clock.jump(LIFETIME - 1)
    assert (await create(crm, ADA)).status_code == 201
    mock_clock.jump(1)
    assert (await create(crm, {"LastName": "Byron"})).status_code == 401


@pytest.mark.parametrize("fields", [{}, {"LastName": "  "}, {"LastName": None}])
async def test_a_lead_without_a_last_name_is_refused(crm: httpx.AsyncClient, fields: Any) -> None:
    answer = await create(crm, fields)
    assert answer.status_code == 400
    (error,) = answer.json()
    assert (error["errorCode"], error["fields"]) == ("REQUIRED_FIELD_MISSING", ["LastName"])
    assert "LastName" in error["message"]


async def test_a_body_that_is_no_object_is_refused(crm: httpx.AsyncClient) -> None:
    assert (await create(crm, [1])).json()[0]["errorCode"] == "JSON_PARSER_ERROR"


@pytest.mark.parametrize(
    "same", [{"Email": "ADA@example.com"}, {"Email": "other@example.com", "Phone": "5125550148"}]
)
async def test_the_same_email_or_phone_is_a_duplicate(crm: httpx.AsyncClient, same: dict[str, str]) -> None:
    await create(crm, ADA, key="first")
    answer = await create(crm, {"LastName": "King", **same}, key="second")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "DUPLICATES_DETECTED")


async def test_the_same_idempotency_key_gets_the_same_answer_and_makes_no_second_record(
    crm: httpx.AsyncClient,
) -> None:
    first = await create(crm, ADA, key="k-1")
    again = await create(crm, ADA, key="k-1")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    ledger = (await crm.get("/ledger")).json()
    assert ledger["accepted"] == {"k-1": {"id": first.json()["id"], "times": 1}}
    base = crm.base_url.copy_with(path="/")
    (standing,) = (await crm.get(base)).json()["recipients"]
    assert (standing["taken"], standing["accepted"], standing["repeated"]) == (2, 1, 1)


async def test_a_refusal_for_the_token_is_not_remembered_under_the_key(crm: httpx.AsyncClient) -> None:
    authorization = crm.headers.pop("Authorization")
    assert (await create(crm, ADA, key="k-1")).status_code == 401
    crm.headers["Authorization"] = authorization
    assert (await create(crm, ADA, key="k-1")).status_code == 201
