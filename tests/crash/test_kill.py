"""The process dies, the lead does not (design 2.3, behaviour 4.5): real processes, really killed."""

from pathlib import Path

import pytest
import trio

from leadrelay.recipients.http_server import Request, Response
from leadrelay_client import Client, Event
from leadrelay_client.v1.outcome_pb2 import (
    OUTCOME_KIND_HARD_REJECT,
    RESULT_SUCCESS,
    RESULT_UNRESOLVED,
)
from servers import (
    ACCEPTS,
    HANGS_UP,
    REJECTS,
    Answer,
    Recipient,
    a_catalog,
    a_destination,
    a_flow,
    a_process,
    in_thread,
    recipients,
)

pytestmark = pytest.mark.timeout(90)

WATERFALL = {"waterfall": {"steps": [{"deliver": "first"}, {"deliver": "second"}, {"deliver": "third"}]}}


def hangs_once(then: Answer) -> Answer:
    """Takes the first request and never answers it; what comes after is answered."""
    seen: list[Request] = []

    async def answer(request: Request) -> Response:
        seen.append(request)
        if len(seen) == 1:
            await trio.sleep_forever()
        return await then(request)

    return answer


def catalog_of(folder: Path, served: dict[str, Recipient], **second: object) -> Path:
    return a_catalog(
        folder,
        a_destination("first", served["first"].port),
        a_destination("second", served["second"].port, **second),
        a_destination("third", served["third"].port),
        a_flow("loans", WATERFALL),
    )


def hand_over(address: str) -> str:
    with Client(address) as client, client.deliver("loans", {"email": "a@example.com"}) as events:
        return next(events).lead_id


def rest_of(address: str, lead_id: str) -> list[Event]:
    with Client(address) as client:
        return list(client.watch(lead_id))


async def kill_while_the_second_is_asked(folder: Path, catalog: Path, second: Recipient) -> str:
    with a_process(folder, "--catalog", str(catalog)) as process:
        lead_id = await in_thread(lambda: hand_over(process.address))
        with trio.fail_after(30):
            await second.has(1)
        await in_thread(process.kill)
    return lead_id


async def test_a_lead_killed_in_the_middle_of_a_waterfall_is_finished_and_sold_once(tmp_path: Path) -> None:
    """The second buyer honours our Idempotency-Key, so it is asked again under the same key."""
    async with recipients(first=REJECTS, second=hangs_once(ACCEPTS), third=ACCEPTS) as served:
        catalog = catalog_of(tmp_path, served, when_unknown="resend", retry={"attempts": 3})
        lead_id = await kill_while_the_second_is_asked(tmp_path, catalog, served["second"])
        with a_process(tmp_path) as process:
            events = await in_thread(lambda: rest_of(process.address, lead_id))
            assert await in_thread(process.terminate) == 0
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    assert events[-1].lead_settled.result == RESULT_SUCCESS
    assert len(served["first"].requests) == 1, "the first had said no before the crash"
    assert len(set(served["second"].keys)) == 1
    assert served["third"].requests == []


async def test_without_that_promise_the_lead_rests_and_nobody_else_is_offered_it(tmp_path: Path) -> None:
    async with recipients(first=REJECTS, second=hangs_once(ACCEPTS), third=ACCEPTS) as served:
        catalog = catalog_of(tmp_path, served)
        lead_id = await kill_while_the_second_is_asked(tmp_path, catalog, served["second"])
        with a_process(tmp_path) as process:
            events = await in_thread(lambda: rest_of(process.address, lead_id))
    assert events[-1].lead_settled.result == RESULT_UNRESOLVED
    assert len(served["second"].requests) == 1
    assert served["third"].requests == []


async def test_a_lead_killed_between_two_buyers_goes_on_with_the_next(tmp_path: Path) -> None:
    """The kill comes while the second waits out the pause before its next try: nothing is unknown."""
    busy: list[Request] = []

    async def busy_once(request: Request) -> Response:
        busy.append(request)
        return Response(503, b"{}", "application/json") if len(busy) == 1 else await REJECTS(request)

    async with recipients(first=REJECTS, second=busy_once, third=ACCEPTS) as served:
        catalog = catalog_of(tmp_path, served, retry={"attempts": 2, "first_delay": "1s"})

        def until_the_pause(address: str) -> str:
            with Client(address) as client, client.deliver("loans", {"email": "a@example.com"}) as events:
                for event in events:
                    if event.attempt_ended.outcome.HasField("next_attempt_at"):
                        break
                return event.lead_id

        with a_process(tmp_path, "--catalog", str(catalog)) as process:
            lead_id = await in_thread(lambda: until_the_pause(process.address))
            await in_thread(process.kill)
        with a_process(tmp_path) as process:
            events = await in_thread(lambda: rest_of(process.address, lead_id))
    assert events[-1].lead_settled.reason == "accepted by third"
    assert len(served["second"].requests) == 2
    assert len(served["third"].requests) == 1
    kinds = [event.delivery_ended.outcome.kind for event in events if event.HasField("delivery_ended")]
    assert kinds[:2] == [OUTCOME_KIND_HARD_REJECT, OUTCOME_KIND_HARD_REJECT]


