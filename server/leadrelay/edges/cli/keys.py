"""`leadrelay keys`: the file of those who may call a server. No key is ever shown but when it is made."""

import argparse
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from leadrelay.auth.api_keys import (
    BadKeys,
    Entry,
    checked,
    new_key,
    parse_flows,
    parse_until,
    parse_verbs,
    read_entries,
    write_entries,
)
from leadrelay.core.callers import VERBS, VERBS_OF_FLOWS
from leadrelay.edges.cli.exits import Exit
from leadrelay.edges.cli.saying import say

ABOUT = f"""\
Say who may call a server, for which verbs and flows. The file has a line for each caller: the hash of an
API key, or the name in a client certificate. A server that runs with `--api-keys FILE` takes up a change
within a second or two. A key that is taken away, or whose time is over, opens nothing from then on, and its
open calls end; the leads that it has brought go on.

  leadrelay keys new web-forms --api-keys callers --verbs deliver,watch --flows loans > web-forms.key
  leadrelay serve --api-keys callers ...
  LEADRELAY_API_KEY=$(cat web-forms.key) leadrelay deliver --flow loans --lead lead.json

verbs: {", ".join(VERBS)}; a caller for some flows has
{", ".join(VERBS_OF_FLOWS)} only.
"""
Verb = Callable[[argparse.Namespace], int]


def options(parser: argparse.ArgumentParser) -> None:
    """The verbs below `keys`."""
    parser.description = ABOUT
    below = parser.add_subparsers(dest="keys_verb", required=True, metavar="VERB", title="verbs")

    def verb(name: str, run: Verb, summary: str) -> argparse.ArgumentParser:
        added = below.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        added.add_argument("--api-keys", type=Path, required=True, metavar="FILE", help="the callers' file")
        added.set_defaults(run=run)
        return added

    new = verb("new", _new, "let a caller in; its new key goes to standard output, this once")
    new.add_argument("name", metavar="NAME")
    new.add_argument("--verbs", metavar="VERB,...", help="default: all")
    new.add_argument("--flows", metavar="FLOW,...", help="names, or beginnings with *; default: all")
    new.add_argument("--until", metavar="DAY", help="the last day on which it counts (UTC)")
    new.add_argument("--certificate", metavar="NAME", help="no key, but this name in a certificate")
    verb("list", _list, "list who is let in, and for what")
    revoke = verb("revoke", _revoke, "let a caller in no longer")
    revoke.add_argument("name", metavar="NAME")


def _new(args: argparse.Namespace) -> int:
    try:
        entries = read_entries(args.api_keys) if args.api_keys.exists() else []
        entry = _asked_for(args)
        if any(each.caller.name == args.name for each in entries):
            raise BadKeys(f"there is a {args.name} already; revoke it first, or choose another name")
        key, entry = ("", entry) if entry.certificate else new_key(entry)
        write_entries(args.api_keys, [*entries, entry])
    except (BadKeys, OSError) as error:
        return _refused(args.api_keys, error)
    if key:
        print(key)
        say(f"this is the key of {args.name}; it is shown this once, and kept nowhere")
    else:
        say(f"{args.name} is let in with a certificate for {args.certificate}")
    return Exit.OK


def _asked_for(args: argparse.Namespace) -> Entry:
    name = args.certificate
    if name is not None and not (0 < len(name) <= 255 and name.isprintable() and " " not in name):
        raise BadKeys("--certificate: a name has no blanks and 1 to 255 characters")
    return Entry(
        caller=checked(args.name, parse_verbs(args.verbs), parse_flows(args.flows)),
        certificate=name or "",
        until=_until(args.until),
    )


def _until(text: str | None) -> date | None:
    """A key that counted until yesterday is a mistake in the year, and would open nothing."""
    if text is None:
        return None
    until = parse_until(text)
    if until < datetime.now(UTC).date():
        raise BadKeys(f"--until: {text} is over already")
    return until


def _list(args: argparse.Namespace) -> int:
    try:
        entries = read_entries(args.api_keys)
    except BadKeys as error:
        return _refused(args.api_keys, error)
    for entry in entries:
        caller = entry.caller
        print(
            f"{caller.name}  {f'certificate {entry.certificate}' if entry.certificate else 'key'}  "
            f"verbs {','.join(sorted(caller.verbs)) or 'all'}  flows {','.join(caller.flows) or 'all'}"
            + (f"  until {entry.until}" if entry.until else "")
        )
    if not entries:
        say("nobody is let in")
    return Exit.OK


def _revoke(args: argparse.Namespace) -> int:
    try:
        entries = read_entries(args.api_keys)
        kept = [entry for entry in entries if entry.caller.name != args.name]
        if len(kept) == len(entries):
            raise BadKeys(f"there is no {args.name} in {args.api_keys}")
        write_entries(args.api_keys, kept)
    except (BadKeys, OSError) as error:
        return _refused(args.api_keys, error)
    print(f"revoked {args.name}")
    return Exit.OK


def _refused(path: Path, error: Exception) -> int:
    words = f"{path}: cannot be written: {error.strerror}" if isinstance(error, OSError) else str(error)
    say(f"{words}; nothing was changed")
    return Exit.USAGE
