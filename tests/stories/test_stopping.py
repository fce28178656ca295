"""Ctrl-C and SIGTERM: what is under way is finished, the rest resumes (design 2.2, behaviour 8)."""

import signal
from pathlib import Path

import pytest
import trio

from leadrelay_client import Client, Event, LeadrelayError
from leadrelay_client.v1.outcome_pb2 import RESULT_SUCCESS
from servers import ACCEPTS, a_catalog, a_destination, a_flow, a_process, in_thread, recipients, says

pytestmark = pytest.mark.timeout(60)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda each: each.name)
async def test_a_stop_lets_the_leads_under_way_finish_and_their_streams_end_well(
    number: signal.Signals, tmp_path: Path
) -> None:
    """Also where the terminal that it was started from is closed."""
    slow = says({"result": "accepted"}, after=1)
    async with recipients(buyer=slow) as served:
        catalog = a_catalog(
            tmp_path, a_destination("buyer", served["buyer"].port), a_flow("loans", {"deliver": "buyer"})
        )
        with a_process(tmp_path, "--catalog", str(catalog)) as process:
            told: list[list[Event]] = []

            def listen() -> None:
                with Client(process.address) as client:
                    told.append(list(client.deliver("loans", {"email": "a@example.com"})))

            async with trio.open_nursery() as nursery:
                for _ in range(5):
                    nursery.start_soon(in_thread, listen)
                await served["buyer"].has(5)
                code = await in_thread(lambda: process.stop(number))
    assert code == 0
    assert [events[-1].lead_settled.result for events in told] == [RESULT_SUCCESS] * 5


async def test_a_server_that_was_told_to_outlive_its_terminal_does(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as `nohup` does it
    try:
        with a_process(tmp_path) as process:
            process.popen.send_signal(signal.SIGHUP)
            with Client(process.address) as client:
                assert list(client.list_deliveries()) == []
            assert process.popen.poll() is None
    finally:
        signal.signal(signal.SIGHUP, before)


async def test_a_stop_without_grace_leaves_the_lead_to_the_next_start(tmp_path: Path) -> None:
    first_hangs = [says({}, after=60), ACCEPTS]

    async def answer(request: object) -> object:
        return await first_hangs.pop(0)(request)  # type: ignore[arg-type]

    async with recipients(buyer=answer) as served:  # type: ignore[arg-type]
        catalog = a_catalog(
            tmp_path,
            a_destination("buyer", served["buyer"].port, when_unknown="resend", retry={"attempts": 3}),
            a_flow("loans", {"deliver": "buyer"}),
        )

        def hand_over(address: str) -> str:
            with Client(address, resume_within=0.1) as client:
                stream = client.deliver("loans", {"email": "a@example.com"})
                return next(stream).lead_id

        with a_process(tmp_path, "--catalog", str(catalog), "--grace", "0") as process:
            lead_id = await in_thread(lambda: hand_over(process.address))
            await served["buyer"].has(1)
            assert await in_thread(process.terminate) == 0
        with a_process(tmp_path) as process:

            def last() -> Event:
                with Client(process.address) as client:
                    return list(client.watch(lead_id))[-1]

            event = await in_thread(last)
    assert event.lead_settled.result == RESULT_SUCCESS
    assert len(set(served["buyer"].keys)) == 1


async def test_a_server_that_drains_refuses_new_leads_before_it_accepts_them(tmp_path: Path) -> None:
    async with recipients(buyer=says({"result": "accepted"}, after=1.5)) as served:
        catalog = a_catalog(
            tmp_path, a_destination("buyer", served["buyer"].port), a_flow("loans", {"deliver": "buyer"})
        )
        with a_process(tmp_path, "--catalog", str(catalog)) as process:

            def two_leads() -> LeadrelayError | None:
                with Client(process.address, resume_within=0.1) as client:
                    next(client.deliver("loans", {"email": "a@example.com"}))
                    process.popen.send_signal(signal.SIGINT)
                    try:
                        while True:
                            next(client.deliver("loans", {"email": "b@example.com"}))
                    except LeadrelayError as error:
                        return error

            error = await in_thread(two_leads)
            assert await in_thread(lambda: process.popen.wait(30)) == 0
    assert error is not None
