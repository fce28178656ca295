"""`ListDeliveries`: leads by what became of them, page by page (behaviour 8)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from edges.market import Market, a_market
from leadrelay.edges.grpc.listing import MAX_BYTES
from leadrelay.recipients.http_server import Request, Response
from leadrelay_client import Client, InvalidArgument
from leadrelay_client.v1 import delivery_service_pb2 as pb
from leadrelay_client.v1.delivery_service_pb2 import LeadStatus
from servers import a_catalog, a_destination, a_flow, a_server, in_thread, recipients


async def listed(market: Market, **wanted: Any) -> list[str]:
    """The names of the leads that a client is told."""

    def ask() -> list[LeadStatus]:
        with Client(market.address) as client:
            return list(client.list_deliveries(**wanted))

    names = {lead_id: name for name, lead_id in market.leads.items()}
    return [names[status.lead_id] for status in await in_thread(ask)]


async def test_leads_are_found_by_everything_that_is_set_the_newest_first(tmp_path: Path) -> None:
    async with a_market(tmp_path) as market:
        for name in ("Ann", "Bob", "Eve"):
            await market.sell(name)
        await market.sell("Zoe", "second_chance")
        assert await listed(market) == ["Zoe", "Eve", "Bob", "Ann"]
        assert await listed(market, flow="loans", result="failure") == ["Bob"]
        assert await listed(market, result="unresolved") == ["Eve"]
        assert await listed(market, destination="buyer", outcome="success") == ["Ann"]
        assert await listed(market, outcome="success") == ["Zoe", "Ann"]
        assert await listed(market, lead_ids=[market.leads["Bob"]]) == ["Bob"]
        assert await listed(market, flow="nobody knows") == []
        now = datetime.now(UTC)
        assert await listed(market, since=now - timedelta(hours=1), until=now + timedelta(hours=1))
        assert await listed(market, since=now + timedelta(hours=1)) == []


async def test_a_parked_lead_is_listed_as_open_with_its_moment(tmp_path: Path) -> None:
    async def busy(_request: Request) -> Response:
        return Response(503, b"{}", "application/json")

    async with recipients(crm=busy) as served:
        retry = {"attempts": 2, "first_delay": "3600s", "max_delay": "3600s"}
        crm = a_destination("crm", served["crm"].port, retry=retry)
        catalog = a_catalog(tmp_path, crm, a_flow("loans", {"deliver": "crm"}))
        async with a_server(tmp_path, catalog) as address:

            def park() -> list[LeadStatus]:
                with Client(address) as client, client.deliver("loans", {"email": "a@example.com"}) as events:
                    next(event for event in events if event.HasField("lead_parked"))
                    return list(client.list_deliveries(open=True))

            (status,) = await in_thread(park)
    assert status.result == 0
    assert status.deliveries[0].due_at.ToDatetime(UTC) > datetime.now(UTC) + timedelta(minutes=50)


async def test_pages_follow_each_other_by_tokens_that_stay_good(tmp_path: Path) -> None:
    async with a_market(tmp_path) as market:
        for name in ("Ann", "Bob", "Cid", "Dan", "Eve"):
            await market.sell(name)

        def pages() -> list[list[str]]:
            told, token = [], ""
            with Client(market.address) as client:
                while True:
                    request = pb.ListDeliveriesRequest(page_size=2, page_token=token)
                    page = client._deliveries.ListDeliveries(request)
                    told.append([status.lead_id for status in page.statuses])
                    token = page.next_page_token
                    if not token:
                        return told

        told = await in_thread(pages)
        await market.sell("Fay")
    names = [market.leads[name] for name in ("Eve", "Dan", "Cid", "Bob", "Ann")]
    assert told == [names[:2], names[2:4], names[4:]]


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (pb.ListDeliveriesRequest(page_size=1001), "page_size"),
        (pb.ListDeliveriesRequest(page_token="x"), "page_token"),
        (pb.ListDeliveriesRequest(filter=pb.LeadFilter(lead_ids=["x"])), "filter.lead_ids"),
    ],
)
async def test_what_cannot_be_meant_is_refused_with_its_place(
    tmp_path: Path, request_: pb.ListDeliveriesRequest, field: str
) -> None:
    async with a_market(tmp_path) as market:

        def ask() -> None:
            with Client(market.address) as client, pytest.raises(InvalidArgument, match=field):
                client._ask(client._deliveries.ListDeliveries, request_)

        await in_thread(ask)


async def test_a_page_ends_before_it_is_more_than_a_client_takes(tmp_path: Path) -> None:
    async def talkative(_request: Request) -> Response:
        return Response(200, b'{"page": "%s"}' % (b"x" * 60_000), "application/json")

    async with recipients(crm=talkative) as served:
        catalog = a_catalog(
            tmp_path, a_destination("crm", served["crm"].port), a_flow("loans", {"deliver": "crm"})
        )
        async with a_server(tmp_path, catalog) as address:

            def sell_and_list() -> tuple[list[str], list[pb.ListDeliveriesResponse]]:
                with Client(address) as client:
                    sold = [
                        client.deliver_and_wait("loans", {"email": "a@example.com"}).lead_id
                        for _ in range(2 * MAX_BYTES // 60_000)
                    ]
                    pages = [client._ask(client._deliveries.ListDeliveries, pb.ListDeliveriesRequest())]
                    while token := pages[-1].next_page_token:
                        wanted = pb.ListDeliveriesRequest(page_token=token)
                        pages.append(client._ask(client._deliveries.ListDeliveries, wanted))
                    return sold, pages

            sold, pages = await in_thread(sell_and_list)
    assert all(page.ByteSize() <= MAX_BYTES + 100 for page in pages)
    assert len(pages) >= 3
    assert [status.lead_id for page in pages for status in page.statuses] == sold[::-1]
