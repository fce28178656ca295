"""AnalyticsService: sums over many leads, and every event in one order (behaviour 8, 10)."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import grpc
import pytest
import trio

from edges.market import Market, a_market
from leadrelay_client import Client, InvalidArgument
from leadrelay_client.v1.analytics_service_pb2 import SummarizeRequest, Summary, TailRequest
from servers import in_thread


async def summed(market: Market, by: Any = "destination", **window: Any) -> dict[str, Summary]:
    def ask() -> list[Summary]:
        with Client(market.address) as client:
            return client.summarize(by, **window)

    return {row.key: row for row in await in_thread(ask)}


async def test_a_summary_has_all_that_was_told_before(tmp_path: Path) -> None:
    async with a_market(tmp_path) as market:
        for name in ("Ann", "Bob", "Eve"):
            await market.sell(name)
        await market.sell("Zoe", "second_chance")
        rows = await summed(market)
        buyer = rows["buyer"]
        assert (buyer.leads, buyer.attempts) == (3, 3)
        assert (buyer.accepted, buyer.rejected, buyer.unresolved) == (1, 1, 1)
        assert [money.amount for money in buyer.revenue] == ["12.50"]
        assert buyer.response_times.p99.ToNanoseconds() > 0
        assert set(await summed(market, "flow")) == {"loans", "second_chance"}
        assert set(await summed(market, "source")) == {""}

        def resolve() -> None:
            with Client(market.address) as client:
                client.resolve(market.leads["Eve"], "buyer", "success", price="1.25", currency="")

        await in_thread(resolve)
        buyer = (await summed(market))["buyer"]
        assert (buyer.accepted, buyer.unresolved) == (2, 0)
        assert [money.amount for money in buyer.revenue] == ["13.75"]


async def test_a_window_without_anything_has_no_rows(tmp_path: Path) -> None:
    async with a_market(tmp_path) as market:
        await market.sell("Ann")
        later = datetime.now(UTC) + timedelta(hours=1)
        assert await summed(market, since=later) == {}
        assert await summed(market, until=later - timedelta(hours=2)) == {}
        assert await summed(market, since=later.replace(year=9999)) == {}
        assert set(await summed(market, since=later - timedelta(hours=2), until=later)) == {"buyer"}


@pytest.mark.parametrize("request_", [SummarizeRequest(by=9)])  # type: ignore[arg-type]
async def test_what_cannot_be_meant_is_refused(tmp_path: Path, request_: SummarizeRequest) -> None:
    async with a_market(tmp_path) as market:

        def ask() -> None:
            with Client(market.address) as client:
                with pytest.raises(InvalidArgument, match="by"):
                    client._ask(client._analytics.Summarize, request_)
                now = datetime.now(UTC)
                with pytest.raises(InvalidArgument, match="until"):
                    client.summarize(since=now, until=now)

        await in_thread(ask)


async def test_every_event_is_told_in_order_from_the_start_and_from_any_place(tmp_path: Path) -> None:
    async with a_market(tmp_path) as market:
        for name in ("Ann", "Bob"):
            await market.sell(name)

        def read() -> tuple[list[Any], list[Any]]:
            with Client(market.address) as client:
                first = list(islice(client._analytics.Tail(TailRequest(from_start=True)), 10))
                rest = list(islice(client._analytics.Tail(TailRequest(after=first[3].place)), 6))
            return first, rest

        first, rest = await in_thread(read)
    assert rest == first[4:]
    assert [answer.place for answer in first] == sorted({answer.place for answer in first})
    assert [answer.event.lead_id for answer in first] == [market.leads["Ann"]] * 5 + [market.leads["Bob"]] * 5


@pytest.mark.parametrize("beyond", [1, 2**64 - 1])
async def test_a_place_that_no_event_has_is_refused_as_of_another_server(tmp_path: Path, beyond: int) -> None:
    """What it would wait for may have happened here long before."""
    async with a_market(tmp_path) as market:
        await market.sell("Ann")

        def read() -> None:
            with Client(market.address) as client:
                (*_, last) = islice(client._analytics.Tail(TailRequest(from_start=True), timeout=20), 5)
                after = min(last.place + beyond, 2**64 - 1)
                with pytest.raises(grpc.RpcError) as refusal:
                    next(client._analytics.Tail(TailRequest(after=after), timeout=20))
            assert refusal.value.code() is grpc.StatusCode.INVALID_ARGUMENT
            assert f"the last place is {last.place}" in str(refusal.value.details())

        await in_thread(read)


async def test_a_tail_follows_what_happens_from_now_on_of_one_flow(tmp_path: Path) -> None:
    async with a_market(tmp_path) as market:
        await market.sell("Old", "second_chance")

        def listen(ready: Any) -> list[Any]:
            with Client(market.address) as client, client.tail("second_chance", timeout=20) as events:
                ready()
                return list(islice(events, 5))

        started, told = trio.Event(), list[Any]()
        token = trio.lowlevel.current_trio_token()

        async def tail() -> None:
            told.extend(await in_thread(lambda: listen(lambda: token.run_sync_soon(started.set))))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(tail)
            await started.wait()
            await trio.sleep(0.3)  # until the call has reached the server
            await market.sell("Ann")
            await market.sell("Zoe", "second_chance")
    assert {event.lead_id for event in told} == {market.leads["Zoe"]}


async def test_a_tail_does_not_hold_up_a_server_that_stops(tmp_path: Path) -> None:
    ended = list[str]()
    async with trio.open_nursery() as nursery, a_market(tmp_path) as market:
        await market.sell("Ann")

        async def tail() -> None:
            def read() -> str:
                with Client(market.address, resume_within=0) as client:
                    try:
                        list(client.tail(from_start=True, timeout=60))
                    except Exception as error:
                        return str(error)
                return ""

            ended.append(await in_thread(read))

        nursery.start_soon(tail)
        await trio.sleep(0.5)
        stopping = trio.current_time()
    assert trio.current_time() - stopping < 5
    assert "go on after the last place" in ended[0]
