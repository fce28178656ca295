"""The phases of a run and what each of them gives."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import Event, Thread

from scripts.bench_parts.catalog import CROWDED, EVEN, LONG, MIXED
from scripts.bench_parts.figures import median
from scripts.bench_parts.generator import Order, Outcome
from scripts.bench_parts.stand import Child, Stand, running, send

Say = Callable[[str], None]
HALF_LOAD = "half load"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One load of the table of costs."""

    flow: str
    rate: float
    seconds: float

    @property
    def name(self) -> str:
        return f"{self.flow} {self.rate:g}/s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How long and how hard; `QUICK` proves that the bench works and measures nothing worth keeping."""

    warm_up: float
    cells: tuple[Cell, ...]
    saturation: float  # seconds
    saturating: int  # leads in flight that are more than enough
    half_load: float  # seconds
    crowd: int  # leads in flight
    crowd_seconds: float
    rounds: int  # of the parts
    leads_per_round: int
    pausing: float  # seconds at each rate


FULL = Plan(
    warm_up=4,
    cells=(
        Cell(flow=LONG, rate=6.7, seconds=14),  # 10 in flight
        Cell(flow=LONG, rate=67, seconds=10),  # 100
        Cell(flow=LONG, rate=200, seconds=10),  # 300
        Cell(flow=EVEN, rate=200, seconds=8),  # 10, at the same rate
        Cell(flow=MIXED, rate=20, seconds=10),  # 10
        Cell(flow=MIXED, rate=200, seconds=8),  # 100
    ),
    saturation=12,
    saturating=1000,
    half_load=12,
    crowd=2000,
    crowd_seconds=4,
    rounds=5,
    leads_per_round=300,
    pausing=3,
)
QUICK = Plan(
    warm_up=0.5,
    cells=(
        Cell(flow=LONG, rate=10, seconds=0.6),
        Cell(flow=LONG, rate=50, seconds=0.6),
        Cell(flow=LONG, rate=100, seconds=0.6),
        Cell(flow=EVEN, rate=50, seconds=0.6),
        Cell(flow=MIXED, rate=20, seconds=0.6),
        Cell(flow=MIXED, rate=50, seconds=0.6),
    ),
    saturation=2,
    saturating=100,
    half_load=1,
    crowd=100,
    crowd_seconds=0.5,
    rounds=1,
    leads_per_round=20,
    pausing=0.1,
)


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU of the server per lead, µs, with the load that it was measured under."""

    cell: Cell
    whole: float
    kernel: float
    outcome: Outcome
    recipients_busy: float  # of one core


class Runner:
    """Sends phases to one stand and keeps count of what callers were told."""

    def __init__(self, stand: Stand, generator: Child, say: Say) -> None:
        self.stand, self._generator, self._say = stand, generator, say
        self.accepted = self.settled = self.refused = 0

    def send(self, name: str, flow: str, seconds: float, rate: float = 0.0, in_flight: int = 0) -> Outcome:
        order = Order(
            name=name, address=self.stand.address, flow=flow, seconds=seconds, rate=rate, in_flight=in_flight
        )
        outcome = send(self._generator, order)
        self.accepted += outcome.accepted
        self.settled += outcome.settled
        self.refused += outcome.refused
        return outcome

    def cost(self, name: str, cell: Cell) -> Cost:
        """From before the first lead is sent until the last one has settled: no lead's work is missed."""
        server, recipients, began = self.stand.server.cpu(), self.stand.recipients.cpu(), time.monotonic()
        outcome = self.send(name, cell.flow, cell.seconds, cell.rate)
        used, others = self.stand.server.cpu() - server, self.stand.recipients.cpu() - recipients
        leads = max(1, outcome.settled)
        cost = Cost(
            cell,
            used.whole / leads * 1e6,
            used.kernel / leads * 1e6,
            outcome,
            others.whole / (time.monotonic() - began),
        )
        self._say(f"{cell.name}: {outcome.in_flight} in flight, {cost.whole:.0f} µs of CPU per lead")
        return cost

    def saturation(self, seconds: float, in_flight: int) -> float:
        """Leads settled per second with more than enough of them in flight all the time."""
        outcome = self.send("saturation", MIXED, seconds, in_flight=in_flight)
        self._say(f"saturated: {outcome.settled_per_s:.0f} leads a second")
        return outcome.settled_per_s


@dataclass(frozen=True, slots=True)
class Memory:
    """MB of the server's resident memory."""

    idle: float  # after the warm-up
    crowded: float  # at most, with this many leads in flight
    in_flight: int


def memory(runner: Runner, plan: Plan, say: Say) -> Memory:
    """With many leads held up at recipients that take few at once; on a server of its own."""
    runner.send("warm-up", MIXED, plan.warm_up, rate=20)
    crowd = partial(runner.send, "crowd", CROWDED, plan.crowd_seconds, in_flight=plan.crowd)
    found = _watched(runner.stand.server, crowd)
    say(f"{found.in_flight} leads in flight: {found.crowded:.0f} MB ({found.idle:.0f} MB idle)")
    return found


def _watched(server: Child, crowd: Callable[[], Outcome]) -> Memory:
    idle, seen, over = server.memory(), [0.0], Event()

    def watch() -> None:
        while not over.wait(0.05):
            seen.append(server.memory())

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        outcome = crowd()
    finally:
        over.set()
        watcher.join()
    return Memory(idle, max(seen), outcome.most_in_flight)


def calls(folder: Path, stand: Stand, generator: Child, plan: Plan) -> Memory:
    """What gRPC alone holds: as many calls as the crowd has leads, to a server that has its answers ready."""
    with _parts(folder / "calls", stand) as child:
        order = Order(name="calls", address=child.hear(), flow=MIXED, seconds=plan.warm_up, rate=100)
        send(generator, order)
        crowd = replace(order, seconds=plan.crowd_seconds, rate=0.0, in_flight=plan.crowd)
        return _watched(child, partial(send, generator, crowd))


def _parts(new: Path, stand: Stand) -> AbstractContextManager[Child]:
    arguments = (str(stand.data), HALF_LOAD, str(stand.data.parent / "catalog.json"), str(new))
    return running(new.name, new.parent, "-m", "scripts.bench_parts.parts", *arguments)


LOOPED = ("convert", "map", "spans")  # no company needed
PACED = ("http", "journal", "pauses")


def parts(
    folder: Path, stand: Stand, generator: Child, *, plan: Plan, rate: float, say: Say
) -> dict[str, float]:
    """CPU per lead by part, µs: medians of alternated rounds."""
    found: dict[str, list[float]] = {name: [] for name in (*LOOPED, *PACED, "grpc")}
    leads = plan.leads_per_round
    with _parts(folder / "parts", stand) as child:
        address = child.hear()
        for number in range(plan.rounds):
            for name in LOOPED:
                found[name].append(child.ask({"do": name, "leads": leads})["cpu"] / leads)
            for name in PACED:
                found[name].append(child.ask({"do": name, "leads": leads, "rate": rate})["cpu"] / leads)
            before = child.ask({"do": "clock"})["cpu"]
            order = Order(name="parts", address=address, flow=MIXED, seconds=leads / rate, rate=rate)
            sent = send(generator, order).settled
            found["grpc"].append((child.ask({"do": "clock"})["cpu"] - before) / max(1, sent))
            say(f"parts, round {number + 1} of {plan.rounds}")
    costs = {name: median(values) * 1e6 for name, values in found.items()}
    pauses = costs.pop("pauses")
    return {name: cost - pauses if name in ("grpc", "journal") else cost for name, cost in costs.items()}
