"""`leadrelay replay`: recorded leads against another catalog, without sending them."""

import argparse
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path

import orjson
import trio

from leadrelay.core.catalog import Catalog
from leadrelay.core.errors import JournalError
from leadrelay.core.facts import Entry
from leadrelay.core.outcome import Kind, Outcome
from leadrelay.edges.cli.exits import ALSO, Exit, Stop
from leadrelay.edges.cli.filters import window
from leadrelay.edges.cli.previewing import read_catalog
from leadrelay.edges.cli.replayed import Sums, as_data, lead_lines, summary
from leadrelay.edges.cli.saying import plain, say
from leadrelay.edges.replaying import NotReplayed, Replay
from leadrelay.journal.books import NEVER_ENDS
from leadrelay.journal.journal import Journal, open_journal
from leadrelay.journal.rows import text
from leadrelay.journal.store import LeadFilter
from leadrelay.settings import DEFAULT_DATA

PAGE = 200  # leads that are looked up at once
ASSUMED = {kind.value: kind for kind in (Kind.HARD_REJECT, Kind.SUCCESS, Kind.SOFT_REJECT)}
ABOUT = """\
Run leads that were recorded against another catalog, without sending any, and show what would be otherwise:
requests, outcomes, results and revenue, lead by lead and summed up. Who was tried then answers as then, and
the new catalog reads it; who was not answers as --assume says. It reads a server's data folder, whether the
server runs or not, and changes nothing. Requests to other leadrelay servers are not compared, nor SOAP
requests whose WSDL is not a file with its imports, because nothing is fetched; the outcomes are.

  leadrelay replay --since 24h --catalog new-catalog/ --dry-run

exit codes:
  0  nothing would be otherwise
  1  something would be
  2  the command, the catalog or the data folder is wrong
"""


def options(parser: argparse.ArgumentParser) -> None:
    parser.description = f"{ABOUT}{ALSO}"
    parser.add_argument(
        "--data", type=Path, default=DEFAULT_DATA, metavar="DIR", help="the journal; default: %(default)s"
    )
    parser.add_argument(
        "--catalog", type=Path, action="append", required=True, metavar="PATH", help="may be given again"
    )
    parser.add_argument("--flow", default="", metavar="NAME", help="only leads of this flow")
    window(parser, "received")
    parser.add_argument("--assume", choices=ASSUMED, default="hard_reject", help="default: %(default)s")
    parser.add_argument("--json", action="store_true", help="one lead a line that would be otherwise")
    parser.add_argument("--dry-run", action="store_true", help="a replay is never anything else")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Replay, and tell."""
    try:
        sums = _told(args, read_catalog(args.catalog).catalog)
    except Stop as stop:
        return stop.code
    for line in summary(sums):
        if args.json:
            say(line)
        else:
            print(plain(line))
    return Exit.FAILURE if sums.differ else Exit.OK


def _told(args: argparse.Namespace, catalog: Catalog) -> Sums:
    try:
        return trio.run(_replay, args, catalog)
    except* (JournalError, OSError) as group:
        error: BaseException = group
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        say(f"{args.data}: {error}")
        raise Stop(Exit.USAGE) from error


async def _replay(args: argparse.Namespace, catalog: Catalog) -> Sums:
    assumed = Outcome(kind=ASSUMED[args.assume], words="assumed: nothing is recorded")
    replay, sums = Replay(catalog, assumed), Sums()
    for name, why in replay.not_compared.items():
        say(f"{name}: its requests are not compared: {why}")
    async with open_journal(args.data, read_only=True) as journal:
        async for entries in _leads(journal, _wanted(args)):
            try:
                told = replay.run(entries)
            except NotReplayed as error:
                sums.untold[str(error)] += 1
                continue
            sums.add(told)
            if told.differs:
                for line in [orjson.dumps(as_data(told)).decode()] if args.json else lead_lines(told):
                    print(line if args.json else plain(line))
    return sums


async def _leads(journal: Journal, wanted: LeadFilter) -> AsyncIterator[Sequence[Entry]]:
    """The facts of each lead, in order of receipt."""
    after = b""
    while page := await journal.ask(
        lambda store: store.matching(wanted, after, PAGE, newest_first=False)  # noqa: B023 (asked at once)
    ):
        for lead in page:
            yield await journal.read(text(lead))
        after = page[-1]


def _wanted(args: argparse.Namespace) -> LeadFilter:
    return LeadFilter(flow=args.flow, since=_nanoseconds(args.since), until=_nanoseconds(args.until))


def _nanoseconds(moment: datetime | None) -> int | None:
    """What lies beyond all that a journal can hold is its end."""
    return None if moment is None else min(round(moment.timestamp() * 1e9), NEVER_ENDS)
