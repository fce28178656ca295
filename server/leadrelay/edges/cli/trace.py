"""`leadrelay trace`: draw a lead's timeline, from a server or from a data folder."""

import argparse
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import trio

from leadrelay.core.errors import JournalError
from leadrelay.core.facts import Entry
from leadrelay.edges.cli import way
from leadrelay.edges.cli.asking import asking
from leadrelay.edges.cli.exits import ALSO, Exit, Stop
from leadrelay.edges.cli.picture import WIDTH, svg
from leadrelay.edges.cli.recall import entry_of
from leadrelay.edges.cli.saying import say
from leadrelay.edges.cli.screen import Screen
from leadrelay.edges.cli.timeline import render
from leadrelay.journal.journal import open_journal
from leadrelay_client import Client, NotFound
from leadrelay_client.v1.delivery_service_pb2 import LeadStatus

ABOUT = f"""\
Draw the timeline of a lead, named by its id or by the request id it came with: each destination, each
attempt, what was answered and how long it took. It asks a running server, or with --data reads a
server's data folder directly, whether the server runs or not.

exit codes:
  0  the lead is drawn
  1  there is no such lead
  2  the command is wrong, or the data folder or the lead's record cannot be read
  5  the server cannot be reached or failed
{ALSO}
"""


def options(verb: argparse.ArgumentParser) -> None:
    verb.description = ABOUT
    way.options(verb)
    verb.add_argument("lead", metavar="LEAD_ID", help="a lead's id, or its request id")
    verb.add_argument("--data", type=Path, metavar="DIR", help="read this data folder instead of asking")
    verb.add_argument("--detail", action="store_true", help="with masked requests and replies")
    verb.add_argument("--svg", type=Path, metavar="FILE", help="draw into this file instead")
    verb.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Draw the lead. Exit 0 when it is known and 1 when it is not."""
    try:
        entries = _stored(args.data, args.lead) if args.data else _asked(args.server, args.lead)
    except Stop as stop:
        return stop.code
    if not entries:
        say(f"no lead {args.lead} in {args.data or args.server}")
        return Exit.FAILURE
    if args.svg:
        return _draw(args.svg, entries, detail=args.detail)
    screen = Screen()
    screen.print(render(entries, width=screen.width, detail=args.detail))
    return Exit.OK


def _draw(target: Path, entries: Sequence[Entry], *, detail: bool) -> int:
    picture = svg(render(entries, width=WIDTH, detail=detail), f"leadrelay trace {entries[0].lead_id}")
    try:
        target.write_text(picture, encoding="utf-8")
    except OSError as error:
        say(f"{target}: cannot be written: {error.strerror}")
        return Exit.USAGE
    return Exit.OK


def _stored(data: Path, lead: str) -> Sequence[Entry]:
    async def read() -> list[Entry]:
        async with open_journal(data, read_only=True) as journal:
            entries = await journal.read(lead.lower()) if _is_lead_id(lead) else []
            if not entries and (lead_id := await journal.find(lead)):
                entries = await journal.read(lead_id)
            return entries

    try:
        return trio.run(read)
    except* (JournalError, OSError) as group:
        error: BaseException = group
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        say(f"{data}: {error}")
        raise Stop(Exit.USAGE) from error


def _asked(server: str, lead: str) -> Sequence[Entry]:
    with asking(server) as client:
        status = _found(client, lead)
        if status is None:
            return []
        entries: list[Entry] = []
        with client.watch(status.lead_id, detail="full") as events:
            while len(entries) < status.last_event and (event := next(events, None)) is not None:
                entries.append(entry_of(event, status))
        return entries


def _found(client: Client, lead: str) -> LeadStatus | None:
    """By lead id where it may be one, and then by request id: many of those are UUIDs, too."""
    keys = [{"lead_id": lead.lower()}] if _is_lead_id(lead) else []
    for key in [*keys, {"request_id": lead}]:
        with suppress(NotFound):
            return client.get(**key)
    return None


def _is_lead_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
