"""How a lead finds its buyer, seen from outside: in turn, at auction, and told early (behaviour 5)."""

from pathlib import Path
from typing import Any

import grpc
import orjson
import pytest
import trio

from leadrelay.recipients.http_server import Request, Response
from leadrelay_client.v1 import delivery_service_pb2 as pb
from leadrelay_client.v1.delivery_service_pb2_grpc import DeliveryServiceStub
from leadrelay_client.v1.lead_pb2 import Lead
from leadrelay_client.v1.outcome_pb2 import REASON_CODE_AUCTION_LOST, RESULT_SUCCESS
from servers import (
    ACCEPTS,
    Answer,
    a_catalog,
    a_destination,
    a_flow,
    a_server,
    deliver,
    in_thread,
    recipients,
    says,
)

pytestmark = pytest.mark.timeout(60)

BUYERS = "abc"
LEAD = Lead(fields={"email": "ada@example.com"})


def in_turn(**more: Any) -> dict[str, Any]:
    steps = [{"deliver": name} for name in BUYERS]
    return a_flow("loans", {"waterfall": {"order": "round_robin", "steps": steps}}, **more)


async def deliver_many(address: str, count: int) -> None:
    async with trio.open_nursery() as nursery:
        for _ in range(count):
            nursery.start_soon(deliver, address, "loans")


async def test_turns_are_exact_through_restarts_and_new_catalogs(tmp_path: Path) -> None:
    """Many at once, a restart, a catalog that changes something else, and one more lead at a time."""
    async with recipients(**dict.fromkeys(BUYERS, ACCEPTS)) as served:
        buyers = [a_destination(name, served[name].port) for name in BUYERS]
        async with a_server(tmp_path, a_catalog(tmp_path, *buyers, in_turn())) as address:
            await deliver_many(address, 20)
        async with a_server(tmp_path) as address:
            await deliver_many(address, 1)
        changed = a_catalog(tmp_path, *buyers, in_turn(description="as before"))
        async with a_server(tmp_path, changed) as address:
            await deliver_many(address, 9)
            await deliver(address, "loans")
    assert sorted(len(served[name].requests) for name in BUYERS) == [10, 10, 11]


def bids(price: str, *, after: float = 0.0) -> Answer:
    return says({"result": "accepted", "price": price, "currency": "USD", "id": f"Q-{price}"}, after=after)


async def buys(request: Request) -> Response:
    """At the price that it bid: it names none."""
    quote = orjson.loads(request.body)["quote"]
    return Response(200, orjson.dumps({"result": "accepted", "id": f"B-{quote}"}), "application/json")


async def test_the_highest_bid_in_time_gets_the_lead_and_pays_it(tmp_path: Path) -> None:
    pings = {"ask_a": bids("8.00"), "ask_b": bids("12.25"), "ask_c": bids("99.00", after=5)}
    async with recipients(**pings, **dict.fromkeys(BUYERS, buys)) as served:
        bidders = [{"ping": f"ask_{name}", "post": name} for name in BUYERS]
        posts = [
            a_destination(name, served[name].port)
            | {"mapping": [{"to": "quote", "value": "{{bid.reference}}"}]}
            for name in BUYERS
        ]
        auction = a_flow("loans", {"auction": {"bidders": bidders, "bid_within": "700ms"}})
        asked = [a_destination(name, served[name].port) for name in pings]
        async with a_server(tmp_path, a_catalog(tmp_path, *asked, *posts, auction)) as address:
            settlement = await deliver(address, "loans")
    assert settlement.result == RESULT_SUCCESS
    assert [str(money.amount) for money in settlement.revenue] == ["12.25"]
    assert orjson.loads(served["b"].requests[0].body) == {"quote": "Q-12.25"}
    assert (served["a"].requests, served["c"].requests) == ([], [])
    losers = {name: settlement.deliveries[name].outcome for name in "ac"}
    assert {outcome.code for outcome in losers.values()} == {REASON_CODE_AUCTION_LOST}
    assert losers["a"].words == "outbid: sold to b"
    assert losers["c"].words == "no bid: no bid within 0.7 s"


async def test_who_is_answered_early_is_told_so_and_can_ask_what_is_known(tmp_path: Path) -> None:
    async with recipients(quick=ACCEPTS, slow=says({"result": "accepted"}, after=1.5)) as served:
        both = {"parallel": {"steps": [{"deliver": "quick"}, {"deliver": "slow"}]}}
        names = [a_destination(name, served[name].port) for name in served]
        catalog = a_catalog(tmp_path, *names, a_flow("loans", both, answer_within="600ms"))

        def call(address: str) -> tuple[list[str], dict[str, str | bytes], pb.LeadStatus]:
            with grpc.insecure_channel(address) as channel:
                stub = DeliveryServiceStub(channel)
                stream = stub.Deliver(pb.DeliverRequest(flow="loans", lead=LEAD))
                events = [answer.event for answer in stream]
                told = dict(stream.trailing_metadata())
                asked = stub.GetDelivery(pb.GetDeliveryRequest(lead_id=events[0].lead_id))
                return [str(event.WhichOneof("kind")) for event in events], told, asked.status

        async with a_server(tmp_path, catalog) as address:
            kinds, told, status = await in_thread(lambda: call(address))
    assert "lead_settled" not in kinds
    assert kinds.count("delivery_ended") == 1
    assert told["leadrelay-answered"] == "early"
    assert not status.result
    assert [money.amount for money in status.revenue] == ["12.50"]
