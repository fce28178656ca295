"""A whole run: servers up, phases, books, parts, report. Whatever ends it, nothing is left running.

Two servers one after the other: the first for costs and latencies, the second, fresh, for memory.
"""

import argparse
import os
import resource
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.bench_parts.catalog import MIXED
from scripts.bench_parts.figures import Spread, spread
from scripts.bench_parts.findings import Findings
from scripts.bench_parts.http_cost import HttpCost, http_costs
from scripts.bench_parts.ledger import Audit, audit, read_books
from scripts.bench_parts.machine import busy, description
from scripts.bench_parts.mapping_cost import mapping_cost
from scripts.bench_parts.pauses import pause_costs
from scripts.bench_parts.phases import (
    FULL,
    HALF_LOAD,
    QUICK,
    Cell,
    Cost,
    Memory,
    Plan,
    Runner,
    calls,
    memory,
    parts,
)
from scripts.bench_parts.report import report
from scripts.bench_parts.stand import ROOT, BenchError, Child, Stand, generator, stand

OUTPUT = ROOT / "docs/performance.md"
LEAST_RATE = 2  # leads a second, so that the run also ends on a machine that is held up


class Void(Exception):
    """The books do not close, so nothing was measured."""


def main() -> int:
    """Exit 0: measured; 1: the run is void; 2: it could not be made; 130: interrupted."""
    parser = argparse.ArgumentParser(description="Where the time of a lead goes.")
    parser.add_argument("--quick", action="store_true", help="prove that it works; its figures mean nothing")
    parser.add_argument(
        "--output", type=Path, help=f"default: {OUTPUT.relative_to(ROOT)}; with --quick nothing is written"
    )
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        findings = measure(QUICK if args.quick else FULL)
    except Void as void:
        print(f"VOID: the ledger does not close, so nothing was measured.\n{void}", file=sys.stderr)
        return 1
    except BenchError as error:
        say(str(error))
        return 2
    except KeyboardInterrupt:
        say("interrupted; everything that was started has ended")
        return 130
    text = report(findings, is_quick=args.quick)
    print(text)
    output = args.output or (None if args.quick else OUTPUT)
    if output is not None:
        output.parent.mkdir(exist_ok=True)
        output.write_text(text, encoding="utf-8")
        say(f"written to {output.name}")
    return 0


def say(words: str) -> None:
    """Progress, for whoever waits."""
    print(f"bench: {words}", file=sys.stderr, flush=True)


def measure(plan: Plan) -> Findings:
    """The whole run. Raises Void when a ledger does not close."""
    began, used = time.monotonic(), busy() - _ours()
    with tempfile.TemporaryDirectory(prefix="leadrelay-bench-") as name:
        folder = Path(name)
        machine = description(folder)
        with generator(folder) as load:
            loaded = _loaded(folder, load, plan)
            crowded, books = _crowded(folder, load, plan)
    took = time.monotonic() - began
    return Findings(
        machine=machine,
        costs=loaded.costs,
        saturation=loaded.saturation,
        half_load=loaded.half_load,
        to_first_byte=loaded.to_first_byte,
        parts=loaded.parts,
        http=loaded.http,
        mapping=mapping_cost(plan.rounds),
        memory=crowded,
        calls=loaded.calls,
        pauses=pause_costs(plan.pausing),
        audits=(loaded.books, books),
        others_busy=max(0.0, busy() - _ours() - used) / took / (os.cpu_count() or 1),
        took=took,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What the first server showed."""

    costs: tuple[Cost, ...]
    saturation: float
    half_load: Cost
    parts: dict[str, float]
    calls: Memory
    http: tuple[HttpCost, ...]
    to_first_byte: Spread
    books: Audit


def _loaded(folder: Path, load: Child, plan: Plan) -> Loaded:
    with stand(folder / "first") as place:
        runner = Runner(place, load, say)
        say("warming up")
        runner.send("warm-up", MIXED, plan.warm_up, rate=50)
        costs = tuple(runner.cost(cell.name, cell) for cell in plan.cells)
        saturation = runner.saturation(plan.saturation, plan.saturating)
        rate = max(LEAST_RATE, round(saturation / 2))
        half_load = runner.cost(HALF_LOAD, Cell(flow=MIXED, rate=rate, seconds=plan.half_load))
        said = _said(place)  # before the parts, which are not in these books
        found = parts(folder, place, load, plan=plan, rate=rate, say=say)
        open_calls = calls(folder, place, load, plan)
        requests = 10 * plan.leads_per_round
        http = http_costs(folder, place.url, rounds=plan.rounds, requests=requests, say=say)
    books = read_books(place.data)
    return Loaded(
        costs=costs,
        saturation=saturation,
        half_load=half_load,
        parts=found,
        calls=open_calls,
        http=http,
        to_first_byte=spread(books.to_first_byte[HALF_LOAD]),
        books=_closed(audit(books, runner.accepted, runner.settled, *said), runner),
    )


def _crowded(folder: Path, load: Child, plan: Plan) -> tuple[Memory, Audit]:
    with stand(folder / "second") as place:
        runner = Runner(place, load, say)
        found = memory(runner, plan, say)
        said = _said(place)
    return found, _closed(audit(read_books(place.data), runner.accepted, runner.settled, *said), runner)


def _said(place: Stand) -> tuple[dict[str, int], dict[str, Any]]:
    """What the recipients took, and their own ledger."""
    return place.recipients_say("count"), place.recipients_say("ledger")


def _closed(found: Audit, runner: Runner) -> Audit:
    problems = list(found.problems)
    if runner.refused:
        problems.append(f"calls that were refused: {runner.refused}; none should be")
    if problems:
        raise Void("\n".join(problems))
    say(f"the ledger closes: {found.accepted} leads, {found.deliveries} deliveries, {found.facts} facts")
    return found


def _ours() -> float:
    """CPU seconds of this process and of all that it has started and seen end."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
