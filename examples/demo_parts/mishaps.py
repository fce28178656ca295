"""The demo's words when something goes wrong: what happened, which leads are where, and what to do."""

from collections.abc import Sequence
from pathlib import Path

from rich.columns import Columns
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from demo_parts.looking_back import unsettled
from demo_parts.processes import Failed, Process, shown
from demo_parts.tally import Story, Tally
from demo_parts.telling import draw_it, indented, leads
from leadrelay_client import InvalidArgument, LeadrelayError

MOST_LEADS = 40  # that are named one by one


def failed(console: Console, words: str) -> None:
    console.print(f"\ndemo: {words}", style="red", markup=False, soft_wrap=True)


def refused(catalog: Path, refusal: InvalidArgument) -> Failed:
    """Everything that is wrong with the catalog, for the person who edited it."""
    lines = [f"{one.field}: {one.description}" for one in refusal.violations] or [refusal.message]
    return Failed("\n  ".join((f"{shown(catalog)} is refused, and nothing was changed:", *lines)))


def lost(console: Console, tally: Tally, error: LeadrelayError, server: Process, data: Path) -> None:
    """The server went away in the middle: which leads are where, and how to see them."""
    why = f"did not settle a lead in time ({error.message})" if server.was_stopped else server.how_it_ended()
    console.print(indented(Text(f"The run is over early: {server.explain(why)}.", style="bold red")))
    unheard = [story for story in tally.stories if story.is_accepted and not story.is_settled]
    unknown = [
        story for story in tally.stories if story.is_sent and not story.is_accepted and not story.refusal
    ]
    unsent = sum(not story.is_sent for story in tally.stories)
    words = (
        f"Of {leads(len(tally.stories))} {tally.settled} settled, {len(unheard)} were accepted and not heard "
        f"of to the end, {len(unknown)} were sent and not answered, and {unsent} were not sent."
    )
    console.print(indented(Text(words)))
    _named(console, "Accepted and not heard of to the end:", unheard)
    _named(console, "Sent and not answered; the journal knows them by this request id, if it does:", unknown)
    _in_the_journal(console, data)
    console.print("  This draws one of them:")
    draw_it(console, f"trace --data {shown(data)} ID")


def interrupted(console: Console, data: Path) -> None:
    console.print()
    console.print("  Stopped.")
    _in_the_journal(console, data)


def how_they_ended(are_fine: bool, recipients: Process, server: Process) -> str:
    if are_fine:
        return "the server and the recipients have stopped, and nothing is left running"
    return f"the server {server.how_it_ended()}, the recipients {recipients.how_it_ended()}"


def _named(console: Console, title: str, stories: Sequence[Story]) -> None:
    if not stories:
        return
    console.print()
    console.print(f"  {title}")
    names = [f"{one.row.name} {one.lead_id or one.row.request_id}" for one in stories[:MOST_LEADS]]
    if len(stories) > MOST_LEADS:
        names.append(f"and {len(stories) - MOST_LEADS} more")
    console.print(Padding(Columns(names, padding=(0, 3)), (0, 0, 1, 4)))


def _in_the_journal(console: Console, data: Path) -> None:
    try:
        waiting = len(unsettled(data))
    except Failed as failure:
        console.print(f"  {failure}", markup=False)
        return
    if waiting:
        kept = f"{leads(waiting)} that did not settle, for the next run to take up"
        console.print(f"  The journal in {shown(data)} keeps {kept}.", markup=False)
