"""The standard buyer: one price, a list of errors, and a busy answer that a second try gets past."""

from typing import Any

import httpx
import pytest

from leadrelay.recipients.standard import API_KEY, finds_it_busy

NAMES = [f"person{number}@example.com" for number in range(2_000)]
BUSY = next(email for email in NAMES if finds_it_busy(email))
FREE = next(email for email in NAMES if not finds_it_busy(email))


async def post(
    standard: httpx.AsyncClient, email: str = FREE, key: str = "", **changes: Any
) -> httpx.Response:
    lead = {"last_name": "Lovelace", "phone": "512.555.0148", "email": email, **changes}
    headers = {"X-Api-Key": API_KEY, **({"Idempotency-Key": key} if key else {})}
    return await standard.post("/standard/leads", json=lead, headers=headers)


async def test_a_good_lead_is_taken_at_the_one_price(recipients: httpx.AsyncClient) -> None:
    answer = await post(recipients)
    assert answer.status_code == 200
    assert answer.json() == {"status": "success", "id": "S-1001", "price": 12.5, "currency": "USD"}


async def test_all_that_is_wrong_is_told_at_once(recipients: httpx.AsyncClient) -> None:
    answer = await post(recipients, "ada at example.com", last_name="", phone="555-0148")
    assert answer.status_code == 422
    assert answer.json() == {
        "status": "failed",
        "errors": ["last_name is missing", "email is invalid", "phone is invalid"],
    }


async def test_without_the_key_nothing_is_taken(recipients: httpx.AsyncClient) -> None:
    assert (await recipients.post("/standard/leads", json={})).status_code == 401


async def test_a_busy_first_try_is_taken_on_the_second_and_repeated_on_the_third(
    recipients: httpx.AsyncClient,
) -> None:
    first, second, third = [await post(recipients, BUSY, key="k-1") for _ in range(3)]
    assert (first.status_code, first.headers["retry-after"], first.json()) == (503, "1", {"status": "busy"})
    assert second.json()["status"] == "success"
    assert third.content == second.content
    ledger = (await recipients.get("/standard/ledger")).json()
    assert ledger["accepted"] == {"k-1": {"id": second.json()["id"], "times": 1}}


async def test_another_key_starts_again_with_busy(recipients: httpx.AsyncClient) -> None:
    assert (await post(recipients, BUSY, key="k-1")).status_code == 503
    assert (await post(recipients, BUSY, key="k-2")).status_code == 503


async def test_a_sender_without_keys_is_known_by_the_email(recipients: httpx.AsyncClient) -> None:
    assert [(await post(recipients, BUSY)).status_code for _ in range(2)] == [503, 200]


async def test_a_body_that_is_no_object_is_refused(recipients: httpx.AsyncClient) -> None:
    answer = await recipients.post("/standard/leads", content=b"[1]", headers={"X-Api-Key": API_KEY})
    assert (answer.status_code, answer.json()["status"]) == (422, "failed")


@pytest.mark.parametrize("written", [BUSY, BUSY.upper()])
def test_the_same_email_always_finds_it_busy(written: str) -> None:
    assert finds_it_busy(written)


def test_about_one_lead_in_ten_finds_it_busy() -> None:
    assert 0.07 < sum(map(finds_it_busy, NAMES)) / len(NAMES) < 0.13
