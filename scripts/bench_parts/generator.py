"""The load, in a process of its own: an order per line comes in, what came of it goes out.

Open loop: leads leave at times that were drawn beforehand (a Poisson process, the same on every run),
whatever the answers do, and every time is counted from the scheduled moment, so a server that falls
behind cannot slow its own test down. `in_flight` in an order asks for a closed loop instead, which is
of use for one thing only: finding out where the server saturates.
"""

import resource
import select
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from random import Random

import orjson
from scripts.bench_parts.catalog import a_lead
from scripts.bench_parts.figures import Spread, spread
from scripts.bench_parts.http2 import Http2

from leadrelay_client.v1.delivery_service_pb2 import DeliverRequest, DeliverResponse

DELIVER = "/leadrelay.v1.DeliveryService/Deliver"
SEED = 7480
PATIENCE = 60.0  # seconds for the last leads to settle


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to send where, and how fast."""

    name: str  # the leads' source, by which the journal tells phases apart
    address: str
    flow: str
    seconds: float
    rate: float = 0.0  # leads a second
    in_flight: int = 0  # instead of a rate: keep this many under way


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What the caller of all those leads saw; times are ms from the scheduled send."""

    sent: int = 0
    accepted: int = 0
    settled: int = 0
    refused: int = 0
    in_flight: int = 0  # median, seen at each send
    most_in_flight: int = 0
    settled_per_s: float = 0.0  # while leads were being sent, without the first third
    busy: float = 0.0  # of one core, this process
    late: Spread = field(default_factory=Spread)  # our own sends
    to_accepted: Spread = field(default_factory=Spread)
    to_settled: Spread = field(default_factory=Spread)
    results: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Lead:
    scheduled: float
    is_accepted: bool = False
    is_settled: bool = False


class Load:
    """One order under way."""

    def __init__(self, order: Order, line: Http2) -> None:
        self._order, self._line = order, line
        request = DeliverRequest(flow=order.flow, lead=a_lead(order.name))
        self._request = request.SerializeToString()
        self._open: dict[int, Lead] = {}
        self._unsettled = 0
        self._late: list[float] = []
        self._to_accepted: list[float] = []
        self._to_settled: list[float] = []
        self._seen_in_flight: list[int] = []
        self._settled_at: list[float] = []
        self._results: Counter[str] = Counter()
        self._out = Outcome()

    def run(self) -> Outcome:
        began, cpu = time.perf_counter(), _cpu()
        end = began + self._order.seconds
        self._send_all(began, end)
        while self._open and time.perf_counter() < end + PATIENCE:
            self._wait(0.1)
        return self._sum_up(began, end, _cpu() - cpu)

    def _send_all(self, began: float, end: float) -> None:
        if self._order.in_flight:
            while (now := time.perf_counter()) < end:
                while self._unsettled < self._order.in_flight:
                    self._send(now)
                self._wait(end - now)
            return
        due, chance = began, Random(SEED)
        while due < end:
            while (left := due - time.perf_counter()) > 0:
                self._wait(left)
            self._send(due)
            due += chance.expovariate(self._order.rate)

    def _send(self, scheduled: float) -> None:
        self._open[self._line.ask(self._request)] = Lead(scheduled)
        self._unsettled += 1
        self._out.sent += 1
        self._line.flush()
        self._late.append(time.perf_counter() - scheduled)
        self._seen_in_flight.append(self._unsettled)

    def _wait(self, seconds: float) -> None:
        """Take what comes, for at most so long."""
        writers = [self._line] if self._line.has_outgoing else []
        readable, writable, _ = select.select([self._line], writers, [], seconds)
        if readable:
            now = time.perf_counter()
            for stream, message in self._line.receive():
                self._take(stream, message, now)
        if writable or self._line.has_outgoing:
            self._line.flush()

    def _take(self, stream: int, message: bytes | None, now: float) -> None:
        lead = self._open.get(stream)
        if lead is None:
            return
        if message is None:
            del self._open[stream]
            if not lead.is_settled:
                self._unsettled -= 1
                self._out.refused += not lead.is_accepted
            return
        event = DeliverResponse.FromString(message).event
        kind = event.WhichOneof("kind")
        if kind == "accepted":
            lead.is_accepted = True
            self._out.accepted += 1
            self._to_accepted.append(now - lead.scheduled)
        elif kind == "lead_settled":
            lead.is_settled = True
            self._unsettled -= 1
            self._out.settled += 1
            self._to_settled.append(now - lead.scheduled)
            self._settled_at.append(now)
            self._results[str(event.lead_settled.result)] += 1

    def _sum_up(self, began: float, end: float, cpu: float) -> Outcome:
        out = self._out
        out.in_flight = sorted(self._seen_in_flight)[len(self._seen_in_flight) // 2]
        out.most_in_flight = max(self._seen_in_flight)
        third = self._order.seconds / 3
        window = sum(began + third <= at <= end for at in self._settled_at)
        out.settled_per_s = window / (self._order.seconds - third)
        out.busy = cpu / (time.perf_counter() - began)
        out.late = spread(self._late)
        out.to_accepted, out.to_settled = spread(self._to_accepted), spread(self._to_settled)
        out.results = dict(self._results)
        return out


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> int:
    """Until standard input ends, which it does when the bench goes."""
    lines: dict[str, Http2] = {}
    for text in sys.stdin:
        order = Order(**orjson.loads(text))
        if order.address not in lines:
            lines[order.address] = Http2(order.address, DELIVER)
        print(orjson.dumps(asdict(Load(order, lines[order.address]).run())).decode(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
