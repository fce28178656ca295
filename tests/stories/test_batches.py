"""Batches of the whole server: a real recipient that takes lists, over real sockets (behaviour 4.6)."""

from pathlib import Path
from typing import Any

import orjson
import pytest
import trio

from leadrelay.recipients.http_server import Request, Response
from leadrelay_client import Client, Settlement
from leadrelay_client.v1.outcome_pb2 import (
    OUTCOME_KIND_HARD_REJECT,
    OUTCOME_KIND_SUCCESS,
    RESULT_SUCCESS,
    RESULT_UNRESOLVED,
)
from servers import (
    HANGS_UP,
    Recipient,
    a_catalog,
    a_destination,
    a_flow,
    a_process,
    a_server,
    command,
    deliver,
    in_thread,
    recipients,
)

pytestmark = pytest.mark.timeout(60)
LEADS = [f"lead{number}@example.com" for number in range(4)]


async def TAKES_LISTS(request: Request) -> Response:  # noqa: N802 (an answer, as those of `servers`)
    """Buys all but the one with a 2, and tells them in the other order."""
    results = [
        {"id": item["id"], "result": "rejected" if "2" in item["email"] else "accepted", "price": "12.50"}
        for item in orjson.loads(request.body)["leads"]
    ]
    return Response(200, orjson.dumps({"results": results[::-1]}))


def batching(port: int, **more: Any) -> dict[str, Any]:
    buyer = a_destination("buyer", port, **more)
    buyer["reading"]["reference"] = []
    buyer["mapping"] = [
        {"to": "id", "value": "{{delivery.idempotency_key}}"},
        {"to": "email", "value": "{{email}}"},
    ]
    known = {"list": "leads", "replies": "results", "key": "id", "reply_key": "id"}
    return {**buyer, "batch": {"max": 4, "linger": "0.3s", **known, **more.get("batch", {})}}


def sent(recipient: Recipient) -> list[list[str]]:
    return [
        sorted(item["email"] for item in orjson.loads(request.body)["leads"])
        for request in recipient.requests
    ]


def all_sent(recipient: Recipient) -> list[str]:
    return sorted(email for request in sent(recipient) for email in request)


async def all_of(address: str, emails: list[str]) -> dict[str, Settlement]:
    told: dict[str, Settlement] = {}

    async def hand_over(email: str) -> None:
        told[email] = await deliver(address, "loans", {"email": email})

    async with trio.open_nursery() as nursery:
        for email in emails:
            nursery.start_soon(hand_over, email)
    return told


async def test_leads_that_come_together_go_together_and_each_has_its_own_answer(tmp_path: Path) -> None:
    async with recipients(buyer=TAKES_LISTS) as served:
        catalog = a_catalog(tmp_path, batching(served["buyer"].port), a_flow("loans", {"deliver": "buyer"}))
        async with a_server(tmp_path, catalog) as address:
            told = await all_of(address, LEADS)
            drawn = await in_thread(lambda: command("trace", told[LEADS[0]].lead_id, "--server", address))
        assert all_sent(served["buyer"]) == LEADS
        assert len(served["buyer"].requests) < len(LEADS)
        assert all(key.startswith("batch-") for key in served["buyer"].keys)
    kinds = {email: told[email].deliveries["buyer"].outcome.kind for email in LEADS}
    assert kinds == {
        email: OUTCOME_KIND_HARD_REJECT if "2" in email else OUTCOME_KIND_SUCCESS for email in LEADS
    }
    assert "in a batch of" in drawn.stdout


async def test_an_answer_that_is_lost_leaves_all_of_them_unresolved(tmp_path: Path) -> None:
    async with recipients(buyer=HANGS_UP) as served:
        catalog = a_catalog(tmp_path, batching(served["buyer"].port), a_flow("loans", {"deliver": "buyer"}))
        async with a_server(tmp_path, catalog) as address:
            told = await all_of(address, LEADS)
    assert {settlement.result for settlement in told.values()} == {RESULT_UNRESOLVED}


async def test_killed_while_a_batch_gathers_all_are_sent_after_the_restart(tmp_path: Path) -> None:
    """Nothing was begun, so that nothing is unknown."""
    async with recipients(buyer=TAKES_LISTS) as served:
        port = served["buyer"].port
        catalog = a_catalog(
            tmp_path, batching(port, batch={"linger": "3s"}), a_flow("loans", {"deliver": "buyer"})
        )
        with a_process(tmp_path, "--catalog", str(catalog)) as process:
            await in_thread(lambda: _accepted(process.address, LEADS[:2]))
            process.kill()
        assert served["buyer"].requests == []
        catalog = a_catalog(tmp_path, batching(port), a_flow("loans", {"deliver": "buyer"}))
        with a_process(tmp_path, "--catalog", str(catalog)) as process:
            told = await all_of(process.address, LEADS[2:])
            await served["buyer"].has(2)
    assert told[LEADS[3]].result == RESULT_SUCCESS
    assert all_sent(served["buyer"]) == LEADS


async def test_killed_after_the_send_nobody_knows_of_any_and_none_is_sent_again(tmp_path: Path) -> None:
    async with recipients(buyer=_never_answers) as served:
        buyer = batching(served["buyer"].port, batch={"max": 2, "linger": "5s"})
        catalog = a_catalog(tmp_path, buyer, a_flow("loans", {"deliver": "buyer"}))
        with a_process(tmp_path, "--catalog", str(catalog)) as process:
            lead_ids = await in_thread(lambda: _accepted(process.address, LEADS[:2]))
            await served["buyer"].has(1)
            process.kill()
        (together,) = sent(served["buyer"])
        with a_process(tmp_path, "--catalog", str(catalog)) as process:
            told = await in_thread(lambda: _settled(process.address, lead_ids))
        assert len(served["buyer"].requests) == 1
    assert together == LEADS[:2]
    assert told == {RESULT_UNRESOLVED}


async def _never_answers(_request: Request) -> Response:
    await trio.sleep_forever()
    raise AssertionError


def _settled(address: str, lead_ids: list[str]) -> set[int]:
    """What leads of before come to."""
    with Client(address) as client:
        told = [event for lead_id in lead_ids for event in client.watch(lead_id)]
    return {event.lead_settled.result for event in told if event.HasField("lead_settled")}


def _accepted(address: str, emails: list[str]) -> list[str]:
    """Hand leads over and hang up when they are ours."""
    with Client(address) as client:
        return [next(iter(client.deliver("loans", {"email": email}))).lead_id for email in emails]
