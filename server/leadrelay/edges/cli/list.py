"""`leadrelay list`: leads by a filter, the newest first."""

import argparse
from collections.abc import Iterable
from itertools import islice

from leadrelay.edges.cli import way
from leadrelay.edges.cli.asking import asking
from leadrelay.edges.cli.exits import ALSO, Exit, Stop
from leadrelay.edges.cli.filters import leads, wanted
from leadrelay.edges.cli.line import amount, as_json_line, word
from leadrelay.edges.cli.numbers import positive
from leadrelay.edges.cli.saying import plain, say
from leadrelay_client.v1.delivery_service_pb2 import DeliveryStatus, LeadStatus
from leadrelay_client.v1.outcome_pb2 import ARRIVED_UNKNOWN, OutcomeKind, Result

USUAL = 50
ABOUT = """\
List leads by what became of them, the newest first.

  leadrelay list --result unresolved --since 7d       # what waits for `leadrelay resolve`
  leadrelay list --destination crm --outcome timeout  # who did not answer

exit codes:
  0  they are listed, and there may be none
  2  the command is wrong
  5  the server cannot be reached or failed
"""


def options(parser: argparse.ArgumentParser) -> None:
    parser.description = f"{ABOUT}{ALSO}"
    way.options(parser)
    leads(parser)
    parser.add_argument(
        "--limit", type=positive, default=USUAL, metavar="N", help="at most so many; %(default)s"
    )
    parser.add_argument("--json", action="store_true", help="one lead a line, as protobuf JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """List, and say on standard error where there is more."""
    try:
        with asking(args.server) as client:
            found = client.list_deliveries(**wanted(args))
            tell(islice(found, args.limit), as_json=args.json)
            if next(found, None) is not None:
                say(f"there are more; these are the newest {args.limit} (--limit)")
    except Stop as stop:
        return stop.code
    return Exit.OK


def tell(statuses: Iterable[LeadStatus], *, as_json: bool) -> None:
    for status in statuses:
        text = as_json_line(status) if as_json else line(status)
        print(text if as_json else plain(text))


def line(status: LeadStatus) -> str:
    """One lead on one line: when, which, what became of it, at whom."""
    result = word(Result.Name, status.result) if status.result else "under way"
    money = "".join(f"  {amount(price)}" for price in status.revenue)
    at = status.received_at.ToJsonString().partition(".")[0].removesuffix("Z")
    parts = ", ".join(f"{each.delivery} {_stands(each)}" for each in status.deliveries)
    return f"{at}Z  {status.lead_id}  {status.flow:<12} {result:<10} {parts}{money}"


def _stands(delivery: DeliveryStatus) -> str:
    if delivery.HasField("due_at"):
        return f"parked until {delivery.due_at.ToJsonString().partition('.')[0].removesuffix('Z')}Z"
    if not delivery.HasField("outcome"):
        return "under way"
    kind = word(OutcomeKind.Name, delivery.outcome.kind)
    if not delivery.ended:
        return f"{kind}, to be tried again"
    return f"{kind}?" if delivery.outcome.arrived == ARRIVED_UNKNOWN else kind
