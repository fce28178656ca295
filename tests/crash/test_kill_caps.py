"""A cap is not oversold by a process that dies: a real one, really killed (behaviour 7)."""

from pathlib import Path

import pytest
import trio

from leadrelay.recipients.http_server import Request, Response
from leadrelay_client import Client
from leadrelay_client.v1.outcome_pb2 import OUTCOME_KIND_SUCCESS, REASON_CODE_CAP_FULL
from servers import ACCEPTS, a_catalog, a_destination, a_flow, a_process, in_thread, recipients

pytestmark = pytest.mark.timeout(90)

CAPPED = {"caps": [{"name": "daily", "period": "day", "count": 3, "time_zone": "America/Chicago"}]}


async def never_answers(_request: Request) -> Response:
    await trio.sleep_forever()


def sold(address: str, leads: int) -> list[str]:
    """What became of leads that are handed over one after another: `sold`, or why not."""
    said = []
    with Client(address) as client:
        for _ in range(leads):
            ends = [
                event.delivery_ended.outcome
                for event in client.deliver("loans", {"email": "a@example.com"})
                if event.HasField("delivery_ended")
            ]
            is_sold = ends[0].kind == OUTCOME_KIND_SUCCESS
            assert is_sold or ends[0].code == REASON_CODE_CAP_FULL
            said.append("sold" if is_sold else ends[0].words.partition(", opens")[0])
    return said


def hand_over(address: str) -> None:
    with Client(address) as client, client.deliver("loans", {"email": "a@example.com"}) as events:
        next(events)


async def test_what_a_killed_server_had_sold_and_what_it_had_out_still_count(tmp_path: Path) -> None:
    async with recipients(first=ACCEPTS) as served:
        buyer = served["first"]
        catalog = a_catalog(
            tmp_path, a_destination("first", buyer.port, limits=CAPPED), a_flow("loans", {"deliver": "first"})
        )
        with a_process(tmp_path, "--catalog", str(catalog)) as process:
            assert await in_thread(lambda: sold(process.address, 1)) == ["sold"]
            buyer.answer = never_answers
            await in_thread(lambda: hand_over(process.address))
            with trio.fail_after(30):
                await buyer.has(2)
            await in_thread(process.kill)
        buyer.answer = ACCEPTS
        with a_process(tmp_path) as process:  # one is sold, and one may have arrived
            full = "daily cap 'daily' full: 3 of 3 (1 under way)"
            assert await in_thread(lambda: sold(process.address, 3)) == ["sold", full, full]
