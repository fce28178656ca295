"""`leadrelay secrets`: credentials in the server's own store. No verb ever shows a value."""

import argparse
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

import trio

from leadrelay.auth.keyring import OPTION, VARIABLE, key_of, new_key, write_new_key
from leadrelay.core.errors import JournalError
from leadrelay.edges.cli import way
from leadrelay.edges.cli.asking import asking
from leadrelay.edges.cli.exits import Exit, Stop
from leadrelay.edges.cli.saying import say
from leadrelay.edges.cli.secret_value import read_value
from leadrelay.edges.cli.way import Way
from leadrelay.journal.journal import open_journal

ABOUT = f"""\
Keep credentials in the server's own store, encrypted under a key that is kept elsewhere. A catalog refers
to them by name, {{secret: NAME}}; a value takes effect at once and is never shown again.

  leadrelay secrets new-key --out secrets.key    # once; keep a copy apart from the data folder
  leadrelay serve {OPTION.replace("FILE", "secrets.key")} ...
  leadrelay secrets put my-crm-token             # asks for the value, or reads a pipe

to change the key: start the server with the new key first and the old one behind it, then
`leadrelay secrets rotate`; after that the old one is not needed. Where a key was stolen together with
the data, change the credentials themselves too.
"""
Verb = Callable[[argparse.Namespace], int]


def options(parser: argparse.ArgumentParser) -> None:
    """The verbs below `secrets`."""
    parser.description = ABOUT
    below = parser.add_subparsers(dest="secrets_verb", required=True, metavar="VERB", title="verbs")

    def verb(name: str, run: Verb, summary: str) -> argparse.ArgumentParser:
        added = below.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        added.set_defaults(run=run)
        return added

    put = verb("put", _put, "store a value, or replace it; from a file, a pipe or a prompt")
    put.add_argument("name", metavar="NAME")
    put.add_argument("--file", type=Path, metavar="PATH", help="read the value here")
    delete = verb("delete", _delete, "forget a secret that the catalog in force does not refer to")
    delete.add_argument("name", metavar="NAME")
    listed = verb("list", _list, "list names, and when each value was stored")
    rotate = verb("rotate", _rotate, "put all secrets under the server's first key, while it runs")
    for each in (put, delete, listed, rotate):
        way.options(each)
    fresh = verb("new-key", _new_key, f"make a key for {OPTION} or {VARIABLE}")
    fresh.add_argument("--out", type=Path, metavar="FILE", help="a new file that only you can read")
    forget = verb("forget", _forget, "remove the secrets under a key that is lost, from a stopped server")
    forget.add_argument("key_id", metavar="KEY_ID", help="as the server names it when it refuses to start")
    forget.add_argument("--data", type=Path, required=True, metavar="DIR", help="the server's data folder")


def _put(args: argparse.Namespace) -> int:
    try:
        _warn_of_listeners(args.server)
        value = read_value(args.name, args.file)
        with asking(args.server) as client:
            created = client.put_secret(args.name, value)
    except Stop as stop:
        return stop.code
    print(f"{'stored' if created else 'replaced'} {args.name}")
    return Exit.OK


def _list(args: argparse.Namespace) -> int:
    try:
        with asking(args.server) as client:
            secrets = client.list_secrets()
    except Stop as stop:
        return stop.code
    for secret in secrets:
        print(f"{secret.updated_at.ToDatetime():%Y-%m-%d %H:%M:%S}Z  {secret.name}")
    if not secrets:
        say("the store is empty")
    return Exit.OK


def _delete(args: argparse.Namespace) -> int:
    try:
        with asking(args.server) as client:
            client.delete_secret(args.name)
    except Stop as stop:
        return stop.code
    print(f"deleted {args.name}")
    return Exit.OK


def _rotate(args: argparse.Namespace) -> int:
    try:
        with asking(args.server) as client:
            count = client.rotate_secrets()
    except Stop as stop:
        return stop.code
    print(f"rotated {count}")
    say("all secrets are under the server's first key now; it does not need older ones any more")
    return Exit.OK


def _new_key(args: argparse.Namespace) -> int:
    """The key goes to standard output or into a file; what it is called, to standard error."""
    if args.out is None:
        text = new_key()
        print(text)
        say(f"this is key {key_of(text).id}; give it to the server with {OPTION} or in {VARIABLE}")
        return Exit.OK
    try:
        key = write_new_key(args.out)
    except FileExistsError:
        say(f"{args.out}: is there already, and secrets may be under it; nothing was changed")
        return Exit.USAGE
    except OSError as error:
        say(f"{args.out}: cannot be written: {error.strerror}")
        return Exit.USAGE
    say(f"{args.out} has key {key.id}; keep a copy apart from the data folder: without it secrets are lost")
    return Exit.OK


def _forget(args: argparse.Namespace) -> int:
    try:
        names = trio.run(_forgotten, args.data, args.key_id)
    except* (JournalError, OSError) as group:
        error: BaseException = group
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        say(str(error))
        names = None
    if names is None:
        return Exit.USAGE
    for name in names:
        print(f"deleted {name}")
    if not names:
        say(f"no secret in {args.data} is under key {args.key_id}")
    return Exit.OK if names else Exit.FAILURE


def _warn_of_listeners(server: Way) -> None:
    """On one machine it is nobody's business whether the way is encrypted."""
    host = server.target.rpartition(":")[0].strip("[]")
    try:
        is_here = ip_address(host).is_loopback
    except ValueError:
        is_here = host == "localhost" or server.target.startswith("unix:")
    if not is_here and not server.is_encrypted:
        say(f"warning: the way to {host} is not encrypted; whoever listens there can read the value")


async def _forgotten(data: Path, key_id: str) -> list[str]:
    async with open_journal(data, read_only=True) as journal:  # which makes no folder of a misspelt one
        names = [sealed.name for sealed in await journal.secrets() if sealed.key_id == key_id]
    if names:
        async with open_journal(data) as journal:
            await journal.delete_secrets(names)
    return names
