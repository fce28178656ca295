"""The parts of a lead's way, each measured alone: one process, the same payloads, CPU time of all threads.

The parent says what to measure, so that rounds alternate and a disturbance hits all parts alike. What
depends on company (group commits, the gRPC poller, sockets) runs at the rate and with the pauses of the
real thing; what does not, runs in a loop. `serve` answers Deliver calls of the generator with the events
of one real lead, made beforehand, in the waves in which they left the server.
"""

import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import orjson
import trio
from scripts.bench_parts.catalog import MIXED, a_lead
from scripts.bench_parts.generator import DELIVER
from scripts.bench_parts.ledger import read_books

from leadrelay.adapters.http import http_wires
from leadrelay.adapters.registry import adapter_for
from leadrelay.core.catalog import Catalog
from leadrelay.core.exchange import Envelope, Reply, Request
from leadrelay.core.facts import Entry
from leadrelay.core.lead import Lead
from leadrelay.core.ports import Journal, Unwatched, Wire
from leadrelay.core.scope import DeliveryContext, Scope
from leadrelay.edges.catalog.files import read_paths
from leadrelay.edges.catalog.load import load
from leadrelay.edges.grpc import convert
from leadrelay.edges.grpc.bridge import Call, Server, unary_stream
from leadrelay.edges.grpc.submission import digest, read_lead
from leadrelay.journal.journal import open_journal
from leadrelay.runtime.clock import new_lead_id
from leadrelay.telemetry.gallery import Gallery
from leadrelay.telemetry.resource import our_resource
from leadrelay.telemetry.sheet import Sheet
from leadrelay.v1.delivery_service_pb2 import DeliverRequest, DeliverResponse

# The appends of one lead of the flow `mixed` as its courier makes them, by number of facts, and the pause
# before each in seconds.
WAVES = ((4, 0.0), (2, 0.001), (2, 0.05), (3, 0.45))
DESTINATIONS = ("quick", "middling", "slow")


@dataclass(frozen=True, slots=True)
class Sample:
    """What everything is measured on: one real lead with its facts, and what was sent for it."""

    entries: Sequence[Entry]
    lead: Lead
    request: bytes  # of the Deliver call
    catalog: Catalog


class Parts:
    def __init__(self, sample: Sample, journal: Journal) -> None:
        self._sample, self._journal = sample, journal
        self._allow = sample.catalog.destinations["middling"].egress
        self._events = [_event(entry) for entry in sample.entries]
        self._adapters = {name: adapter_for(sample.catalog.destinations[name]) for name in DESTINATIONS}
        reference = b'{"status":"ok","id":"B-100"}'
        self._reply = Reply(status=200, headers=(("Content-Type", "application/json"),), body=reference)

    async def convert(self, leads: int) -> None:
        """Request to lead, facts to events as they go onto the wire."""
        request = DeliverRequest.FromString(self._sample.request)
        for _ in range(leads):
            now = time.time_ns()
            read_lead(request, (), lead_id=new_lead_id(now), now=now, catalog_version=1)
            digest(request)
            for entry in self._sample.entries:
                _event(entry)

    async def map(self, leads: int) -> None:
        """Map and encode for three destinations, and read their three answers."""
        for _ in range(leads):
            for name in DESTINATIONS:
                self._compose(name)
                self._sample.catalog.destinations[name].reading.read(self._reply)

    async def spans(self, leads: int) -> None:
        """Draw every span of a lead, serialised and framed for the collector."""

        async def nothing(_: str) -> Sequence[Entry]:
            return ()

        gallery, sheet = Gallery(nothing), Sheet(our_resource())
        for _ in range(leads):
            for entry in self._sample.entries:
                for span in await gallery.draw(entry):
                    sheet.add(span)
            if sheet.is_full:
                sheet.take()

    async def http(self, leads: int, rate: float) -> None:
        """Three exchanges a lead over kept connections, `rate` leads a second, 50 ms each."""
        requests = [self._compose(name) for name in ("middling",) * 3]
        open_wire, idle = http_wires(allow=self._allow), list[Wire]()

        async def exchange(request: Request) -> None:
            wire = idle.pop() if idle else open_wire()
            await wire.send(request, Unwatched())
            idle.append(wire)

        async with trio.open_nursery() as nursery:
            async for _ in _open_loop(leads, rate):
                for request in requests:
                    nursery.start_soon(exchange, request)
        for wire in idle:
            await wire.aclose()

    async def journal(self, leads: int, rate: float) -> None:
        """The facts of a lead made durable in their waves, `rate` leads a second."""

        async def one() -> None:
            lead_id, facts = new_lead_id(time.time_ns()), list(self._sample.entries)
            for size, pause in WAVES:
                if pause:
                    await trio.sleep(pause)
                wave, facts = facts[:size], facts[size:]
                await self._journal.append([replace(entry, lead_id=lead_id) for entry in wave])

        async with trio.open_nursery() as nursery:
            async for _ in _open_loop(leads, rate):
                nursery.start_soon(one)

    async def pauses(self, leads: int, rate: float) -> None:
        """The tasks and pauses that `journal` and `serve` need around what they measure."""

        async def one() -> None:
            for _, pause in WAVES:
                if pause:
                    await trio.sleep(pause)

        async with trio.open_nursery() as nursery:
            async for _ in _open_loop(leads, rate):
                nursery.start_soon(one)

    async def deliver(self, _request: DeliverRequest, call: Call) -> None:
        """Answer a call as the server does, without doing anything."""
        events = self._events
        for size, pause in WAVES:
            if pause:
                await trio.sleep(pause)
            wave, events = events[:size], events[size:]
            for event in wave:
                await call.send(event)

    def _compose(self, name: str) -> Request:
        destination, lead = self._sample.catalog.destinations[name], self._sample.lead
        scope = Scope.of(lead, destination=name, delivery=DeliveryContext(id=name), now=lead.received_at)
        envelope = Envelope(idempotency_key=f"part-{name}", traceparent=f"00-{'1' * 32}-{'2' * 16}-01")
        return self._adapters[name].compose(destination.mapping.apply(scope), scope, envelope)


