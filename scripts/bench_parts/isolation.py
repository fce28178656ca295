"""Fifty destinations, of which one hangs and one answers 429: what do the others notice (behaviour 7)?

Every lead goes to all fifty at once. Rounds in which all are well alternate with rounds in which two are
not, so that what else the machine does falls on both alike, and only their ratio is told. Times are taken
from the journal: from the moment a lead was received until a healthy destination's outcome was known.
"""

import argparse
import signal
import socket
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
import trio
from scripts.bench_parts.catalog import EGRESS, MAPPING, READING
from scripts.bench_parts.figures import Spread, median, spread
from scripts.bench_parts.generator import Order
from scripts.bench_parts.machine import description
from scripts.bench_parts.stand import ROOT, BenchError, Child, Stand, generator, send, stand

from leadrelay.core.facts import DeliveryEnded, Entry, LeadReceived
from leadrelay.journal.journal import open_journal

OUTPUT = ROOT / "docs/isolation.md"
HEALTHY = [f"healthy_{number:02}" for number in range(48)]
WELL, TROUBLE = "well", "trouble"  # flows, and what the two further destinations are in them
PAGE = 2000
AIM = 0.05  # how much more the others' p99 may be


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    rounds: int
    seconds: float
    rate: float  # leads a second; deliveries are fifty times as many


