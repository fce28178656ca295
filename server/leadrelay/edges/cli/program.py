"""The command line: verbs, their options, and what their exit codes mean.

Results go to standard output and remarks to standard error, so that a pipe carries only results.
A user's mistake is answered by a sentence and never by a traceback.
"""

import argparse
import errno
import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from leadrelay import __version__
from leadrelay.auth.keyring import VARIABLE as KEY_VARIABLE
from leadrelay.core.egress import VARIABLE as EGRESS_VARIABLE
from leadrelay.edges.cli import (
    apply,
    check,
    deliver,
    keys,
    preview,
    recipients,
    redeliver,
    replay,
    report,
    resolve,
    secrets,
    simulate,
    trace,
    way,
)
from leadrelay.edges.cli import list as list_
from leadrelay.edges.cli.asking import say
from leadrelay.edges.cli.exits import ALSO, EXITS, Exit
from leadrelay.edges.cli.numbers import positive
from leadrelay.settings import DEFAULT_DATA, DEFAULT_GRACE, DEFAULT_LISTEN, DEFAULT_MAX_LEADS, Settings

SERVER_VARIABLE: Final = "LEADRELAY_SERVER"
FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EIO)  # of the file or device that output goes to
ABOUT = "Hands each lead to every destination that should have it, and can say what became of it."
EXAMPLES = """\
a first delivery, from nothing:
  leadrelay recipients &                        # sample recipients to deliver to
  leadrelay serve --catalog examples/catalog --secrets examples/secrets &
  echo '{"email": "ada@example.com", "last_name": "Lovelace"}' |
    leadrelay deliver --flow single --lead -    # see its events as they happen
  leadrelay trace LEAD_ID                       # draw what happened to it

before a mapping carries a lead, without a server:
  leadrelay check -f examples/catalog           # try the examples of a catalog
  leadrelay preview dialer --lead examples/leads.csv --catalog examples/catalog

`leadrelay VERB --help` tells more of each.
"""


def main(argv: Sequence[str], serve: Callable[[Settings], int]) -> int:
    """Run one verb and give its exit code. `serve` starts a server, which this module cannot know."""
    _open_what_is_closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that lacks a letter is no reason to fail
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(argv, serve)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:  # the reader of our output has seen enough
        _write_no_more()
        return Exit.NO_READER
    except OSError as error:
        if error.errno not in FULL:
            raise
        _write_no_more()
        say(f"standard output cannot be written: {error.strerror}")
        return Exit.NO_READER
    return code


def _open_what_is_closed() -> None:
    """Python has None for a stream that the caller closed, as in `leadrelay list >&-`."""
    sys.stdin = sys.stdin or open(os.devnull)  # noqa: SIM115 (as long as the program)
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115


def _write_no_more() -> None:
    """So that what is left in the buffer fails nobody when Python flushes it at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(argv: Sequence[str], serve: Callable[[Settings], int]) -> int:
    try:
        args = parser().parse_args(argv)
    except SystemExit:  # help, or a mistake; both are printed by now, if somebody reads them
        sys.stdout.flush()
        raise
    if args.verb == "serve":
        return _served(args, serve)
    if hasattr(args, "server"):
        args.server = way.to(args)
    code: int = args.run(args)
    return code


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(
        prog="leadrelay",
        description=ABOUT,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    root.add_argument("--version", action="version", version=f"leadrelay {__version__}")
    verbs = root.add_subparsers(dest="verb", required=True, metavar="VERB", title="verbs")

    def verb(name: str, summary: str, description: str) -> argparse.ArgumentParser:
        shape = argparse.RawDescriptionHelpFormatter
        return verbs.add_parser(name, help=summary, description=description, formatter_class=shape)

    _serve(verb("serve", "run a server", _SERVE))
    _deliver(verb("deliver", "deliver a lead and watch", _DELIVER))
    _apply(verb("apply", "put a catalog into force", _APPLY))
    check.options(verb("check", "try the examples of a catalog", check.ABOUT))
    preview.options(verb("preview", "show what would be sent, without sending it", preview.ABOUT), _server)
    simulation = verb("simulate", "run leads through a flow, without sending them", simulate.ABOUT)
    simulate.options(simulation, _server)
    _trace(verb("trace", "draw what happened to a lead", _TRACE))
    resolve.options(verb("resolve", "say what became of an unresolved delivery", ""), _server, ALSO)
    list_.options(verb("list", "list leads by what became of them", ""), _server, ALSO)
    redeliver.options(verb("redeliver", "send leads again as new ones", ""), _server, ALSO)
    replay.options(verb("replay", "run recorded leads against another catalog", ""), ALSO)
    report.options(verb("report", "sum up what became of many leads", ""), _server, ALSO)
    keys.verbs(verb("keys", "say who may call a server, and for what", keys.ABOUT))
    secrets.verbs(verb("secrets", "keep credentials in the server", secrets.ABOUT), _server)
    _recipients(verb("recipients", "run the sample recipients", _RECIPIENTS))
    return root


_SERVE = """\
Run a server until Ctrl-C or SIGTERM. It then takes no more leads, lets those under way finish for the
grace period, and leaves the rest in its data folder, from where the next start takes them up again.

