"""`leadrelay report`: what became of many leads, as a table."""

import argparse
from collections.abc import Iterable, Sequence

from google.protobuf.duration_pb2 import Duration
from rich.table import Table

from leadrelay.edges.cli import way
from leadrelay.edges.cli.asking import asking
from leadrelay.edges.cli.exits import ALSO, Exit, Stop
from leadrelay.edges.cli.filters import window
from leadrelay.edges.cli.line import amount, as_json_line, word
from leadrelay.edges.cli.saying import plain, say
from leadrelay.edges.cli.screen import Screen
from leadrelay_client.v1.analytics_service_pb2 import Summary
from leadrelay_client.v1.outcome_pb2 import OutcomeKind, ReasonCode

HEADINGS = (
    *("leads", "sold", "no", "error", "open?", "skip", "rate"),
    *("avg", "p50", "p95", "p99", "revenue"),
)
REASONS = 3  # of each row, unless all are asked for
ABOUT = """\
Sum up deliveries by destination, flow or source: how many were accepted, rejected or failed and why, how
long answers took, and what was earned. Each counts where it ended, or was resolved, within the window.

  leadrelay report --since 24h
  leadrelay report --by source --since 2026-03-01 --until 2026-04-01 --reasons

exit codes:
  0  it is printed
  1  nothing ended in that time
  2  the command is wrong
  5  the server cannot be reached or failed
"""


def options(parser: argparse.ArgumentParser) -> None:
    parser.description = f"{ABOUT}{ALSO}"
    way.options(parser)
    parser.add_argument(
        "--by", choices=("destination", "flow", "source"), default="destination", help="default: %(default)s"
    )
    window(parser, "ended")
    parser.add_argument("--reasons", action="store_true", help="all reasons, not the most frequent alone")
    parser.add_argument("--json", action="store_true", help="one row a line, as protobuf JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the table."""
    try:
        with asking(args.server) as client:
            rows = client.summarize(args.by, since=args.since, until=args.until)
    except Stop as stop:
        return stop.code
    if not rows:
        say("nothing ended in that time")
        return Exit.FAILURE
    if args.json:
        for row in rows:
            print(as_json_line(row))
    else:
        Screen().print_whole(table(rows, by=args.by))
        for line in reasons(rows, most=None if args.reasons else REASONS):
            print(plain(line))
    return Exit.OK


def table(rows: Sequence[Summary], *, by: str) -> Table:
    """A row for each key. A name that is empty was not said."""
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    drawn.add_column(by, no_wrap=True)
    for heading in HEADINGS:
        drawn.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        times = row.response_times
        drawn.add_row(
            plain(row.key) or "(not said)",
            *(f"{number:,}" for number in (row.leads, row.accepted, row.rejected, row.errors)),
            *(f"{number:,}" for number in (row.unresolved, row.skipped)),
            f"{row.success_rate:.0%}" if _was_tried(row) else "",
            *map(_time, (times.average, times.p50, times.p95, times.p99)),
            ", ".join(map(amount, row.revenue)),
        )
    return drawn


def reasons(rows: Iterable[Summary], *, most: int | None) -> Iterable[str]:
    """Why what was not sold was not, the most frequent first."""
    for row in rows:
        told = [
            f"{each.count:,} {word(OutcomeKind.Name, each.kind)}"
            + (f" ({word(ReasonCode.Name, each.code)})" if each.code else "")
            for each in row.reasons
        ]
        if told:
            more = f", and {len(told) - most} more (--reasons)" if most and len(told) > most else ""
            yield f"{row.key or '(not said)'}: {', '.join(told[:most])}{more}"


def _was_tried(row: Summary) -> bool:
    return bool(row.accepted or row.rejected or row.errors or row.unresolved)


def _time(length: Duration) -> str:
    milliseconds = length.ToNanoseconds() / 1e6
    if not milliseconds:  # nobody answered
        return ""
    return f"{milliseconds:.0f} ms" if milliseconds < 10_000 else f"{milliseconds / 1000:.1f} s"
