"""`leadrelay deliver`: one lead in, its events as they happen."""

import argparse
from collections.abc import Iterable
from typing import Any

from google.protobuf.json_format import MessageToJson

from leadrelay.edges.cli.asking import Stop, asking, say
from leadrelay.edges.cli.exits import Exit
from leadrelay.edges.cli.line import line
from leadrelay.edges.cli.samples import STDIN, Unreadable, lead_in
from leadrelay_client import lead_of
from leadrelay_client.v1.event_pb2 import Event
from leadrelay_client.v1.outcome_pb2 import (
    RESULT_ERROR,
    RESULT_FAILURE,
    RESULT_SUCCESS,
    RESULT_UNRESOLVED,
    Result,
)

CODES: dict[Result.ValueType, Exit] = {
    RESULT_SUCCESS: Exit.OK,
    RESULT_FAILURE: Exit.FAILURE,
    RESULT_ERROR: Exit.ERROR,
    RESULT_UNRESOLVED: Exit.UNRESOLVED,
}


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
    code: Exit | None = None
    for event in events:
        print(as_json_line(event) if as_json else line(event), flush=True)
        if event.HasField("lead_settled"):
            code = CODES.get(event.lead_settled.result, Exit.UNSEEN)
    if code is None:
        say("the flow answers before the lead has settled; it goes on, see `leadrelay trace LEAD_ID`")
    return Exit.UNSEEN if code is None else code


def as_json_line(event: Event) -> str:
    return MessageToJson(event, preserving_proto_field_name=True, indent=None)


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
