"""`leadrelay preview`: what a destination would be sent for a lead, or for many, without sending it."""

import argparse
import re
import sys
from pathlib import Path

import orjson
from google.protobuf.json_format import MessageToDict
from rich.text import Text

from leadrelay.edges.cli import way
from leadrelay.edges.cli.deliver import read_lead
from leadrelay.edges.cli.exits import Exit, Stop
from leadrelay.edges.cli.line import outcome
from leadrelay.edges.cli.marks import ASCII, UNICODE
from leadrelay.edges.cli.numbers import status
from leadrelay.edges.cli.preview_page import page
from leadrelay.edges.cli.previewing import Ask, Refused, previews, request_for
from leadrelay.edges.cli.reply_file import UnreadableReply, read_reply
from leadrelay.edges.cli.samples import STDIN, Sample, Unreadable, is_many, samples_in
from leadrelay.edges.cli.saying import say
from leadrelay.edges.cli.screen import Screen
from leadrelay.edges.cli.tally import Tally
from leadrelay_client.v1.catalog_service_pb2 import PreviewResponse
from leadrelay_client.v1.event_pb2 import ReplyRecord
from leadrelay_client.v1.example_pb2 import SampleBid
from leadrelay_client.v1.outcome_pb2 import Money

ABOUT = """\
Show what a destination would be sent for a lead: the exact request with credentials masked, which rule
of the mapping gave which value, warnings, and with --reply what that answer would mean. Nothing is sent
and no secret is read.

For a folder of *.json files or a CSV file there is a line for each lead, so that a mapping is tried with
a whole sample before it carries a lead. A CSV file may have semicolons, tabs or `|` instead of commas. With
--catalog no server is needed.

With --reply alone a saved answer is read: which rule of the reading matches and why the others do not, the
outcome, price, reference, and what is captured. The file is an answer with its status line and headers (as
`curl -i` saves it), the `reply` of an event as JSON, or a body alone; - reads standard input.

  leadrelay preview crm --lead lead.json --catalog examples/catalog
  leadrelay preview crm --lead examples/leads.csv --catalog examples/catalog
  leadrelay preview crm --lead lead.json --reply answer.json --status 422
  leadrelay preview crm --reply answer.http --catalog examples/catalog

exit codes:
  0  every lead could be sent
  1  a lead has problems and would not be sent
  2  the command, the catalog or the only lead is wrong
  5  the server cannot be reached
"""

_MONEY = re.compile(r"(\d+(?:\.\d+)?)(?: ?([A-Z]{3}))?")


