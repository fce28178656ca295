"""The forgetful buyer hangs up on some, and its ledger and its status know whom it has all the same."""

import httpx
import pytest

from leadrelay.recipients.forgetful import hangs_up, loses_it

EMAILS = [f"ada{number}@example.com" for number in range(200)]
HEARD = next(email for email in EMAILS if not hangs_up(email))
LOST = next(email for email in EMAILS if loses_it(email))
KEPT = next(email for email in EMAILS if hangs_up(email) and not loses_it(email))


def test_about_one_in_five_hears_nothing_and_half_of_those_are_lost() -> None:
    assert 20 <= sum(map(hangs_up, EMAILS)) <= 65
    assert 8 <= sum(map(loses_it, EMAILS)) <= 40
    assert all(hangs_up(email) for email in EMAILS if loses_it(email))


async def test_most_leads_are_bought_and_told(recipients: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "k-1"}
    answer = await recipients.post("/forgetful/leads", json={"email": HEARD}, headers=headers)
    assert answer.json() == {"result": "accepted", "id": "F-1001", "price": "18.00", "currency": "USD"}
    status = await recipients.get("/forgetful/status", params={"key": "k-1"})
    assert status.json()["state"] == "accepted"


@pytest.mark.parametrize(("email", "has_it"), [(KEPT, True), (LOST, False)])
async def test_who_hears_nothing_can_ask(recipients: httpx.AsyncClient, email: str, has_it: bool) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        await recipients.post("/forgetful/leads", json={"email": email}, headers={"Idempotency-Key": "k-1"})
    status = await recipients.get("/forgetful/status", params={"key": "k-1"})
    ledger = (await recipients.get("/forgetful/ledger")).json()
    assert status.status_code == (200 if has_it else 404)
    assert ("k-1" in ledger["accepted"]) is has_it


async def test_a_lead_without_an_email_is_rejected(recipients: httpx.AsyncClient) -> None:
    answer = await recipients.post("/forgetful/leads", json={"email": "?"})
    assert answer.json() == {"result": "rejected", "reason": "email is invalid"}
