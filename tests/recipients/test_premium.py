"""The premium buyer: every answer is HTTP 200, and the body tells a sale from a rejection."""

from typing import Any

import httpx
import pytest

from leadrelay.recipients.premium import MOST_AMOUNT, PASSWORD, USER

LOGIN = (USER, PASSWORD)
LEAD = {
    "email": "ada@example.com",
    "phone": "5125550148",
    "state": "TX",
    "loan_amount": 60_000,
    "credit_score": 700,
}


async def post(premium: httpx.AsyncClient, **changes: Any) -> httpx.Response:
    return await premium.post("/premium/post", json={**LEAD, **changes}, auth=LOGIN)


async def test_a_wanted_lead_is_bought_at_a_named_price(recipients: httpx.AsyncClient) -> None:
    answer = await post(recipients)
    assert answer.status_code == 200
    assert answer.json() == {"result": "accepted", "lead_id": "P-1001", "price": "48.50", "currency": "USD"}


@pytest.mark.parametrize(
    ("amount", "price"), [(74_999, "48.50"), (75_000, "62.00"), ("125000", "85.00"), (MOST_AMOUNT, "85.00")]
)
async def test_the_price_rises_with_the_loan(
    recipients: httpx.AsyncClient, amount: object, price: str
) -> None:
    assert (await post(recipients, loan_amount=amount)).json()["price"] == price


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"loan_amount": 9_999}, "Loan amount out of range"),
        ({"loan_amount": 250_001}, "Loan amount out of range"),
        ({"loan_amount": "$60,000"}, "Loan amount out of range"),
        ({"state": "NY"}, "State not served"),
        ({"state": "Texas"}, "State not served"),
        ({"credit_score": 639}, "Credit score too low"),
        ({"credit_score": None}, "Credit score too low"),
    ],
)
async def test_an_unwanted_lead_is_rejected_with_200_and_a_reason(
    recipients: httpx.AsyncClient, changes: dict[str, Any], reason: str
) -> None:
    answer = await post(recipients, **changes)
    assert answer.status_code == 200
    assert answer.json() == {"result": "rejected", "reason": reason}


async def test_a_person_is_bought_once_even_under_the_same_key(recipients: httpx.AsyncClient) -> None:
    # behaviour 4.5: "duplicate" to a resend means that the first one had arrived
    assert (await post(recipients)).json()["result"] == "accepted"
    for changes in ({}, {"email": "other@example.com"}, {"phone": "(512) 555-0199"}):
        assert (await post(recipients, **changes)).json()["reason"] == "Duplicate lead"


async def test_a_rejected_person_may_come_again(recipients: httpx.AsyncClient) -> None:
    await post(recipients, credit_score=600)
    assert (await post(recipients)).json()["result"] == "accepted"


async def test_what_cannot_be_read_is_rejected_with_200_too(recipients: httpx.AsyncClient) -> None:
    answer = await recipients.post("/premium/post", content=b"{", auth=LOGIN)
    assert (answer.status_code, answer.json()["result"]) == (200, "rejected")


@pytest.mark.parametrize(
    "auth", [httpx.Auth(), httpx.BasicAuth(USER, "guess"), httpx.BasicAuth("guess", PASSWORD)]
)
async def test_without_the_login_nothing_is_bought(recipients: httpx.AsyncClient, auth: httpx.Auth) -> None:
    answer = await recipients.post("/premium/post", json=LEAD, auth=auth)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic")
