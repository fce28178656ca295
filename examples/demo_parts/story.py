"""How the demo goes: what stands on the stage, in which order things happen, and what is compared at the end.

The processes are up inside `play` and gone when it returns, however it returns.
"""

import argparse
import asyncio
import io
import os
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from rich.console import Console

from demo_parts import ledger, mishaps, telling
from demo_parts.addresses import Ports, a_free_pair
from demo_parts.carrying import AT_ONCE, RESUME_WITHIN, Carrier, wait_for
from demo_parts.ledger import Finding
from demo_parts.live import shown_live
from demo_parts.looking_back import unsettled
from demo_parts.processes import Failed, Process, running, shown
from demo_parts.resolving import resolve_all
from demo_parts.rows import read_rows
from demo_parts.tally import Tally, pinged
from leadrelay_client import AsyncClient, InvalidArgument, LeadrelayError
from leadrelay_client.v1.catalog_service_pb2 import Catalog

EXAMPLES = Path(__file__).resolve().parents[1]
CATALOG, LEADS, SECRETS = EXAMPLES / "catalog", EXAMPLES / "leads.csv", EXAMPLES / "secrets"
FOLDER = EXAMPLES.parent / ".demo"
WIDTH = 100  # where there is no terminal to ask
GRACE = 2  # seconds that leads under way get when the run is stopped; the journal keeps the others


@dataclass(kw_only=True)
class Run:
    """What is known of a run; `play` fills it in."""

    folder: Path
    limit: int | None  # leads
    left: list[str]  # leads that an earlier run left unsettled
    tally: Tally = field(default_factory=lambda: Tally([], []))
    catalog: Catalog = field(default_factory=Catalog)
    findings: list[Finding] = field(default_factory=list)
    server: Process | None = None
    lost: LeadrelayError | None = None  # why nothing more was heard of the server

    @property
    def data(self) -> Path:
        return self.folder / "data"


def main() -> int:
    args = _arguments()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a tick that cannot be shown is not worth a traceback
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDTH)
    try:
        return demonstrate(args.folder, args.leads, console)
    except Failed as failure:
        mishaps.failed(console, str(failure))
        return 1
    except LeadrelayError as error:
        mishaps.failed(console, f"the server said: {error}; its log is {shown(args.folder / 'server.log')}")
        return 1
    except KeyboardInterrupt:
        mishaps.interrupted(console, args.folder / "data")
        return 130