def options(verb: argparse.ArgumentParser) -> None:
    verb.description = ABOUT
    way.options(verb)
    verb.add_argument("destination", metavar="DESTINATION")
    verb.add_argument(
        "--lead",
        metavar="PATH",
        help="a JSON object, a folder of such, or a CSV file; - reads standard input",
    )
    verb.add_argument(
        "--reply",
        metavar="FILE",
        help="an answer to read: as HTTP or an event has it, or its body alone; - reads standard input",
    )
    verb.add_argument("--status", type=status, metavar="N", help="its HTTP status; default: 200")
    verb.add_argument(
        "--catalog",
        type=Path,
        action="append",
        default=[],
        metavar="PATH",
        help="a file or folder to use instead of a server's catalog; may be given again",
    )
    verb.add_argument(
        "--bid",
        type=_money,
        metavar="PRICE",
        help='what it would have bid in an auction, such as "12.50 USD", for the post of one',
    )
    verb.add_argument("--bid-reference", default="", metavar="TEXT", help="its own number for that bid")
    verb.add_argument("--source", default="", metavar="NAME", help="who handed the lead over")
    verb.add_argument("--flow", default="", metavar="NAME", help="the flow that it would come by")
    verb.add_argument("--json", action="store_true", help="one lead a line, as protobuf JSON")
    verb.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Preview. Exit 0 when everything could be sent and 1 when something could not."""
    if args.lead == args.reply == STDIN:
        return _wrong("standard input is the lead or the answer, and not both; put one of them in a file")
    try:
        reply = _reply(args)
        if args.lead is None and reply is None:
            return _wrong("give a lead to preview (--lead), an answer to read (--reply), or both")
        with previews(args.server, args.catalog) as ask:
            verb = _Preview(args, ask, reply)
            if args.lead is None:
                return verb.reply()
            return verb.many(Path(args.lead)) if is_many(args.lead) else verb.one(args.lead)
    except Stop as stop:
        if stop.code is Exit.UNAVAILABLE:
            say("with `--catalog PATH` no server is needed")
        return stop.code


class _Preview:
    def __init__(self, args: argparse.Namespace, ask: Ask, reply: ReplyRecord | None) -> None:
        self._args, self._ask, self._reply = args, ask, reply
        self._console = Screen()
        self._marks = ASCII if self._console.options.ascii_only else UNICODE
        self._width = self._console.width if self._console.is_terminal else None

    def one(self, path: str) -> Exit:
        """A page for one lead."""
        return self._page(Sample(_called(path), read_lead(path)))

    def reply(self) -> Exit:
        """A page for an answer to no lead in particular."""
        args = self._args
        name = _called(args.reply) if args.reply else f"status {args.status}"
        return self._page(Sample(name), has_lead=False)

    def _page(self, sample: Sample, *, has_lead: bool = True) -> Exit:
        try:
            seen = self._look(sample, has_lead=has_lead)
        except Refused as refusal:
            say(f"{sample.name}: {refusal}")
            return Exit.USAGE
        if self._args.json:
            print(_as_json(sample, seen))
        else:
            for line in page(seen, self._marks, self._width):
                self._print(line)
        return Exit.FAILURE if seen.problems else Exit.OK

    def many(self, path: Path) -> Exit:
        """A line for each lead."""
        tally = Tally(is_shown=not sys.stdout.isatty() and sys.stderr.isatty())
        try:
            samples = samples_in(path)
        except OSError as error:
            return _wrong(f"{path}: cannot be read: {error.strerror}")
        except Unreadable as error:
            return _wrong(f"{path}: {error}")
        for sample in samples.leads:
            seen = self._seen(sample)
            tally.add(seen)
            if self._args.json:
                print(_as_json(sample, seen), flush=True)
            else:
                self._print(self._row(sample, seen, samples.width))
        if tally.is_empty:
            return _wrong(f"{path}: has no leads; a line of names and a line for each lead are needed")
        return tally.tell()

    def _seen(self, sample: Sample) -> PreviewResponse:
        """The preview, or one whose only content is why there is none."""
        if sample.trouble:
            return PreviewResponse(problems=[sample.trouble])
        try:
            return self._look(sample)
        except Refused as refusal:
            return PreviewResponse(problems=[str(refusal)])

    def _look(self, sample: Sample, *, has_lead: bool = True) -> PreviewResponse:
        args, fields = self._args, sample.fields if has_lead else None
        return self._ask(
            request_for(
                args.destination,
                fields,
                source=args.source,
                flow=args.flow,
                reply=self._reply,
                bid=None if args.bid is None else SampleBid(price=args.bid, reference=args.bid_reference),
            )
        )

    def _row(self, sample: Sample, seen: PreviewResponse, width: int) -> Text:
        marks = self._marks
        sign, style = ("problem", "red") if seen.problems else ("warning", "yellow")
        if not seen.problems and not seen.warnings:
            sign, style = "ok", "green"
        remarks = [*seen.problems, *seen.warnings]
        if seen.HasField("outcome") and self._reply is not None:
            remarks.insert(0, outcome(seen.outcome))
        text = marks.clean("; ".join(remarks))
        if self._width is not None:
            text = marks.cut(text, max(self._width - width - 11, 20))
        line = Text.assemble(
            marks.fit(marks.clean(sample.name), width), "  ", (f"{sign:7}", style), "  ", text
        )
        line.rstrip()
        return line

    def _print(self, line: Text) -> None:
        self._console.print(line, soft_wrap=True)


def _money(text: str) -> Money:
    found = _MONEY.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError('must be an amount with or without a currency, such as "12.50 USD"')
    return Money(amount=found[1], currency=found[2] or "")


def _reply(args: argparse.Namespace) -> ReplyRecord | None:
    """The answer to read, if there is one; a status of the command's own comes before the file's."""
    if args.reply is None:
        return None if args.status is None else ReplyRecord(status=args.status)
    try:
        record = read_reply(args.reply)
    except OSError as error:
        raise Stop(_wrong(f"{_called(args.reply)}: cannot be read: {error.strerror}")) from error
    except UnreadableReply as error:
        raise Stop(_wrong(f"{_called(args.reply)}: {error}")) from error
    if args.status is not None:
        record.status = args.status
    return record


def _called(path: str) -> str:
    return "standard input" if path == STDIN else path


def _as_json(sample: Sample, seen: PreviewResponse) -> str:
    said = MessageToDict(seen, preserving_proto_field_name=True)
    return orjson.dumps({"lead": sample.name, **said}).decode()


def _wrong(words: str) -> Exit:
    say(words)
    return Exit.USAGE
