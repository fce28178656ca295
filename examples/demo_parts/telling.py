"""The demo's words: what is set up, what came of it, and what to do next."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from demo_parts import tables
from demo_parts.addresses import USUAL, Ports
from demo_parts.ledger import Finding
from demo_parts.live import RESULTS
from demo_parts.looking_back import draw, what_happened, worth_seeing
from demo_parts.processes import Process, command, shown
from demo_parts.resolving import Resolved
from demo_parts.tally import Tally
from leadrelay_client.v1.catalog_service_pb2 import ApplyResponse, Catalog, ChangeKind

LABEL = 12  # columns


def hello(console: Console) -> None:
    console.print()
    console.print(Text("  leadrelay demo", style="bold"))
    console.print(Text("  Leads to recipients, for real, and on this machine alone", style="dim"))
    console.print()


def say(console: Console, label: str, words: str, remark: str = "") -> None:
    """One line of the set-up: what, how, and a remark."""
    line = Table.grid(padding=(0, 2, 0, 0))
    line.add_column(width=LABEL)
    line.add_column()
    told = Text(words).append(f"  {remark}" if remark else "", style="dim")
    line.add_row(Text(f"  {label}", style="bold"), told)
    console.print(line)


def process(console: Console, one: Process, *more: str) -> None:
    remarks = (f"process {one.pid}", f"log {shown(one.log)}", *more)
    say(console, one.name, one.address, ", ".join(remarks))


def ports(console: Console, pair: Ports) -> None:
    if not pair.are_usual:
        words = f"port {USUAL} is taken; they use {pair.recipients}, as does the copy of the catalog"
        say(console, "", words)
    say(console, "", f"port {pair.down}: nobody listens there, which is what down_partner is for")


def earlier(console: Console, number: int) -> None:
    say(console, "journal", f"takes up {leads(number)} that an earlier run left unsettled")


def applied(console: Console, answer: ApplyResponse, folder: Path) -> None:
    """What the catalog changed."""
    if not answer.changes:
        say(console, "catalog", f"{shown(folder)} is version {answer.version}, as before")
    else:
        say(console, "catalog", f"{shown(folder)} is applied and in force as version {answer.version}")
    groups: dict[tuple[str, str], list[str]] = {}
    for change in answer.changes:
        what, _, name = change.what.partition(" ")
        kind = ChangeKind.Name(change.kind).removeprefix("CHANGE_KIND_").lower()
        groups.setdefault((kind, what), []).append(name)
    for (kind, what), names in groups.items():
        noun = f"{len(names)} {what}s" if len(names) > 1 else what
        say(console, "", f"{kind} {noun}", ", ".join(names))
    for warning in answer.warnings:
        say(console, "", f"warning: {warning.file}:{warning.line}: {warning.path}: {warning.message}")


def handing_over(console: Console, file: Path, tally: Tally, flows: Sequence[str], at_once: int) -> None:
    words = f"{len(tally.stories)} of {shown(file)}, {at_once} at once"
    say(console, "leads", words, f"in turn through the flows {', '.join(flows)}")
    console.print()


def resolved(console: Console, found: Resolved) -> None:
    """What `leadrelay resolve` would do by hand."""
    if not found.had and not found.had_not:
        return
    rested = leads(found.had + found.had_not)
    words = (
        f"{rested} rested, because a buyer hung up and may have them. Its ledger was asked: it has "
        f"{found.had}, which count as sold now; it never had {found.had_not}, which the next buyer was "
        f"offered then, who took {found.after}. So none was sold twice, and none was lost."
    )
    console.print(Text("  Answers that never came", style="bold"))
    console.print(indented(Text(words)))
    console.print()


def results(console: Console, tally: Tally, catalog: Catalog) -> None:
    width = console.width
    console.print(indented(tables.by_destination(tally, width)))
    console.print(indented(Text(tables.legend(width), style="dim")))
    console.print()
    if tally.pings:
        console.print(indented(tables.by_ping(tally)))
        console.print()
    console.print(indented(tables.reasons(tally)))
    console.print()
    descriptions = {flow.name: flow.description for flow in catalog.flows}
    console.print(indented(tables.by_flow(tally, descriptions, width)))
    console.print()


def earlier_results(number: int, results: Mapping[str, int]) -> Finding:
    """What became of the leads of an earlier run; for information: they are not of this run's numbers."""
    said = ", ".join(f"{results[result]} {result}" for result in RESULTS if results.get(result))
    open_still = number - sum(results.values())
    rest = f"; {open_still} still under way, which the journal keeps" if open_still else ""
    return Finding(True, f"took up {leads(number)} of an earlier run{': ' if said else ''}{said}{rest}")


def findings(console: Console, found: Iterable[Finding]) -> None:
    lines = Table.grid(padding=(0, 1, 0, 0))
    for finding in found:
        mark = Text("✓", style="green") if finding.holds else Text("✗ NO:", style="bold red")
        lines.add_row(mark, finding.words)
    console.print(Text("  Does it add up?", style="bold"))
    console.print(indented(lines))
    console.print()


def one_lead(console: Console, tally: Tally, data: Path) -> None:
    """The trace of the lead that shows most, and the command that draws it again. Raises Failed."""
    story = worth_seeing(tally)
    if story is None:
        return
    console.print(Text(f"  The way of one lead, {story.row.name}", style="bold"))
    console.print(indented(Text(f"{what_happened(story)}. This draws it:")))
    console.print()
    draw_it(console, f"trace --data {shown(data)} {story.lead_id}")
    console.print()
    drawing = draw(data, story.lead_id, width=console.width - 2, color=console.color_system is not None)
    for line in drawing.rstrip().splitlines():
        console.print(Text("  ").append_text(Text.from_ansi(line)), soft_wrap=True)
    console.print()


def next_steps(console: Console) -> None:
    steps = Table.grid(padding=(0, 2, 0, 0))
    steps.add_column(style="cyan", no_wrap=True)
    steps.add_column()
    steps.add_row("make demo", "again; change examples/catalog before, and it tells what changed")
    steps.add_row("make run", "a server that stays")
    steps.add_row(f"{command()} --help", "what it can do, with a first delivery from nothing")
    console.print(Text("  What next", style="bold"))
    console.print(indented(steps))
    console.print()


def draw_it(console: Console, arguments: str) -> None:
    """A command to copy, on one line however long that gets."""
    console.print(Text(f"    {command()} {arguments}", style="cyan"), soft_wrap=True)


def indented(what: RenderableType) -> Padding:
    return Padding(what, (0, 0, 0, 2), expand=False)


def leads(number: int) -> str:
    return "1 lead" if number == 1 else f"{number or 'no'} leads"