async def test_a_parked_lead_outlives_a_kill_and_is_tried_when_it_is_due(tmp_path: Path) -> None:
    """Behaviour 4.4: it is not among what the next start takes up, and comes back by its moment."""
    busy: list[Request] = []

    async def busy_once(request: Request) -> Response:
        busy.append(request)
        return Response(503, b"{}", "application/json") if len(busy) == 1 else await ACCEPTS(request)

    async with recipients(first=REJECTS, second=busy_once, third=ACCEPTS) as served:
        retry = {"attempts": 2, "first_delay": "3s", "park_after": "1s"}
        catalog = catalog_of(tmp_path, served, retry=retry)

        def until_it_rests(address: str) -> Event:
            with Client(address) as client, client.deliver("loans", {"email": "a@example.com"}) as events:
                return next(event for event in events if event.HasField("lead_parked"))

        with a_process(tmp_path, "--catalog", str(catalog)) as process:
            rests = await in_thread(lambda: until_it_rests(process.address))
            await in_thread(process.kill)
        with a_process(tmp_path) as process:
            events = await in_thread(lambda: rest_of(process.address, rests.lead_id))
    assert events[-1].lead_settled.reason == "accepted by second"
    assert len(served["second"].requests) == 2
    assert len(set(served["second"].keys)) == 1
    again = next(event for event in events if event.attempt_started.attempt == 2)
    assert again.at.ToNanoseconds() >= rests.lead_parked.due_at.ToNanoseconds()
    assert served["third"].requests == []


async def test_a_resolution_that_was_answered_outlives_a_kill(tmp_path: Path) -> None:
    """Behaviour 4.5: the next start goes on from what was said, and asks nobody twice."""
    async with recipients(first=REJECTS, second=HANGS_UP, third=hangs_once(ACCEPTS)) as served:
        catalog = catalog_of(tmp_path, served)

        def resolve(address: str) -> str:
            with Client(address) as client:
                settled = client.deliver_and_wait("loans", {"email": "a@example.com"})
                assert settled.result == RESULT_UNRESOLVED
                client.resolve(settled.lead_id, "second", "hard_reject", reason="they say no")
                return settled.lead_id

        with a_process(tmp_path, "--catalog", str(catalog)) as process:
            lead_id = await in_thread(lambda: resolve(process.address))
            with trio.fail_after(30):
                await served["third"].has(1)
            await in_thread(process.kill)
        with a_process(tmp_path) as process:
            events = await in_thread(lambda: rest_of(process.address, lead_id))
    resolved = [event for event in events if event.HasField("delivery_resolved")]
    assert [event.delivery_resolved.outcome.words for event in resolved] == ["they say no"]
    assert events[-1].lead_settled.result == RESULT_UNRESOLVED, "the third may have it now"
    assert len(served["second"].requests) == len(served["third"].requests) == 1


async def test_every_lead_that_was_accepted_is_finished_after_kills_at_any_moment(tmp_path: Path) -> None:
    """The ledger closes: accepted = settled, and nobody was sold a lead under two keys."""
    accepted: list[str] = []

    def feed(address: str, batch: int) -> None:
        with Client(address, resume_within=0.1) as client:
            try:
                for number in range(200):
                    stream = client.deliver("loans", {"email": f"{batch}-{number}@example.com"})
                    accepted.append(next(stream).lead_id)
            except Exception:
                return

    async with recipients(first=REJECTS, second=ACCEPTS, third=ACCEPTS) as served:
        catalog = catalog_of(tmp_path, served, when_unknown="resend", retry={"attempts": 5})
        for batch in range(3):
            with a_process(tmp_path, "--catalog", str(catalog)) as process:
                async with trio.open_nursery() as nursery:
                    address = process.address
                    nursery.start_soon(in_thread, lambda address=address, batch=batch: feed(address, batch))
                    await served["second"].has(40 * (batch + 1))
                    await in_thread(process.kill)

        def results(address: str) -> set[int]:
            with Client(address) as client:
                return {list(client.watch(lead))[-1].lead_settled.result for lead in accepted}

        with a_process(tmp_path) as process:
            told = await in_thread(lambda: results(process.address))
    # Of each batch the last may have been accepted while nobody was left to hear it.
    assert len(accepted) >= 3 * 39
    # A kill between the first buyer's request and its answer leaves that lead unresolved, as it must.
    assert told <= {RESULT_SUCCESS, RESULT_UNRESOLVED}
    assert served["third"].requests == []
    by_email: dict[bytes, set[str]] = {}
    for request in served["second"].requests:
        by_email.setdefault(request.body, set()).add(request.headers["idempotency-key"])
    assert all(len(keys) == 1 for keys in by_email.values()), "a lead went out under two keys"
