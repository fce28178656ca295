"""Every lead is counted once, and the ledger says how often each delivery was accepted."""

import httpx

from leadrelay.recipients.http_message import Request
from leadrelay.recipients.recipient import LONGEST_KEY, Ledger, Tally, idempotency_key


def test_what_was_taken_is_the_sum_of_what_became_of_it() -> None:
    tally = Tally(accepted=3, busy=2, repeated=1, unauthorized=1)
    tally.reject("too low")
    tally.reject("too low")
    assert tally.as_dict()["taken"] == 9
    assert tally.as_dict()["reasons"] == {"too low": 2}


def test_the_ledger_shows_a_delivery_that_was_accepted_twice() -> None:
    ledger = Ledger()
    for reference in ("D-1", "D-2"):
        ledger.note("key-1", reference)
    ledger.note("", "D-3")
    assert ledger.as_dict() == {
        "accepted": {"key-1": {"id": "D-1", "times": 2}},
        "without_key": 1,
        "forgotten": 0,
    }


def test_the_ledger_admits_what_it_had_to_forget() -> None:
    ledger = Ledger(size=1)
    ledger.note("key-1", "D-1")
    ledger.note("key-2", "D-2")
    assert ledger.as_dict()["forgotten"] == 1


def test_a_key_of_any_length_costs_a_bounded_memory() -> None:
    request = Request("POST", "/", "", {"idempotency-key": "k" * 9_000}, b"")
    assert len(idempotency_key(request)) == LONGEST_KEY


async def test_a_wrong_path_or_method_is_told_the_right_ones(recipients: httpx.AsyncClient) -> None:
    wrong_path = await recipients.post("/dialer/hok")
    assert (wrong_path.status_code, "POST /dialer/hook" in wrong_path.json()["paths"]) == (404, True)
    wrong_method = await recipients.get("/dialer/hook")
    assert (wrong_method.status_code, wrong_method.headers["allow"]) == (405, "POST")
