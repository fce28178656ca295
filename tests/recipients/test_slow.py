"""The slow recipient answers, and only after its time."""

from functools import partial

import httpx
import pytest
import trio
from trio.testing import MockClock

from leadrelay.recipients import serve_all
from leadrelay.recipients.slow import Slow


async def test_it_answers_after_a_second_and_a_half(
    recipients: httpx.AsyncClient, autojump_clock: MockClock
) -> None:
    started = trio.current_time()
    answer = await recipients.post("/slow/leads", json={})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "id": "W-1001"})
    assert trio.current_time() - started == pytest.approx(1.5, abs=0.1)


async def test_it_can_be_made_slower(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    port = await nursery.start(partial(serve_all, port=0, recipients=[Slow(delay=20)]))
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        started = trio.current_time()
        assert (await client.post(f"http://127.0.0.1:{port}/slow/leads")).status_code == 200
    assert trio.current_time() - started == pytest.approx(20, abs=0.1)
