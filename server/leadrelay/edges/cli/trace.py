"""`leadrelay trace`: draw a lead's timeline, from a server or from a data folder."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import trio
from rich.console import Console

from leadrelay.core.errors import JournalError
from leadrelay.core.facts import Entry
from leadrelay.edges.cli.asking import Stop, asking, say
from leadrelay.edges.cli.exits import Exit
from leadrelay.edges.cli.picture import WIDTH, svg
from leadrelay.edges.cli.recall import entry_of
from leadrelay.edges.cli.timeline import render
from leadrelay.journal.journal import open_journal
from leadrelay_client import NotFound


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
    console = Console()
    console.print(render(entries, width=console.width, detail=args.detail))
    return Exit.OK


def _draw(target: Path, entries: Sequence[Entry], *, detail: bool) -> int:
    picture = svg(render(entries, width=WIDTH, detail=detail), f"leadrelay trace {entries[0].lead_id}")
    try:
        target.write_text(picture)
    except OSError as error:
        say(f"{target}: cannot be written: {error.strerror}")
        return Exit.USAGE
    return Exit.OK


def _stored(data: Path, lead: str) -> Sequence[Entry]:
    async def read() -> list[Entry]:
        async with open_journal(data, read_only=True) as journal:
            lead_id = lead if _is_lead_id(lead) else await journal.find(lead)
            return await journal.read(lead_id) if lead_id else []

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
        try:
            status = client.get(lead_id=lead) if _is_lead_id(lead) else client.get(request_id=lead)
        except NotFound:
            return []
        entries: list[Entry] = []
        with client.watch(status.lead_id, detail="full") as events:
            while len(entries) < status.last_event and (event := next(events, None)) is not None:
                entries.append(entry_of(event, status))
        return entries


def _is_lead_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
