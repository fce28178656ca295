"""The bench's recipients answer after the time in their name, and count what they took."""

import httpx
import pytest
import trio
from trio.testing import MockClock


@pytest.mark.parametrize("delay", [0, 50, 500])
async def test_each_answers_after_its_own_time(
    recipients: httpx.AsyncClient, autojump_clock: MockClock, delay: int
) -> None:
    started = trio.current_time()
    answer = await recipients.post(f"/bench/{delay}", json={})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "id": "B-1"})
    assert trio.current_time() - started == pytest.approx(delay / 1000, abs=0.01)


async def test_they_count_and_remember_what_they_took(recipients: httpx.AsyncClient) -> None:
    for key in ("a", "b", "a"):
        await recipients.post("/bench/0", headers={"Idempotency-Key": key})
    assert (await recipients.get("/bench/count")).json() == {"0": 3, "50": 0, "500": 0}
    ledger = (await recipients.get("/bench/ledger")).json()
    assert {key: entry["times"] for key, entry in ledger["accepted"].items()} == {"a": 2, "b": 1}
