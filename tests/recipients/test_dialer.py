"""The dialer: a form, a key and a phone number in exactly one notation."""

import httpx
import pytest

from leadrelay.recipients.dialer import API_KEY

KEY = {"X-Api-Key": API_KEY}
LEAD = {"phone": "(512) 555-0148", "first_name": "Zoë"}


async def test_a_good_lead_is_queued_under_a_number_of_its_own(recipients: httpx.AsyncClient) -> None:
    answers = [await recipients.post("/dialer/hook", data=LEAD, headers=KEY) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.json() for answer in answers] == [
        {"status": "queued", "call_id": "D-1001"},
        {"status": "queued", "call_id": "D-1002"},
    ]


@pytest.mark.parametrize("headers", [{}, {"X-Api-Key": "guess"}])
async def test_without_the_key_nothing_is_queued(
    recipients: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    assert (await recipients.post("/dialer/hook", data=LEAD, headers=headers)).status_code == 403


@pytest.mark.parametrize(
    "phone",
    [
        "512-555-0148",
        "5125550148",
        "(512)555-0148",
        " (512) 555-0148",
        "(512) 555-0148\n",
        "(٥١٢) 555-0148",
        "",
    ],
)
async def test_any_other_notation_is_an_invalid_phone_number(
    recipients: httpx.AsyncClient, phone: str
) -> None:
    answer = await recipients.post("/dialer/hook", data={**LEAD, "phone": phone}, headers=KEY)
    assert answer.status_code == 422
    assert answer.json() == {"status": "error", "message": "invalid phone number"}


async def test_what_is_no_form_or_has_no_name_is_told_so(recipients: httpx.AsyncClient) -> None:
    assert (await recipients.post("/dialer/hook", json=LEAD, headers=KEY)).status_code == 415
    nameless = await recipients.post("/dialer/hook", data={"phone": LEAD["phone"]}, headers=KEY)
    assert (nameless.status_code, nameless.json()["message"]) == (422, "first_name is missing")


async def test_a_lead_posted_twice_is_called_twice_and_the_ledger_shows_it(
    recipients: httpx.AsyncClient,
) -> None:
    for _ in range(2):
        await recipients.post("/dialer/hook", data=LEAD, headers={**KEY, "Idempotency-Key": "k-1"})
    ledger = (await recipients.get("/dialer/ledger")).json()
    assert ledger["accepted"] == {"k-1": {"id": "D-1001", "times": 2}}
