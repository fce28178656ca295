"""`leadrelay redeliver`: leads again, as new ones."""

import argparse
from collections.abc import Iterable

from leadrelay.edges.cli import way
from leadrelay.edges.cli.asking import asking
from leadrelay.edges.cli.exits import ALSO, Exit, Stop
from leadrelay.edges.cli.filters import is_everything, leads, wanted
from leadrelay.edges.cli.saying import plain, say
from leadrelay_client.v1.delivery_service_pb2 import RedeliverResponse

ABOUT = """\
Send leads again as new ones, in order of receipt, each linked to the one that it repeats. Nobody waits here
for what becomes of them; `leadrelay list` and `leadrelay trace` say so.

A lead that was sold, or may have been, is refused, also where it was sold when it was sent again before;
--sold-too sends it all the same. The command is safe to repeat: what it has sent is told and not sent twice.

  leadrelay redeliver --result error --since 24h --dry-run   # what would be sent
  leadrelay redeliver --lead LEAD_ID --set state=CA --to-flow second_chance

exit codes:
  0  all of them were sent (with --dry-run: would be)
  1  no lead is meant by the filter
  2  the command is wrong, or there is no such flow; nothing was sent
  3  some were refused; each says why
  5  the server cannot be reached or failed; the command may be repeated
"""


def options(parser: argparse.ArgumentParser) -> None:
    parser.description = f"{ABOUT}{ALSO}"
    way.options(parser)
    leads(parser)
    parser.add_argument("--to-flow", default="", metavar="NAME", help="instead of each lead's own")
    parser.add_argument(
        "--set",
        type=_edit,
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="replaces a field, or removes it where nothing follows; may be given again",
    )
    parser.add_argument("--sold-too", action="store_true", help="also what was sold, or may have been")
    parser.add_argument("--request-id", default="", metavar="ID", help="another one sends them once more")
    parser.add_argument("--dry-run", action="store_true", help="say what would be sent, and send nothing")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Send, and tell of each lead as it is answered."""
    if is_everything(args):
        say("say which leads are meant; without any option it would be all of them")
        return Exit.USAGE
    try:
        with (
            asking(args.server) as client,
            client.redeliver(
                to_flow=args.to_flow,
                edits=dict(args.set),
                dry_run=args.dry_run,
                sold_too=args.sold_too,
                request_id=args.request_id,
                **wanted(args),
            ) as answers,
        ):
            return tell(answers)
    except Stop as stop:
        return stop.code


def tell(answers: Iterable[RedeliverResponse]) -> Exit:
    """A line for each; the exit code says whether all were sent."""
    sent = refused = 0
    for answer in answers:
        print(plain(line(answer)), flush=True)
        refused += answer.HasField("refusal")
        sent += not answer.HasField("refusal")
    if not sent and not refused:
        say("no lead is meant by this filter")
        return Exit.FAILURE
    if refused:
        say(f"{refused} of {sent + refused} lead(s) were refused")
    return Exit.ERROR if refused else Exit.OK


def line(answer: RedeliverResponse) -> str:
    if answer.HasField("refusal"):
        return f"refused  {answer.lead_id}  {answer.refusal.message}"
    if answer.new_lead_id:
        return f"sent     {answer.lead_id}  again as {answer.new_lead_id}, flow {answer.flow}"
    fields = ", ".join(f"{name}={value}" for name, value in sorted(answer.fields.items()))
    return f"would    {answer.lead_id}  go to flow {answer.flow} with {fields}"


def _edit(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError("write FIELD=VALUE, or FIELD= to remove it")
    return name, value