def _event(entry: Entry) -> bytes:
    return DeliverResponse(event=convert.event(entry, full=False)).SerializeToString()


async def _open_loop(leads: int, rate: float) -> AsyncIterator[int]:
    began = trio.current_time()
    for number in range(leads):
        await trio.sleep_until(began + number / rate)
        yield number


def _sample(data: Path, phase: str, catalog_file: Path) -> Sample:
    """The first lead of a phase in the journal of a run."""
    entries = read_books(data, phase).example
    request = DeliverRequest(flow=MIXED)
    request.lead.ParseFromString(a_lead(phase).SerializeToString())
    lead = cast(Any, entries[0].fact).lead
    catalog = load(read_paths([catalog_file]), secret_names=None, version=1).catalog
    return Sample(entries, lead, request.SerializeToString(), catalog)


async def _serve(sample: Sample, data: Path) -> None:
    """Do as the lines of standard input say, and say what it cost."""
    async with open_journal(data) as journal:
        parts = Parts(sample, journal)
        method = unary_stream(parts.deliver, DeliverRequest)
        server = Server({DELIVER: method}, on_error=lambda _, error: print(error, file=sys.stderr))
        port = server.bind("127.0.0.1:0")
        async with trio.open_nursery() as nursery:
            await nursery.start(server.serve)
            print(f"127.0.0.1:{port}", flush=True)
            while line := await trio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True):
                print(orjson.dumps(await _obey(parts, orjson.loads(line))).decode(), flush=True)
            server.stop()


async def _obey(parts: Parts, order: dict[str, Any]) -> dict[str, float]:
    """`{"do": "clock"}` tells the CPU time so far; any other name measures that part."""
    name = order.pop("do")
    if name == "clock":
        return {"cpu": time.process_time()}
    part: Callable[..., Awaitable[None]] = getattr(parts, name)
    began = time.process_time()
    await part(**order)
    return {"cpu": time.process_time() - began}


def main() -> int:
    """`python -m scripts.bench_parts.parts RUN_DATA PHASE CATALOG NEW_DATA`"""
    run_data, phase, catalog, new_data = sys.argv[1:]
    trio.run(_serve, _sample(Path(run_data), phase, Path(catalog)), Path(new_data))
    return 0


if __name__ == "__main__":
    sys.exit(main())
