"""`leadrelay apply`: put a catalog into force, or say everything that is wrong with it."""

import argparse
import sys

from leadrelay.edges.cli.asking import Stop, asking, say
from leadrelay.edges.cli.exits import Exit
from leadrelay_client import InvalidArgument
from leadrelay_client.v1.catalog_service_pb2 import ApplyResponse, ChangeKind


def run(args: argparse.Namespace) -> int:
    """Apply. Exit 0 when the catalog is in force (or would be), 2 when it is refused."""
    try:
        with asking(args.server) as client:
            try:
                applied = client.apply(args.paths, dry_run=args.dry_run)
            except InvalidArgument as refusal:
                return _refused(refusal)
            except OSError as error:
                say(f"{error.filename}: cannot be read: {error.strerror}")
                return Exit.USAGE
    except Stop as stop:
        return stop.code
    return _tell(applied, dry_run=args.dry_run)


def _tell(applied: ApplyResponse, *, dry_run: bool) -> int:
    for warning in applied.warnings:
        place = f"{warning.file}:{warning.line}" if warning.line else warning.file
        say(f"warning: {place}: {warning.path}: {warning.message}")
    for change in applied.changes:
        kind = ChangeKind.Name(change.kind).removeprefix("CHANGE_KIND_").lower()
        print(f"{kind:8} {change.what}")
    if dry_run:
        say(f"nothing was changed (dry run); catalog {applied.version} stays in force")
    elif applied.changes:
        say(f"catalog {applied.version} is in force")
    else:
        say(f"nothing to change; catalog {applied.version} stays in force")
    sys.stdout.flush()
    return Exit.OK


def _refused(refusal: InvalidArgument) -> int:
    for violation in refusal.violations:
        say(f"{violation.field}: {violation.description}")
    say(f"refused: {len(refusal.violations)} problem(s); nothing was changed")
    return Exit.USAGE
