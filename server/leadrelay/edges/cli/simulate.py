"""`leadrelay simulate`: leads through a flow, with recipients that answer by script and nothing sent."""

import argparse
import random
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import orjson

from leadrelay.core.catalog import Catalog
from leadrelay.core.lead import Lead, uuid7
from leadrelay.edges.catalog.load import from_bytes
from leadrelay.edges.catalog.problems import CatalogRefused, did_you_mean, named
from leadrelay.edges.cli import way
from leadrelay.edges.cli.asking import asking
from leadrelay.edges.cli.exits import Exit, Stop
from leadrelay.edges.cli.previewing import read_catalog
from leadrelay.edges.cli.replies import read_replies
from leadrelay.edges.cli.samples import STDIN, Sample, Unreadable, leads_in
from leadrelay.edges.cli.saying import say
from leadrelay.edges.cli.screen import Screen
from leadrelay.edges.cli.simulated import Run, Told, as_data, summary, table
from leadrelay.edges.cli.timeline import render
from leadrelay.edges.grpc.bridge import Abort
from leadrelay.edges.grpc.submission import sample_lead
from leadrelay.edges.staging import staged_adapter, staged_signer, why_not_composed
from leadrelay.journal.memory import MemoryJournal
from leadrelay.runtime.clock import WallClock
from leadrelay.runtime.simulation.engine import Arrival, Stage, VirtualClock, simulate
from leadrelay.runtime.simulation.recipients import Company
from leadrelay.runtime.simulation.script import Script
from leadrelay.v1 import lead_pb2
from leadrelay_client import lead_of

