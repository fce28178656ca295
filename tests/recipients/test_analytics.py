"""The place for events takes any JSON and counts it."""

import httpx
import pytest


@pytest.mark.parametrize("event", [{"lead": "1"}, [1, 2], "text", 0, False])
async def test_any_json_is_received(recipients: httpx.AsyncClient, event: object) -> None:
    answer = await recipients.post("/analytics/events", json=event)
    assert (answer.status_code, answer.json()) == (202, {"received": True})


async def test_what_is_not_json_is_not_received(recipients: httpx.AsyncClient) -> None:
    answer = await recipients.post("/analytics/events", content=b"{not json")
    assert (answer.status_code, answer.json()["received"]) == (400, False)
