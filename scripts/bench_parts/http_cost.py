"""What a request costs over our own connections, and over httpx in the same run: CPU time of the sender.

Requests of a lead's size go to the recipients that answer after 50 ms, so many of them in flight all the
time, to one destination or spread over fifty. Ours have their wires; httpx has a client for each destination,
with as large a pool as it needs and no proxy. Both reuse what stood before the clock began, and they take
turns, so that a disturbance hits both.
"""

import gc
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import httpx
import orjson
import trio
from scripts.bench_parts.figures import median
from scripts.bench_parts.stand import Child, running

from leadrelay.adapters.http import http_wires
from leadrelay.core.egress import parse_rule
from leadrelay.core.exchange import Request
from leadrelay.core.ports import Unwatched, Wire

IN_FLIGHT, DESTINATIONS = (50, 1000), (1, 50)
ROUNDS = 3  # at most
# httpx looks at every connection of its pool for every request and again at every answer: a thousand to one
# destination it has not even opened after 20 s.
MOST_OF_HTTPX = 100  # in flight for one client that are waited for
HTTPX_SHARE = 5  # it is asked for so many times fewer requests

AIM, GROWTH = 100, 1.3  # µs for a request at the first load; times the first at any other

Send = Callable[[], Awaitable[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What one client is to do."""

    client: str  # "ours" or "httpx"
    in_flight: int
    destinations: int
    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCost:
    """CPU of a request under one load, µs."""

    in_flight: int
    destinations: int
    ours: float
    httpx: float | None  # None: it was not waited for


def http_costs(
    folder: Path, url: str, *, rounds: int, requests: int, say: Callable[[str], None]
) -> tuple[HttpCost, ...]:
    """Measure in a process of its own. `url` is that of the recipients."""
    loads = [(min(busy, requests // 3), count) for busy in IN_FLIGHT for count in DESTINATIONS]
    found: dict[tuple[str, int, int], list[float]] = {}
    rounds = min(rounds, ROUNDS)
    with running("http", folder, "-m", "scripts.bench_parts.http_cost", f"{url}/bench/50") as child:
        child.hear()
        for number in range(1, rounds + 1):
            for busy, count in loads:
                for client in ("ours", "httpx") if busy <= MOST_OF_HTTPX * count else ("ours",):
                    wanted = requests if client == "ours" else max(busy, requests // HTTPX_SHARE)
                    order = Order(client=client, in_flight=busy, destinations=count, requests=wanted)
                    found.setdefault((client, busy, count), []).append(_asked(child, order))
            say(f"HTTP beside httpx, round {number} of {rounds}")
    return tuple(
        HttpCost(
            in_flight=busy,
            destinations=count,
            ours=median(found["ours", busy, count]),
            httpx=median(found["httpx", busy, count]) if ("httpx", busy, count) in found else None,
        )
        for busy, count in loads
    )


def http_section(costs: Sequence[HttpCost]) -> str:
    """The part of the report."""
    lines = [
        f"| {cost.in_flight:,} | {cost.destinations} | {cost.ours:,.0f} | {_of_httpx(cost)} |\n"
        for cost in costs
    ]
    first, dearest = costs[0], max(cost.ours for cost in costs)
    words = (
        f"\nThe aim is {AIM} µs under the first load (measured: {first.ours:.0f}) and {GROWTH} times as much "
        f"under any other (measured: {dearest / first.ours:.2f}). Only the sending is measured: recipients "
        "that answer after 50 ms, connections that stand, and no lead around the requests.\n"
    )
    head = "| in flight | destinations | ours | httpx |\n| --- | --- | --- | --- |\n"
    return "## A request over HTTP, CPU µs\n\n" + head + "".join(lines) + words


def _of_httpx(cost: HttpCost) -> str:
    return "not waited for" if cost.httpx is None else f"{cost.httpx:,.0f}"


def _asked(child: Child, order: Order) -> float:
    cpu: float = child.ask(asdict(order))["cpu"]
    return cpu * 1e6


# What runs in the process of its own.

BODY = orjson.dumps({f"field_{number}": "a value of a lead" for number in range(30)})
HEADERS = (
    ("Content-Type", "application/json"),
    ("Idempotency-Key", "0192f0c1-7e11-7cc3-98c4-dc0c0c07398f-crm"),
    ("traceparent", f"00-{'1' * 32}-{'2' * 16}-01"),
)


def _ours(url: str, order: Order, stack: AsyncExitStack) -> list[Send]:
    request = Request(method="POST", url=url, headers=HEADERS, body=BODY)
    opened = [http_wires(allow=(parse_rule("127.0.0.0/8"),)) for _ in range(order.destinations)]
    wires = [opened[number % len(opened)]() for number in range(order.in_flight)]
    for wire in wires:
        stack.push_async_callback(wire.aclose)
    return [partial(_over, wire, request, Unwatched()) for wire in wires]


async def _over(wire: Wire, request: Request, progress: Unwatched) -> int:
    return (await wire.send(request, progress)).status


def _httpx(url: str, order: Order, stack: AsyncExitStack) -> list[Send]:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    clients = [
        httpx.AsyncClient(trust_env=False, timeout=60, limits=limits) for _ in range(order.destinations)
    ]
    for client in clients:
        stack.push_async_callback(client.aclose)
    return [partial(_by, clients[number % len(clients)], url) for number in range(order.in_flight)]


async def _by(client: httpx.AsyncClient, url: str) -> int:
    return (await client.post(url, headers=dict(HEADERS), content=BODY)).status_code


async def _measured(url: str, order: Order) -> float:
    """CPU seconds of a request."""
    async with AsyncExitStack() as stack:
        sends = (_ours if order.client == "ours" else _httpx)(url, order, stack)
        each = max(1, order.requests // len(sends))
        await _all(sends, 1)  # connections are made
        gc.collect()
        began = time.process_time()
        await _all(sends, each)
        return (time.process_time() - began) / (each * len(sends))


async def _all(sends: Sequence[Send], each: int) -> None:
    async def one(send: Send) -> None:
        for _ in range(each):
            if (status := await send()) != 200:
                raise RuntimeError(f"a recipient of the bench answered {status}")

    async with trio.open_nursery() as nursery:
        for send in sends:
            nursery.start_soon(one, send)


async def _serve(url: str) -> None:
    """Do as the lines of standard input say, and say what it cost."""
    print("ready", flush=True)
    while line := await trio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True):
        cost = await _measured(url, Order(**orjson.loads(line)))
        print(orjson.dumps({"cpu": cost}).decode(), flush=True)


if __name__ == "__main__":
    trio.run(_serve, sys.argv[1])