ABOUT = """\
Run leads through a flow as a server would, in virtual time, and show what would happen: who is tried, who
buys and for how much, and why the others are not tried. Nothing is sent and no secret is read; the recipients
answer by a script. With --catalog no server is needed.

  leadrelay simulate waterfall --leads leads.csv --replies replies.yaml --catalog examples/catalog
  leadrelay simulate waterfall --leads lead.json --catalog examples/catalog --timeline 1

A script is YAML; a destination that it does not name answers 200 and an empty object:

  destinations:
    - name: premium_buyer
      replies:
        - {when: "loan_amount < 5000", reply: {body: {result: rejected, reason: too small}}}
        - {share: 70, after: 200ms, until: 2s, reply: {body: {result: accepted, price: 48.5}}}
        - {share: 30, reply: {body: {result: rejected, reason: duplicate}}}
    - name: standard_buyer
      replies:
        - {times: 3, reply: {status: 503}}  # the first three requests
        - {lost: true}                      # or `refused: true`, `silent: true`

The same --seed gives the same run. A SOAP request whose WSDL is not a file with its imports is answered, but
not composed, because nothing is fetched.

exit codes:
  0  every lead was run, whatever came of it
  1  a lead could not be run; all others were
  2  the command, the catalog, the flow or the script is wrong
  5  the server cannot be reached
"""
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def options(verb: argparse.ArgumentParser) -> None:
    verb.description = ABOUT
    way.options(verb)
    verb.add_argument("flow", metavar="FLOW")
    verb.add_argument(
        "--leads",
        required=True,
        metavar="PATH",
        help="a CSV or JSONL file, a JSON object or list, or a folder of *.json; - reads standard input",
    )
    verb.add_argument("--replies", type=Path, metavar="FILE", help="what the recipients answer")
    verb.add_argument(
        "--catalog",
        type=Path,
        action="append",
        default=[],
        metavar="PATH",
        help="a file or folder to use instead of a server's catalog; may be given again",
    )
    verb.add_argument("--seed", type=int, default=0, metavar="N", help="of all that is by lot; default: 0")
    verb.add_argument(
        "--every", type=_seconds, default=1.0, metavar="DURATION", help="between two leads; default: 1s"
    )
    verb.add_argument("--source", default="", metavar="NAME", help="who handed the leads over")
    verb.add_argument("--json", action="store_true", help="one lead a line, as JSON, instead of the table")
    verb.add_argument("--leads-out", type=Path, metavar="FILE", help="write those lines to a file")
    verb.add_argument("--timeline", type=int, metavar="N", help="draw what happened to the Nth lead, too")
    verb.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Simulate. Exit 0 when every lead was run and 1 when one could not be."""
    try:
        catalog = _catalog(args)
        if args.flow not in catalog.flows:
            hint = did_you_mean(args.flow, catalog.flows, otherwise="there are")
            say(f"there is no flow {named(args.flow)}{hint}")
            return Exit.USAGE
        replies = read_replies(args.replies, catalog) if args.replies else {}
        _tell_unread(catalog, args.flow)
        with _output(args.leads_out) as out:
            return _Simulation(args, catalog, Script(replies, args.seed)).run(out)
    except Stop as stop:
        return stop.code


class _Simulation:
    def __init__(self, args: argparse.Namespace, catalog: Catalog, script: Script) -> None:
        self._args, self._catalog, self._script = args, catalog, script
        self._clock = VirtualClock(WallClock().now())
        self._lots = random.Random(args.seed)
        self._failed = 0

    def run(self, out: IO[str] | None) -> Exit:
        arrivals = list(self._arrivals())
        if not arrivals:
            say(f"{self._args.leads}: has no leads that could be run")
            return Exit.USAGE
        leads = {arrival.lead.id: arrival.lead for _, arrival in arrivals}
        company = Company(self._script, leads, staged_adapter, staged_signer)
        journal = MemoryJournal()
        stage = Stage(
            catalog=self._catalog,
            company=company,
            journal=journal,
            caps=journal.caps,
            clock=self._clock,
            seed=self._args.seed,
        )
        simulate(stage, [arrival for _, arrival in arrivals])
        told = [Told(name, journal.entries[arrival.lead.id]) for name, arrival in arrivals]
        self._tell(told, out)
        return Exit.FAILURE if self._failed else Exit.OK

    def _arrivals(self) -> Iterator[tuple[str, Arrival]]:
        """The leads with their names, one after the other at even distances."""
        number = 0
        for sample in _samples(self._args.leads):
            try:
                after = number * self._args.every
                yield sample.name, Arrival(after, self._lead(sample, after))
                number += 1
            except (Unreadable, ValueError, Abort) as error:
                self._failed += 1
                say(f"{sample.name}: {error}")

    def _lead(self, sample: Sample, after: float) -> Lead:
        if sample.trouble:
            raise Unreadable(sample.trouble)
        message = lead_of(sample.fields, source=self._args.source)
        return sample_lead(
            lead_pb2.Lead.FromString(message.SerializeToString()),
            flow=self._args.flow,
            lead_id=uuid7(round(after * 1000), self._lots.randbytes(10)),
            now=self._clock.began_at + round(after * 1e9),
            catalog_version=self._catalog.version,
        )

    def _tell(self, told: Sequence[Told], out: IO[str] | None) -> None:
        run = Run()
        for each in told:
            run.add(each)
            line = orjson.dumps(as_data(each)).decode()
            if out is not None:
                print(line, file=out)
            if self._args.json:
                print(line)
        if not self._args.json:
            print("\n".join(table(run)))
        sys.stdout.flush()
        say(summary(run))
        self._draw(told)

    def _draw(self, told: Sequence[Told]) -> None:
        number = self._args.timeline
        if number is None:
            return
        if not 1 <= number <= len(told):
            say(f"--timeline {number}: the leads that were run are 1 to {len(told)}")
            raise Stop(Exit.USAGE)
        print(f"\n{told[number - 1].name}", flush=True)
        screen = Screen()
        screen.print(render(told[number - 1].entries, width=screen.width))


def _tell_unread(catalog: Catalog, flow: str) -> None:
    """Whose requests will not be composed, and so find no fault in a mapping."""
    for name in dict.fromkeys(each.destination for each in catalog.flows[flow].deliveries()):
        if why := why_not_composed(catalog.destinations[name]):
            say(f"{name}: its requests are answered, but not composed: {why}")


def _samples(path: str) -> Iterator[Sample]:
    name = "standard input" if path == STDIN else path
    try:
        yield from leads_in(path)
    except OSError as error:
        say(f"{name}: cannot be read: {error.strerror}")
        raise Stop(Exit.USAGE) from error
    except Unreadable as error:
        say(f"{name}: {error}")
        raise Stop(Exit.USAGE) from error


def _catalog(args: argparse.Namespace) -> Catalog:
    if args.catalog:
        return read_catalog(args.catalog).catalog
    try:
        with asking(args.server) as client:
            got = client.get_catalog()
            return from_bytes(got.catalog.SerializeToString(), got.version)
    except CatalogRefused as error:
        say(f"{args.server} has a catalog that this version cannot read: {error}")
        raise Stop(Exit.USAGE) from error
    except Stop as stop:
        if stop.code is Exit.UNAVAILABLE:
            say("with `--catalog PATH` no server is needed")
        raise


@contextmanager
def _output(path: Path | None) -> Iterator[IO[str] | None]:
    with ExitStack() as stack:
        if path is None:
            yield None
            return
        try:
            file = stack.enter_context(path.open("w", encoding="utf-8"))
        except OSError as error:
            say(f"{path}: cannot be written: {error.strerror}")
            raise Stop(Exit.USAGE) from error
        yield file


def _seconds(text: str) -> float:
    found = _DURATION.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError("must be a duration such as 500ms, 2s, 5m or 1h")
    return float(found[1]) * _UNITS[found[2]]
