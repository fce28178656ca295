"""Bidders: a price for a lead without its person, and a sale at it for who names the quote."""

from typing import Any

import httpx
import pytest
import trio

from leadrelay.recipients.bidder import LATE, Northstar, is_undecided
from leadrelay.recipients.http_message import Request

LEAD = {"loan_amount": "60000.00", "credit_score": "733", "state": "OH"}
AMOUNTS = [f"{amount}.00" for amount in range(20_000, 60_000, 500)]
UNDECIDED = next(amount for amount in AMOUNTS if is_undecided("northstar", {**LEAD, "loan_amount": amount}))
DECIDED = next(amount for amount in AMOUNTS if not is_undecided("northstar", {**LEAD, "loan_amount": amount}))


async def ping(recipients: httpx.AsyncClient, name: str = "northstar", **changes: str) -> dict[str, Any]:
    lead = LEAD | {"loan_amount": DECIDED} | changes
    said: dict[str, Any] = (await recipients.post(f"/{name}/ping", json=lead)).json()
    return said


async def post(recipients: httpx.AsyncClient, quote: str, key: str = "k-1", **changes: str) -> dict[str, Any]:
    lead = {"quote": quote, "email": "ada@example.com"} | changes
    headers = {"Idempotency-Key": key}
    said: dict[str, Any] = (await recipients.post("/northstar/post", json=lead, headers=headers)).json()
    return said


async def test_a_bid_hangs_on_the_loan_alone_and_comes_with_a_quote(recipients: httpx.AsyncClient) -> None:
    one, other = await ping(recipients), await ping(recipients)
    assert one["bid"] == other["bid"]
    assert one["currency"] == "USD"
    assert one["quote"] != other["quote"]


async def test_a_lead_of_no_interest_is_no_bid_within_a_200(recipients: httpx.AsyncClient) -> None:
    assert await ping(recipients, credit_score="500") == {"bid": None, "reason": "No interest in this lead"}
    assert (await recipients.post("/northstar/ping", content=b"?")).status_code == 400


async def test_one_bids_higher_and_the_other_takes_more(recipients: httpx.AsyncClient) -> None:
    assert (await ping(recipients, "northstar", credit_score="610"))["bid"] is None
    free = next(
        amount
        for amount in AMOUNTS
        if not any(is_undecided(name, LEAD | {"loan_amount": amount}) for name in ("northstar", "meadow"))
    )
    high, low = [await ping(recipients, name, loan_amount=free) for name in ("northstar", "meadow")]
    assert float(high["bid"]) > float(low["bid"])


async def test_a_quote_is_bought_at_what_was_bid_and_no_price_is_named(recipients: httpx.AsyncClient) -> None:
    quote = (await ping(recipients))["quote"]
    sold = await post(recipients, quote)
    assert sold["result"] == "accepted"
    assert "price" not in sold
    assert await post(recipients, quote) == sold  # by its key
    ledger = (await recipients.get("/northstar/ledger")).json()
    assert ledger["accepted"] == {"k-1": {"id": sold["id"], "times": 1}}


@pytest.mark.parametrize(
    ("quote", "email", "reason"),
    [("NQ-0", "ada@example.com", "Unknown quote"), ("", "ada", "Email is invalid")],
)
async def test_what_is_not_bought_says_why(
    recipients: httpx.AsyncClient, quote: str, email: str, reason: str
) -> None:
    known = (await ping(recipients))["quote"]
    assert (await post(recipients, quote or known, email=email))["reason"] == reason


async def test_who_cannot_make_up_its_mind_bids_late(autojump_clock: trio.testing.MockClock) -> None:
    body = b'{"loan_amount": "%s", "credit_score": "733", "state": "OH"}' % UNDECIDED.encode()
    request = Request(method="POST", path="/northstar/ping", query="", headers={}, body=body)
    answer = await Northstar().handle(request)
    assert answer.status == 200
    assert trio.current_time() == LATE
