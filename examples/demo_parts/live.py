"""Shows how far the run has come: redrawn in place on a terminal, a line now and then anywhere else."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from rich.console import Console, Group
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from demo_parts.tally import Tally

REDRAW = 0.125  # seconds
LINE_EVERY = 2.0
RESULTS = {"success": "green", "failure": "yellow", "error": "red", "unresolved": "magenta"}


@asynccontextmanager
async def shown_live(console: Console, tally: Tally) -> AsyncIterator[None]:
    """Show the tally for as long as the block runs."""
    began = time.monotonic()
    if console.is_terminal and not console.is_dumb_terminal:
        with Live(console=console, auto_refresh=False, transient=True) as live:
            async with _again_and_again(
                lambda: live.update(_picture(tally, time.monotonic() - began), refresh=True), REDRAW
            ):
                yield
    else:
        async with _again_and_again(
            lambda: console.print(_line(tally, time.monotonic() - began)), LINE_EVERY
        ):
            yield
        console.print()


@asynccontextmanager
async def _again_and_again(show: Callable[[], None], pause: float) -> AsyncIterator[None]:
    async def keep_showing() -> None:
        while True:
            show()
            await asyncio.sleep(pause)

    showing = asyncio.create_task(keep_showing())
    try:
        yield
    finally:
        showing.cancel()
    show()


def _line(tally: Tally, seconds: float) -> Text:
    parts = [f"{tally.results[result]} {result}" for result in RESULTS if tally.results[result]]
    done = f"{tally.settled:>4} of {len(tally.stories)} leads settled after {seconds:4.1f} s"
    return Text(f"  {done}{': ' if parts else ''}{', '.join(parts)}")


def _picture(tally: Tally, seconds: float) -> Padding:
    head = Table.grid(padding=(0, 2))
    head.add_row(
        ProgressBar(total=len(tally.stories), completed=tally.settled, width=40, complete_style="cyan"),
        Text(f"{tally.settled} of {len(tally.stories)} leads", style="bold"),
        Text(f"{tally.settled / max(seconds, 0.1):.0f} a second"),
        Text(f"{seconds:.0f} s", style="dim"),
    )
    return Padding(Group(head, _results(tally), Text(), _destinations(tally)), (0, 2), expand=False)


def _results(tally: Tally) -> Text:
    words = [Text(f"{tally.results[result]} {result}", style=style) for result, style in RESULTS.items()]
    return Text("   ").join([*words, Text(f"{tally.under_way} under way", style="cyan")])


def _destinations(tally: Tally) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("destination")
    for name in ("under way", "accepted", "rejected", "errors"):
        table.add_column(name, justify="right")
    for name, destination in tally.destinations.items():
        numbers = (
            (len(destination.under_way), "cyan"),
            (destination.accepted, "green"),
            (destination.rejected.total(), "yellow"),
            (destination.errors.total(), "red"),
        )
        table.add_row(
            name, *(Text(str(number), style=style if number else "dim") for number, style in numbers)
        )
    return table
