"""All recipients answer behind one port and say where they stand."""

import socket

import httpx
import pytest
import trio

from leadrelay.recipients import CannotListenError, main_async
from leadrelay.recipients.dialer import API_KEY
from leadrelay.recipients.reception import PORT

NAMES = [
    "crm",
    "dialer",
    "premium",
    "standard",
    "forgetful",
    "analytics",
    "slow",
    "northstar",
    "meadow",
    "bench",
]


async def test_the_front_page_says_what_each_took_accepted_and_rejected(
    recipients: httpx.AsyncClient,
) -> None:
    lead = {"phone": "(512) 555-0148", "first_name": "Ada"}
    for form in (lead, lead, {**lead, "phone": "none"}):
        await recipients.post("/dialer/hook", data=form, headers={"X-Api-Key": API_KEY})
    await recipients.post("/dialer/hook", data=lead)
    standings = {entry["name"]: entry for entry in (await recipients.get("/")).json()["recipients"]}
    assert list(standings) == NAMES
    assert standings["dialer"] == {
        "name": "dialer",
        "path": "/dialer",
        "taken": 4,
        "accepted": 2,
        "rejected": 1,
        "busy": 0,
        "repeated": 0,
        "unauthorized": 1,
        "reasons": {"invalid phone number": 1},
    }
    assert standings["premium"]["taken"] == 0


@pytest.mark.parametrize("name", NAMES)
async def test_every_recipient_has_a_ledger(recipients: httpx.AsyncClient, name: str) -> None:
    ledger = (await recipients.get(f"/{name}/ledger")).json()
    assert ledger == {"recipient": name, "accepted": {}, "without_key": 0, "forgotten": 0}


async def test_an_unknown_recipient_is_told_who_there_is(recipients: httpx.AsyncClient) -> None:
    answer = await recipients.post("/premum/post")
    assert (answer.status_code, answer.json()["recipients"]) == (404, NAMES)
    assert (await recipients.post("/")).status_code == 405


async def test_a_lead_larger_than_any_lead_is_refused(recipients: httpx.AsyncClient) -> None:
    assert (await recipients.post("/analytics/events", json="x" * 70_000)).status_code == 413


async def test_the_whole_process_says_where_it_listens_and_ends_when_cancelled() -> None:
    heard: list[str] = []
    with trio.fail_after(10):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(main_async, "127.0.0.1", 0, heard.append)
            await trio.testing.wait_all_tasks_blocked()
            async with httpx.AsyncClient(base_url=heard[0], trust_env=False) as client:
                assert (await client.get("/")).status_code == 200
            nursery.cancel_scope.cancel()
    assert len(heard) == 1


async def test_a_taken_port_is_reported_as_itself() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(CannotListenError, match="is taken"):
        await main_async("127.0.0.1", taken.getsockname()[1], print)


def test_the_usual_port_leaves_room_for_the_one_that_is_down() -> None:
    assert not 32_768 <= PORT + 9 <= 60_999  # where a kernel hands out ports, something may be listening
