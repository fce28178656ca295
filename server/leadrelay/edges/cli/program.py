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
from importlib import import_module
from typing import Final, Protocol, cast

from leadrelay import __version__
from leadrelay.edges.cli.exits import Exit
from leadrelay.edges.cli.saying import say
from leadrelay.settings import Settings

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


VERBS: Final = {
    "serve": "run a server",
    "deliver": "deliver a lead and watch",
    "apply": "put a catalog into force",
    "check": "try the examples of a catalog",
    "preview": "show what would be sent, without sending it",
    "simulate": "run leads through a flow, without sending them",
    "trace": "draw what happened to a lead",
    "resolve": "say what became of an unresolved delivery",
    "list": "list leads by what became of them",
    "redeliver": "send leads again as new ones",
    "replay": "run recorded leads against another catalog",
    "report": "sum up what became of many leads",
    "keys": "say who may call a server, and for what",
    "secrets": "keep credentials in the server",
    "recipients": "run the sample recipients",
}


class Verb(Protocol):
    """A module of this package that is named like its verb."""

    def options(self, parser: argparse.ArgumentParser, /) -> None:
        """Describe the verb, and set `run`, which takes the arguments and gives the exit code.

        It may also set `way`, which finds the server from them, or `settings` where it is to be one.
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
    for place, argument in enumerate(argv, 1):
        if not _is_text(argument) and not os.path.lexists(argument):
            say(f"argument {place} is not text in UTF-8")
            return Exit.USAGE
    asked = [argument for argument in argv if argument in VERBS]
    try:
        root = parser(*asked[:1])
        args, beyond = root.parse_known_args(argv)
        if beyond:
            root.error(_too_many(args.verb, beyond))
    except SystemExit:  # help, or a mistake; both are printed by now, if somebody reads them
        sys.stdout.flush()
        raise
    if hasattr(args, "settings"):
        return _served(args, serve)
    if hasattr(args, "way"):
        args.server = args.way(args)
    code: int = args.run(args)
    return code


def _too_many(verb: str, beyond: Sequence[str]) -> str:
    if verb != "secrets":
        return f"unrecognized arguments: {' '.join(beyond)}"
    # Most likely the secret itself, and what is printed is kept in logs.
    return (
        "a secret's value is no argument, because everybody on this machine sees a command line: see --help"
    )


def _is_text(argument: str) -> bool:
    """Python has half a surrogate pair for each byte that is none. A file's name may have such bytes."""
    try:
        argument.encode()
    except UnicodeEncodeError:
        return False
    return True


def _served(args: argparse.Namespace, serve: Callable[[Settings], int]) -> int:
    try:
        settings = args.settings(args)
    except ValueError as error:
        say(f"leadrelay serve: {error}")
        return Exit.USAGE
    return serve(settings)


def parser(*filled: str) -> argparse.ArgumentParser:
    """All verbs with their summaries, and these with what belongs to them.

    Some verbs need most of the product and take a second to import, which no other verb should wait for.
    """
    shape = argparse.RawDescriptionHelpFormatter
    root = argparse.ArgumentParser(
        prog="leadrelay", description=ABOUT, epilog=EXAMPLES, formatter_class=shape
    )
    root.add_argument("--version", action="version", version=f"leadrelay {__version__}")
    verbs = root.add_subparsers(dest="verb", required=True, metavar="VERB", title="verbs")
    for name, summary in VERBS.items():
        verb = verbs.add_parser(name, help=summary, formatter_class=shape)
        if name in filled:
            cast(Verb, import_module(f"{__package__}.{name}")).options(verb)
    return root
