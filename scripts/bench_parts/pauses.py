"""What a pause costs on this machine: the same plain Python, none of it ours, at several rates.

After a few idle milliseconds a processor's caches have gone cold, the more so where it is shared with
others. A server at half load pauses thousands of times a second, so its CPU time per lead cannot be
understood, nor compared with another machine's, without knowing this.
"""

import argparse
import csv
import difflib
import email.utils
import fractions
import html
import json
import pprint
import textwrap
import time
from collections.abc import Sequence
from dataclasses import dataclass

from scripts.bench_parts.figures import median

RATES = (600, 300, 150, 20)  # a second; at half load of 150 leads a second a server wakes at all of these
WORDS = "what lies in no cache has to come from memory " * 4


@dataclass(frozen=True, slots=True)
class PauseCost:
    """CPU µs of one piece of work."""

    rate: int  # a second; 0: one right after the other
    each: float


def pause_costs(seconds: float) -> Sequence[PauseCost]:
    """Each rate for so long."""
    for _ in range(20):
        _work()
    return [PauseCost(rate, _cost(rate, seconds)) for rate in (0, *RATES)]


def _cost(rate: int, seconds: float) -> float:
    """The median, for a piece that is interrupted by others is no dearer for it."""
    found = list[float]()
    over = time.monotonic() + seconds
    due = time.monotonic()
    while time.monotonic() < over or not found:
        if rate:
            due += 1 / rate
            time.sleep(max(0.0, due - time.monotonic()))
        began = time.process_time_ns()
        _work()
        found.append((time.process_time_ns() - began) / 1000)
    return median(found)


def _work() -> None:
    """A little of many things, as a lead takes a little of every part of a server."""
    textwrap.wrap(WORDS, 30)
    json.loads(json.dumps({"rows": [[1, "a", {"b": None}]] * 9}, indent=1))
    pprint.pformat({"rows": [1, 2, 3] * 5})
    html.unescape(html.escape("<a>&</a>" * 9))
    email.utils.parseaddr(email.utils.formataddr(("Ada Byron", "ada@example.com")))
    list(csv.DictReader(["a,b,c", *["1,2,3"] * 9]))
    difflib.SequenceMatcher(None, "waterfall", "parallel").ratio()
    sum((fractions.Fraction(1, part) for part in range(1, 9)), fractions.Fraction())
    argparse.ArgumentParser().parse_args([])


def pauses_section(costs: Sequence[PauseCost]) -> str:
    """For the report."""
    busy = costs[0].each
    lines = [
        f"| {f'{cost.rate} times a second' if cost.rate else 'one after the other'} "
        f"| {cost.each:,.0f} | {cost.each / busy:.1f} |\n"
        for cost in costs
    ]
    return (
        "## What pauses cost on this machine\n\n"
        "| the same plain Python, none of it ours | CPU µs | times as much |\n| --- | --- | --- |\n"
        f"{''.join(lines)}\n"
        "After a pause the caches are cold. What a lead costs at a low rate is multiplied in the same way,\n"
        "and on a machine where this table is flatter it costs less.\n"
    )