FULL = Plan(rounds=6, seconds=8, rate=4)
QUICK = Plan(rounds=1, seconds=1.5, rate=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A run: for each flow the spread of each round, and the server's largest memory until its end, in MB."""

    spreads: dict[str, list[Spread]]
    memory: dict[str, list[float]]
    deliveries: int

    def ratio(self, name: str) -> float:
        """A quantile in trouble, by the same one when all are well."""
        well, trouble = (
            median(float(getattr(each, name)) for each in self.spreads[flow]) for flow in (WELL, TROUBLE)
        )
        return trouble / well


def main() -> int:
    """Exit 0: measured, whatever came of it; 2: it could not be made; 130: interrupted."""
    parser = argparse.ArgumentParser(description="What a dead and a busy recipient cost the others.")
    parser.add_argument("--quick", action="store_true", help="prove that it works; its figures mean nothing")
    parser.add_argument("--output", type=Path, help=f"default: {OUTPUT.relative_to(ROOT)}; --quick: nothing")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with tempfile.TemporaryDirectory(prefix="leadrelay-isolation-") as name:
            machine = description(Path(name))
            found = measure(Path(name), QUICK if args.quick else FULL)
    except BenchError as error:
        _say(str(error))
        return 2
    except KeyboardInterrupt:
        _say("interrupted; everything that was started has ended")
        return 130
    text = report(found, machine)
    print(text)
    output = args.output or (None if args.quick else OUTPUT)
    if output is not None:
        output.write_text(text, encoding="utf-8")
    return 0


def measure(folder: Path, plan: Plan) -> Found:
    with _nobody_answers() as dead, generator(folder) as load:

        def write(place: Path, recipients: str) -> Path:
            return write_catalog(place, recipients, dead)

        with stand(folder / "stand", write) as place:
            _round(load, Order(name="warm-up", address=place.address, flow=WELL, seconds=1, rate=2))
            memory = _rounds(place, load, plan)
        return read(place.data, memory)


def write_catalog(folder: Path, recipients: str, dead: str) -> Path:
    """Fifty destinations: two of them well in one flow, and in trouble in the other."""
    urls = dict.fromkeys((*HEALTHY, "calm_1", "calm_2"), f"{recipients}/bench/50")
    urls |= {"busy": f"{recipients}/bench/busy", "dead": dead}
    destinations = [
        {
            "name": name,
            "rest": {"url": url},
            "mapping": MAPPING,
            "reading": READING,
            "limits": {"concurrency": 8},
            "timeouts": {"response": "2s", "total": "3s"},
        }
        for name, url in urls.items()
    ]
    others = {WELL: ("calm_1", "calm_2"), TROUBLE: ("dead", "busy")}
    flows = [
        {
            "name": flow,
            "steps": [{"parallel": {"steps": [{"deliver": name} for name in (*two, *HEALTHY)]}}],
        }
        for flow, two in others.items()
    ]
    path = folder / "catalog.json"
    path.write_bytes(orjson.dumps({"egress": EGRESS, "destinations": destinations, "flows": flows}))
    return path


def read(data: Path, memory: dict[str, list[float]]) -> Found:
    """How long each round's healthy deliveries took, by the journal."""
    rounds: dict[str, list[float]] = defaultdict(list)
    received: dict[str, tuple[str, int]] = {}
    for entry in trio.run(_entries, data):
        match entry.fact:
            case LeadReceived(lead=lead):
                received[entry.lead_id] = lead.source, entry.at
            case DeliveryEnded(destination=name) if name in HEALTHY:
                source, at = received[entry.lead_id]
                rounds[source].append((entry.at - at) / 1e9)
    spreads = {
        flow: [spread(found) for source, found in sorted(rounds.items()) if source.startswith(f"{flow} ")]
        for flow in (WELL, TROUBLE)
    }
    return Found(spreads=spreads, memory=memory, deliveries=sum(map(len, rounds.values())))


def report(found: Found, machine: dict[str, str]) -> str:
    """The page."""
    change = found.ratio("p99") - 1
    lines = [
        "# What a dead and a busy recipient cost the others",
        "",
        "Written by `make bench-isolation`. Every lead goes to fifty destinations at once that answer after",
        "50 ms. In every other round two of them are in trouble: one takes requests and never answers, one",
        f"answers 429. The figures are those of the other 48, in ms; {found.deliveries:,} deliveries in all.",
        "",
        "| | p50 | p95 | p99 | memory, MB at most |",
        "| --- | --- | --- | --- | --- |",
        *(_row(found, flow) for flow in (WELL, TROUBLE)),
        "",
        f"In trouble the others' p99 is {change:+.1%} (median of the rounds; the aim is {AIM:+.0%} at most), "
        f"their p50 {found.ratio('p50') - 1:+.1%}.",
        "",
        f"{machine['date']}, commit {machine['commit']}, {machine['processor']}, Python {machine['Python']}.",
        "",
    ]
    return "\n".join(lines)


def _row(found: Found, flow: str) -> str:
    spreads = found.spreads[flow]
    cells = (f"{median(getattr(each, name) for each in spreads):.1f}" for name in ("p50", "p95", "p99"))
    title = {WELL: "all are well", TROUBLE: "one hangs, one is busy"}[flow]
    return f"| {title} | {' | '.join(cells)} | {max(found.memory[flow]):.0f} |"


def _rounds(place: Stand, load: Child, plan: Plan) -> dict[str, list[float]]:
    memory: dict[str, list[float]] = {WELL: [], TROUBLE: []}
    for number in range(plan.rounds):
        for flow in (WELL, TROUBLE) if number % 2 else (TROUBLE, WELL):
            order = Order(
                name=f"{flow} {number}",
                address=place.address,
                flow=flow,
                seconds=plan.seconds,
                rate=plan.rate,
            )
            _round(load, order)
            memory[flow].append(place.server.memory())
        _say(f"round {number + 1} of {plan.rounds}")
    return memory


def _round(load: Child, order: Order) -> None:
    outcome = send(load, order)
    if outcome.settled != outcome.sent or outcome.refused:
        said = f"{outcome.sent} leads sent, {outcome.settled} settled, {outcome.refused} refused"
        raise BenchError(f"the books of {order.name!r} do not close: {said}")


@contextmanager
def _nobody_answers() -> Iterator[str]:
    """The URL of a recipient that takes connections and requests, and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/leads"


async def _entries(data: Path) -> list[Entry]:
    found: list[Entry] = []
    async with open_journal(data, read_only=True) as journal:
        place = 0
        while rows := await journal.rows_since(place, PAGE):
            found += [entry for _, entry in rows if isinstance(entry.fact, LeadReceived | DeliveryEnded)]
            place = rows[-1][0]
    return found


def _say(words: str) -> None:
    print(f"bench-isolation: {words}", file=sys.stderr, flush=True)