def demonstrate(folder: Path, limit: int | None, console: Console) -> int:
    """Play, then look back at it. Raises Failed and KeyboardInterrupt."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failed(f"{folder} cannot be made: {error.strerror}") from error
    run = Run(folder=folder, limit=limit, left=unsettled(folder / "data"))
    telling.hello(console)
    asyncio.run(play(run, console))
    if run.lost is not None and run.server is not None:
        mishaps.lost(console, run.tally, run.lost, run.server, run.data)
        return 1
    open_still = {story.lead_id for story in run.tally.stories} & set(unsettled(run.data))
    words = f"the journal holds {telling.leads(len(open_still))} of this run that did not settle"
    run.findings.insert(1, Finding(not open_still, words))
    telling.results(console, run.tally, run.catalog)
    telling.findings(console, run.findings)
    telling.one_lead(console, run.tally, run.data)
    telling.next_steps(console)
    return 0 if all(finding.holds for finding in run.findings) else 1


async def play(run: Run, console: Console) -> None:
    """All for which the processes have to be there: they are up inside, and gone afterwards."""
    async with AsyncExitStack() as stage:
        ports = stage.enter_context(a_free_pair())
        recipients = await stage.enter_async_context(
            running(
                "recipients",
                ["recipients", "--port", str(ports.recipients)],
                log=run.folder / "recipients.log",
                greeting="recipients at ",
            )
        )
        telling.process(console, recipients)
        telling.ports(console, ports)
        run.server = server = await stage.enter_async_context(
            running(
                "server",
                _serve(run.data),
                log=run.folder / "server.log",
                greeting="listening on ",
            )
        )
        telling.process(console, server, f"journal {shown(run.data)}")
        if run.left:
            telling.earlier(console, len(run.left))
        client = AsyncClient(server.address, resume_within=RESUME_WITHIN)
        await stage.enter_async_context(client)
        await put_into_force(run, client, ports, console)
        await deliver(run, client, recipients, console)
        if run.lost is None:
            await resolve(run, client, recipients, console)
            await compare(run, client, recipients)
    are_fine = recipients.stopped_well and server.stopped_well
    run.findings.append(Finding(are_fine, mishaps.how_they_ended(are_fine, recipients, server)))


async def put_into_force(run: Run, client: AsyncClient, ports: Ports, console: Console) -> None:
    """Apply examples/catalog and prepare the leads for the flows that are in it."""
    try:
        answer = await client.apply(ports.catalog(CATALOG))
    except InvalidArgument as refusal:
        raise mishaps.refused(CATALOG, refusal) from refusal
    telling.applied(console, answer, CATALOG)
    run.catalog = (await client.get_catalog()).catalog
    flows = [flow.name for flow in run.catalog.flows]
    if not flows:
        raise Failed(f"{shown(CATALOG)} has no flow: a lead is always sent through one")
    name = f"{datetime.now():%Y%m%d-%H%M%S}-{os.getpid()}"
    rows = read_rows(LEADS, name, flows, run.limit)
    names = [destination.name for destination in run.catalog.destinations]
    run.tally = Tally(rows, names, set(pinged(run.catalog)))
    telling.handing_over(console, LEADS, run.tally, flows, AT_ONCE)


async def deliver(run: Run, client: AsyncClient, recipients: Process, console: Console) -> None:
    """Hand all leads over and listen to them, with a display that follows. Raises Failed."""
    carrier = Carrier(client, run.tally)
    async with shown_live(console, run.tally):
        carrying = asyncio.create_task(carrier.carry())
        leaving = asyncio.create_task(recipients.ended())
        noticing = asyncio.create_task(_notice_the_end(run, console))
        try:
            await asyncio.wait({carrying, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not carrying.done():
                how = recipients.how_it_ended()
                raise Failed(recipients.explain(f"{how} in the middle of the run"))
            await carrying
        finally:
            for task in (carrying, leaving, noticing):
                task.cancel()
            await asyncio.gather(carrying, leaving, noticing, return_exceptions=True)
    run.lost = carrier.lost


async def resolve(run: Run, client: AsyncClient, recipients: Process, console: Console) -> None:
    """Say what became of the leads that rest because an answer never came. Raises Failed."""
    targets = ledger.recipients_of(run.catalog, recipients.address)
    ledgers = await ledger.ask(recipients.address, sorted(set(targets.values())))
    telling.resolved(console, await resolve_all(client, run.tally, targets, ledgers))


async def compare(run: Run, client: AsyncClient, recipients: Process) -> None:
    """Hold what we counted against what everybody else says. Raises Failed."""
    run.findings += [ledger.leads_add_up(run.tally), ledger.money_adds_up(run.tally)]
    if run.left:
        run.findings.append(telling.earlier_results(len(run.left), await wait_for(client, run.left)))
    targets = ledger.recipients_of(run.catalog, recipients.address)
    ledgers = await ledger.ask(recipients.address, sorted(set(targets.values())))
    run.findings += [
        ledger.recipients_agree(run.tally, targets, ledgers),
        ledger.nothing_sold_twice(ledgers),
    ]


async def _notice_the_end(run: Run, console: Console) -> None:
    """Say it at once when the server is gone; the client waits a while for one to come back."""
    if run.server is None:
        return
    await run.server.ended()
    words = f"waiting a few seconds for one to come back at {run.server.address}"
    console.print(f"  The server {run.server.how_it_ended()}; {words}", style="red", markup=False)


def _serve(data: Path) -> list[str]:
    """All else is as `leadrelay serve` has it: the journal is SQLite, and traces are drawn from it."""
    settings = {"--listen": "127.0.0.1:0", "--data": data, "--secrets": SECRETS, "--grace": GRACE}
    return ["serve", *(str(word) for setting in settings.items() for word in setting)]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="demo.py", description="Deliver the sample leads and show it.")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="journal and logs; default: .demo")
    parser.add_argument("--leads", type=_positive, metavar="N", help="only the first N of the file")
    return parser.parse_args()


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number
