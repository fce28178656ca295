"""Which leads a verb means, and which window of time: options that several verbs share."""

import argparse
import re
from datetime import UTC, datetime, timedelta
from typing import Final

from leadrelay_client import requests

_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGO: Final = re.compile(r"(\d{1,6})([smhdw])")
FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)
MOMENT: Final = "2026-03-01, 2026-03-01T09:30Z, or how long ago: 90s, 15m, 24h, 7d, 4w"


def leads(verb: argparse.ArgumentParser) -> None:
    """The options that say which leads."""
    group = verb.add_argument_group("which leads; everything that is given must hold")
    group.add_argument(
        "--lead",
        type=str.lower,  # as tables and databases of others write it
        action="append",
        default=[],
        metavar="LEAD_ID",
        help="may be given again",
    )
    group.add_argument("--flow", default="", metavar="NAME")
    group.add_argument("--source", default="", metavar="NAME", help="who handed them over")
    group.add_argument("--destination", default="", metavar="NAME", help="that a delivery of theirs ended at")
    group.add_argument("--outcome", choices=requests.OUTCOMES, metavar="OUTCOME", help="of it: %(choices)s")
    group.add_argument("--result", choices=requests.RESULTS, metavar="RESULT", help="%(choices)s")
    group.add_argument("--open", action="store_true", help="not settled: under way or parked")
    window(group, "received")


def window(verb: argparse._ActionsContainer, what: str) -> None:
    """`--since` and `--until`."""
    verb.add_argument("--since", type=moment, metavar="WHEN", help=f"{what} then or later: {MOMENT}")
    verb.add_argument("--until", type=moment, metavar="WHEN", help=f"{what} before")


def wanted(args: argparse.Namespace) -> requests.Leads:
    """What these options say, for the client."""
    found: requests.Leads = {"lead_ids": args.lead, "flow": args.flow, "source": args.source}
    found["destination"] = args.destination
    if args.outcome:
        found["outcome"] = args.outcome
    if args.result:
        found["result"] = args.result
    if args.open:
        found["open"] = True
    if args.since:
        found["since"] = args.since
    if args.until:
        found["until"] = args.until
    return found


def is_everything(args: argparse.Namespace) -> bool:
    """No option narrows the leads down."""
    return not any((args.lead, args.flow, args.source, args.destination, args.outcome)) and not any(
        (args.result, args.open, args.since, args.until)
    )


def moment(text: str) -> datetime:
    """A moment as people write it; without a time zone it is UTC."""
    try:
        read = _read(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no moment; write {MOMENT}") from None
    except OverflowError:
        read = None
    if read is None or read < FIRST:
        raise argparse.ArgumentTypeError(f"{text!r} is no moment from 1970 to 9999")
    return read


def _read(text: str) -> datetime:
    ago = _AGO.fullmatch(text)
    if ago is not None:
        return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    read = datetime.fromisoformat(text)
    return read.astimezone(UTC) if read.tzinfo is not None else read.replace(tzinfo=UTC)
