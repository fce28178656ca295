"""`leadrelay resolve`: says what became of a delivery of which nobody knows."""

import argparse

from leadrelay.edges.cli import way
from leadrelay.edges.cli.asking import asking
from leadrelay.edges.cli.exits import ALSO, Exit, Stop
from leadrelay.edges.cli.line import outcome, word
from leadrelay_client import requests
from leadrelay_client.v1.outcome_pb2 import Result

ABOUT = """\
Say what became of a delivery that is unresolved: the recipient may have the lead, and never said so. Ask it,
and tell the answer here. A success counts, with its price; anything else lets the deliveries start that
waited. `system_error` says that the recipient never had the lead. The command is safe to repeat.

  leadrelay resolve LEAD_ID premium_buyer success --price 42.50 --reference P-1017

exit codes:
  0  it is resolved
  2  the delivery is not unresolved, or was resolved otherwise, or is unknown; nothing was changed
  5  the server cannot be reached or failed
"""


def options(parser: argparse.ArgumentParser) -> None:
    parser.description = f"{ABOUT}{ALSO}"
    way.options(parser)
    parser.add_argument("lead", type=str.lower, metavar="LEAD_ID")
    parser.add_argument("delivery", metavar="DELIVERY", help="as events and `leadrelay trace` name it")
    parser.add_argument("outcome", choices=requests.RESOLUTIONS, metavar="OUTCOME", help="%(choices)s")
    parser.add_argument("--reason", default="", metavar="TEXT", help="who said so, for people")
    parser.add_argument("--price", metavar="AMOUNT", help="with a success, such as 12.50")
    parser.add_argument("--currency", default="", metavar="CODE", help="such as USD")
    parser.add_argument("--reference", default="", metavar="TEXT", help="the recipient's own number")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Resolve, and print where the lead stands now."""
    try:
        with asking(args.server) as client:
            status = client.resolve(
                args.lead,
                args.delivery,
                args.outcome,
                reason=args.reason,
                price=args.price,
                currency=args.currency,
                reference=args.reference,
            )
    except Stop as stop:
        return stop.code
    (delivery,) = (each for each in status.deliveries if each.delivery == args.delivery)
    stands = word(Result.Name, status.result) if status.result else "under way"
    print(f"resolved   {delivery.delivery}: {outcome(delivery.outcome)}")
    print(f"lead       {status.lead_id} is {stands}")
    return Exit.OK
