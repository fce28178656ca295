"""`leadrelay deliver`: one lead in, its events as they happen."""

import argparse
from collections.abc import Iterable, Iterator
from typing import Any, Final

from leadrelay.edges.cli import way
from leadrelay.edges.cli.asking import asking
from leadrelay.edges.cli.exits import ALSO, EXITS, Exit, Stop
from leadrelay.edges.cli.line import as_json_line, line
from leadrelay.edges.cli.recall import reply_of, request_of
from leadrelay.edges.cli.samples import STDIN, Unreadable, lead_in
from leadrelay.edges.cli.saying import plain, say
from leadrelay.edges.cli.spoken import reply_lines, request_lines
from leadrelay_client import lead_of
from leadrelay_client.v1.event_pb2 import Event
from leadrelay_client.v1.outcome_pb2 import (
    RESULT_ERROR,
    RESULT_FAILURE,
    RESULT_SUCCESS,
    RESULT_UNRESOLVED,
    Result,
)

INDENT: Final = " " * 11  # as far as the words of an event begin
CODES: dict[Result.ValueType, Exit] = {
    RESULT_SUCCESS: Exit.OK,
    RESULT_FAILURE: Exit.FAILURE,
    RESULT_ERROR: Exit.ERROR,
    RESULT_UNRESOLVED: Exit.UNRESOLVED,
}

ABOUT = f"""\
Deliver one lead, read as a JSON object of field names and values, and tell its events as they happen.

exit codes:
{EXITS}{ALSO}
"""


def options(verb: argparse.ArgumentParser) -> None:
    verb.description = ABOUT
    way.options(verb)
    verb.add_argument("--flow", required=True, metavar="NAME")
    verb.add_argument("--lead", required=True, metavar="FILE", help="a JSON object; - reads standard input")
    verb.add_argument("--source", default="", metavar="NAME", help="who handed the lead over")
    verb.add_argument("--request-id", default="", metavar="ID", help="makes the command safe to repeat")
    verb.add_argument("--json", action="store_true", help="one event a line, as protobuf JSON")
    verb.add_argument("--detail", action="store_true", help="with masked requests and replies")
    verb.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Deliver and tell. The exit code is the result; see EXITS."""
    try:
        fields = read_lead(args.lead)
        with asking(args.server) as client:
            lead = lead_of(fields)
            lead.source = args.source or lead.source
            with client.deliver(
                args.flow,
                lead,
                request_id=args.request_id,
                detail="full" if args.detail else "outcomes",
            ) as events:
                return tell(events, as_json=args.json)
    except Stop as stop:
        return stop.code


def tell(events: Iterable[Event], *, as_json: bool) -> Exit:
    """Print each event on a line of its own; the exit code is the result of the lead.

    The stream is read to its own end. A call that is cancelled as the program ends leaves gRPC's thread at
    work in it, and where Python stops that thread with the call's lock in hand, the program never ends.
    """
    code, lead_id = None, ""
    try:
        for event in events:
            lead_id = event.lead_id
            lines = [as_json_line(event)] if as_json else [line(event), *_exchange(event)]
            print("\n".join(lines), flush=True)
            if event.HasField("lead_settled"):
                code = CODES.get(event.lead_settled.result, Exit.UNSEEN)
    except KeyboardInterrupt:
        if lead_id:
            say(f"the lead goes on, see `leadrelay trace {lead_id}`")
        raise
    if code is None:
        say(f"the flow answers before the lead has settled; it goes on, see `leadrelay trace {lead_id}`")
    return Exit.UNSEEN if code is None else code


def _exchange(event: Event) -> Iterator[str]:
    """What was sent or answered, masked, where the event has it (`detail`): indented, below its line."""
    match event.WhichOneof("kind"):
        case "attempt_started" if event.attempt_started.HasField("request"):
            lines = request_lines(request_of(event.attempt_started.request))
        case "attempt_ended" if event.attempt_ended.HasField("reply"):
            lines = reply_lines(reply_of(event.attempt_ended.reply))
        case _:
            return
    for text in lines:
        yield f"{INDENT}{plain(text)}"


def read_lead(path: str) -> dict[str, Any]:
    """A lead's fields from a file or standard input. Ends the verb when they are not a JSON object."""
    name = "standard input" if path == STDIN else path
    try:
        return lead_in(path)
    except OSError as error:
        say(f"{name}: cannot be read: {error.strerror}")
        raise Stop(Exit.USAGE) from error
    except Unreadable as error:
        say(f"{name}: {error}")
        raise Stop(Exit.USAGE) from error
