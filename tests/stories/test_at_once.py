"""What happens at the same time: one request id twice, and a new catalog while leads are under way."""

from pathlib import Path

import pytest
import trio

from leadrelay.recipients.http_server import Request, Response
from leadrelay_client import Client, Settlement
from leadrelay_client.v1.outcome_pb2 import RESULT_SUCCESS
from servers import (
    ACCEPTS,
    a_catalog,
    a_destination,
    a_flow,
    a_process,
    a_server,
    deliver,
    in_thread,
    recipients,
    says,
)

pytestmark = pytest.mark.timeout(60)


async def test_callers_with_one_request_id_at_the_same_instant_share_one_delivery(tmp_path: Path) -> None:
    """Behaviour 8, with a real journal, where all of them may be in one commit."""
    told: list[Settlement] = []

    async def hand_over(address: str) -> None:
        told.append(await deliver(address, "loans", {"email": "a@example.com"}, request_id="r-1"))

    async with recipients(buyer=says({"result": "accepted"}, after=0.2)) as served:
        catalog = a_catalog(
            tmp_path, a_destination("buyer", served["buyer"].port), a_flow("loans", {"deliver": "buyer"})
        )
        async with a_server(tmp_path, catalog) as address, trio.open_nursery() as nursery:
            for _ in range(8):
                nursery.start_soon(hand_over, address)
        assert len(served["buyer"].requests) == 1
    assert len(told) == 8
    assert len({settlement.lead_id for settlement in told}) == 1
    assert {settlement.result for settlement in told} == {RESULT_SUCCESS}
    assert len({tuple(event.number for event in settlement.events) for settlement in told}) == 1


async def test_a_lead_keeps_the_catalog_that_it_was_accepted_under(tmp_path: Path) -> None:
    """Behaviour 2: while a new one comes into force, and after a restart under the new one."""
    first_hangs = trio.Event()

    async def answer(request: Request) -> Response:
        if not first_hangs.is_set():
            first_hangs.set()
            await trio.sleep_forever()
        return await ACCEPTS(request)

    def catalog_of(mark: str, port: int) -> Path:
        resends = {"when_unknown": "resend", "retry": {"attempts": 5}}
        mapping = [{"to": "mark", "value": mark}]
        return a_catalog(
            tmp_path,
            a_destination("buyer", port, mapping=mapping, **resends),
            a_flow("loans", {"deliver": "buyer"}),
        )

    async with recipients(buyer=answer) as served:
        catalog = catalog_of("old", served["buyer"].port)
        with a_process(tmp_path, "--catalog", str(catalog), "--grace", "0") as process:

            def hand_over() -> str:
                with Client(process.address) as client:
                    return next(client.deliver("loans", {"email": "a@example.com"})).lead_id

            lead_id = await in_thread(hand_over)
            await first_hangs.wait()
            catalog_of("new", served["buyer"].port)

            def apply() -> int:
                with Client(process.address) as client:
                    return client.apply(catalog).version

            assert await in_thread(apply) == 2
            fresh = await deliver(process.address, "loans", {"email": "b@example.com"})
            assert await in_thread(process.terminate) == 0
        with a_process(tmp_path) as process:

            def rest() -> list[int]:
                with Client(process.address) as client:
                    events = list(client.watch(lead_id))
                return [events[0].accepted.catalog_version, events[-1].lead_settled.result]

            assert await in_thread(rest) == [1, RESULT_SUCCESS]
    assert fresh.events[0].accepted.catalog_version == 2
    sent = [request.body for request in served["buyer"].requests]
    assert sent == [b'{"mark":"old"}', b'{"mark":"new"}', b'{"mark":"old"}']
    assert served["buyer"].keys[0] == served["buyer"].keys[2]