Without --catalog it uses the catalog that was applied last. Spans are exported when the standard
OTEL_EXPORTER_OTLP_* variables name a collector; without them `leadrelay trace` draws from the journal.

exit codes:
  0  it was told to stop
  2  it cannot start: the address, the data folder, the catalog, a key or a setting is wrong
"""
_DELIVER = f"""\
Deliver one lead, read as a JSON object of field names and values, and tell its events as they happen.

exit codes:
{EXITS}{ALSO}
"""
_APPLY = f"""\
Put a catalog into force: destinations, flows and fields from YAML or JSON files. It replaces the one
before as a whole, or changes nothing and tells every error with its file and line. The examples that it
carries are not tried here; `leadrelay check` does.

exit codes:
  0  the catalog is in force (with --dry-run: could be)
  2  it is refused, or a file cannot be read; nothing was changed
  5  the server cannot be reached or failed
{ALSO}
"""
_TRACE = f"""\
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
_RECIPIENTS = """\
Run the sample recipients of examples/catalog on one port: an OAuth-protected CRM, a dialer's webhook, a
premium buyer that says no inside an HTTP 200, a standard buyer, one that hangs up now and then, two
bidders, an analytics sink and a slow partner.

exit codes:
  0  it was told to stop
  2  it cannot listen there
"""


