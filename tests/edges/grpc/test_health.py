"""Load balancers and orchestrators hear whether to send work here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
import trio
from grpc_health.v1 import health_pb2
from grpc_health.v1.health_pb2 import HealthCheckRequest
from grpc_health.v1.health_pb2_grpc import HealthStub

from edges.grpc.serving import Served, ask, refusal, serving
from leadrelay.edges.grpc.health import HAS_LIST, NOT_SERVING, SERVICE_UNKNOWN, SERVING, Health


@asynccontextmanager
async def healthy(health: Health) -> AsyncIterator[tuple[Served, Any]]:
    async with serving(health.methods(), on_drain=health.drain) as served:
        yield served, HealthStub(served.channel)


async def test_a_service_is_what_was_last_said_of_it_and_nothing_before_that() -> None:
    health = Health()
    async with healthy(health) as (_, stub):
        assert (await ask(stub.Check, HealthCheckRequest())).status == NOT_SERVING
        health.set("", SERVING)
        health.set("leadrelay.v1.DeliveryService", NOT_SERVING)
        assert (await ask(stub.Check, HealthCheckRequest())).status == SERVING
        named = HealthCheckRequest(service="leadrelay.v1.DeliveryService")
        assert (await ask(stub.Check, named)).status == NOT_SERVING


async def test_a_check_of_an_unknown_service_is_not_found_by_its_name() -> None:
    async with healthy(Health()) as (_, stub):
        error = await refusal(stub.Check, HealthCheckRequest(service="leadrelay.v1.Delivery"))
    assert error.code() is grpc.StatusCode.NOT_FOUND
    assert "leadrelay.v1.Delivery" in (error.details() or "")


@pytest.mark.skipif(not HAS_LIST, reason="this grpcio-health-checking does not know of List")
async def test_the_list_names_every_service() -> None:
    health = Health()
    health.set("leadrelay.v1.DeliveryService", SERVING)
    async with healthy(health) as (_, stub):
        listed = (await ask(stub.List, health_pb2.HealthListRequest())).statuses
    assert {name: state.status for name, state in listed.items()} == {
        "": NOT_SERVING,
        "leadrelay.v1.DeliveryService": SERVING,
    }


async def test_a_watcher_hears_every_change_of_its_service_and_of_no_other() -> None:
    health = Health()
    async with healthy(health) as (served, stub):
        call = stub.Watch(HealthCheckRequest(service="a"), timeout=10)

        async def next_state() -> int:
            return int((await trio.to_thread.run_sync(next, call)).status)

        assert await next_state() == SERVICE_UNKNOWN
        health.set("a", SERVING)
        assert await next_state() == SERVING
        health.set("b", NOT_SERVING)
        health.set("a", SERVING)
        health.set("a", NOT_SERVING)
        assert await next_state() == NOT_SERVING
        call.cancel()
        await served.until(lambda: served.server.active == 0)


async def test_a_drain_tells_the_watchers_and_sends_them_off_without_using_up_the_grace() -> None:
    health = Health()
    health.set("", SERVING)
    async with healthy(health) as (served, stub):
        call = stub.Watch(HealthCheckRequest(), timeout=10)
        first = await trio.to_thread.run_sync(next, call)
        assert first.status == SERVING

        def read_to_the_end() -> tuple[list[int], grpc.StatusCode]:
            states: list[int] = []
            with pytest.raises(grpc.RpcError) as failed:
                states.extend(answer.status for answer in call)
            return states, failed.value.code()

        stopped_at = trio.current_time()
        served.server.stop()
        assert await trio.to_thread.run_sync(read_to_the_end) == (
            [NOT_SERVING],
            grpc.StatusCode.UNAVAILABLE,
        )
    assert trio.current_time() - stopped_at < 3  # the grace is five seconds


async def test_a_server_that_drains_never_serves_again() -> None:
    health = Health()
    health.set("", SERVING)
    async with healthy(health) as (_, stub):
        health.drain()
        for name in ("", "late"):
            health.set(name, SERVING)
            assert (await ask(stub.Check, HealthCheckRequest(service=name))).status == NOT_SERVING
