"""`leadrelay recipients`: the sample recipients by themselves."""

import argparse
import signal

import trio

from leadrelay.edges.cli.exits import Exit
from leadrelay.edges.cli.parent import until_stdin_ends
from leadrelay.edges.cli.saying import say
from leadrelay.recipients import CannotListenError, main_async

ABOUT = """\
Run the sample recipients of examples/catalog on one port: an OAuth-protected CRM, a dialer's webhook, a
premium buyer that says no inside an HTTP 200, a standard buyer, one that hangs up now and then, two
bidders, an analytics sink and a slow partner.

exit codes:
  0  it was told to stop
  2  it cannot listen there
"""


def options(verb: argparse.ArgumentParser) -> None:
    verb.description = ABOUT
    verb.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
    verb.add_argument("--port", type=_port, default=7480, help="default: %(default)s")
    verb.add_argument(
        "--until-stdin-ends", action="store_true", help="stop, too, when standard input is closed"
    )
    verb.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C or SIGTERM. Exit 2 when the port cannot be had."""
    code = Exit.OK
    try:
        trio.run(_serve, args.host, args.port, args.until_stdin_ends)
    except* CannotListenError as group:
        error: BaseException = group
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        say(str(error))
        code = Exit.USAGE
    return code


async def _serve(host: str, port: int, until_parent_ends: bool) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(main_async, host, port, lambda url: print(f"recipients at {url}", flush=True))
        if until_parent_ends:
            nursery.start_soon(until_stdin_ends, nursery.cancel_scope.cancel)
        with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async for _ in signals:
                nursery.cancel_scope.cancel()


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text[:6]) > 65_535:
        raise argparse.ArgumentTypeError("must be a whole number from 0 to 65535")
    return int(text)