def _serve(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--listen", default=DEFAULT_LISTEN, metavar="HOST:PORT", help="default: %(default)s")
    verb.add_argument(
        "--data", type=Path, default=DEFAULT_DATA, metavar="DIR", help="the journal; default: %(default)s"
    )
    verb.add_argument(
        "--catalog",
        type=Path,
        action="append",
        default=[],
        metavar="PATH",
        help="a file, or a folder with all that lies in it, to apply at the start; may be given again",
    )
    verb.add_argument("--secrets", type=Path, metavar="DIR", help="a folder with one file for each secret")
    verb.add_argument(
        "--secrets-key",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help=f"the key of the secret store; older ones may follow (or {KEY_VARIABLE})",
    )
    verb.add_argument(
        "--allow-egress",
        action="append",
        default=[],
        metavar="CIDR[:PORT]|HOST[:PORT]",
        help="let leads reach a network, address or host that is not public, whatever the catalog says; may "
        f"be given again (also {EGRESS_VARIABLE}, with commas between)",
    )
    verb.add_argument("--tls-certificate", type=Path, metavar="PEM", help="speak TLS (with --tls-key)")
    verb.add_argument("--tls-key", type=Path, metavar="PEM")
    verb.add_argument(
        "--client-ca",
        type=Path,
        metavar="PEM",
        help="let in only who shows a certificate of these authorities",
    )
    verb.add_argument(
        "--api-keys", type=Path, metavar="FILE", help="let in only who is in this file; see `leadrelay keys`"
    )
    verb.add_argument(
        "--open-reflection", action="store_true", help="tell of the services also who is not let in"
    )
    verb.add_argument(
        "--insecure", action="store_true", help="let in whoever reaches the port, also from other machines"
    )
    verb.add_argument(
        "--max-leads",
        type=positive,
        default=DEFAULT_MAX_LEADS,
        metavar="N",
        help="under way at once; more are refused before they are accepted; default: %(default)s",
    )
    verb.add_argument(
        "--grace",
        type=_seconds,
        default=DEFAULT_GRACE,
        metavar="SECONDS",
        help="for leads under way when it stops; default: %(default)g",
    )
    verb.add_argument(
        "--until-stdin-ends", action="store_true", help="stop, too, when standard input is closed"
    )


def _served(args: argparse.Namespace, serve: Callable[[Settings], int]) -> int:
    try:
        settings = _settings(args)
    except ValueError as error:
        say(f"leadrelay serve: {error}")
        return Exit.USAGE
    return serve(settings)


def _settings(args: argparse.Namespace) -> Settings:
    return Settings(
        listen=args.listen,
        data=args.data,
        catalog=tuple(args.catalog),
        secrets=args.secrets,
        secrets_keys=tuple(args.secrets_key),
        allow_egress=tuple(args.allow_egress),
        tls_certificate=args.tls_certificate,
        tls_key=args.tls_key,
        client_ca=args.client_ca,
        api_keys=args.api_keys,
        open_reflection=args.open_reflection,
        insecure=args.insecure,
        max_leads=args.max_leads,
        grace=args.grace,
        until_stdin_ends=args.until_stdin_ends,
    )


def _deliver(verb: argparse.ArgumentParser) -> None:
    _server(verb)
    verb.add_argument("--flow", required=True, metavar="NAME")
    verb.add_argument("--lead", required=True, metavar="FILE", help="a JSON object; - reads standard input")
    verb.add_argument("--source", default="", metavar="NAME", help="who handed the lead over")
    verb.add_argument("--request-id", default="", metavar="ID", help="makes the command safe to repeat")
    verb.add_argument("--json", action="store_true", help="one event a line, as protobuf JSON")
    verb.add_argument("--detail", action="store_true", help="with masked requests and replies")
    verb.set_defaults(run=deliver.run)


def _apply(verb: argparse.ArgumentParser) -> None:
    _server(verb)
    verb.add_argument(
        "-f",
        "--file",
        dest="paths",
        type=Path,
        action="append",
        required=True,
        metavar="PATH",
        help="a file, or a folder with all that lies in it; may be given again",
    )
    verb.add_argument("--dry-run", action="store_true", help="check everything and change nothing")
    verb.set_defaults(run=apply.run)


def _trace(verb: argparse.ArgumentParser) -> None:
    _server(verb)
    verb.add_argument("lead", metavar="LEAD_ID", help="a lead's id, or its request id")
    verb.add_argument("--data", type=Path, metavar="DIR", help="read this data folder instead of asking")
    verb.add_argument("--detail", action="store_true", help="with masked requests and replies")
    verb.add_argument("--svg", type=Path, metavar="FILE", help="draw into this file instead")
    verb.set_defaults(run=trace.run)


def _recipients(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
    verb.add_argument("--port", type=_port, default=7480, help="default: %(default)s")
    verb.add_argument(
        "--until-stdin-ends", action="store_true", help="stop, too, when standard input is closed"
    )
    verb.set_defaults(run=recipients.run)


def _server(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--server",
        type=_target,
        default=os.environ.get(SERVER_VARIABLE) or DEFAULT_LISTEN,
        metavar="HOST:PORT",
        help=f"default: %(default)s ({SERVER_VARIABLE} sets another)",
    )
    way.options(verb)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text[:6]) > 65_535:
        raise argparse.ArgumentTypeError("must be a whole number from 0 to 65535")
    return int(text)


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 3600:
        raise argparse.ArgumentTypeError("must be seconds from 0 to 3600")
    return number


def _target(text: str) -> str:
    """What gRPC would take for a name, and look up for a while, is told at once."""
    if text.startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError("must be HOST:PORT, without http:// or https://; for TLS give --tls")
    if ":" not in text or " " in text or not text.isprintable():
        raise argparse.ArgumentTypeError(f"must be HOST:PORT, such as {DEFAULT_LISTEN}")
    return text
