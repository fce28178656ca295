"""`leadrelay apply`: put a catalog into force, or say everything that is wrong with it."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from leadrelay.edges.catalog.files import read_paths
from leadrelay.edges.catalog.load import SourceFile, load
from leadrelay.edges.catalog.problems import CatalogRefused, Problem
from leadrelay.edges.cli import way
from leadrelay.edges.cli.asking import asking
from leadrelay.edges.cli.exits import ALSO, Exit, Stop
from leadrelay.edges.cli.line import word
from leadrelay.edges.cli.saying import plain, say
from leadrelay_client import InvalidArgument
from leadrelay_client.v1.catalog_service_pb2 import ApplyResponse, ChangeKind

ABOUT = f"""\
Put a catalog into force: destinations, flows and fields from YAML or JSON files. It replaces the one
before as a whole, or changes nothing and tells every error with its file and line. The examples that it
carries are not tried here; `leadrelay check` does.

exit codes:
  0  the catalog is in force (with --dry-run: could be)
  2  it is refused, or a file cannot be read; nothing was changed
  5  the server cannot be reached or failed
{ALSO}
"""


def options(verb: argparse.ArgumentParser) -> None:
    verb.description = ABOUT
    way.options(verb)
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
    verb.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Apply. Exit 0 when the catalog is in force (or would be), 2 when it is refused."""
    try:
        files = read_paths(args.paths)
        with asking(args.server) as client:
            try:
                applied = client.apply(_texts(files), dry_run=args.dry_run)
            except InvalidArgument as refusal:
                return _refused(refusal, files)
    except CatalogRefused as unreadable:
        return _told(map(str, unreadable.problems))
    except Stop as stop:
        return stop.code
    return _tell(applied, dry_run=args.dry_run)


def _texts(files: Sequence[SourceFile]) -> dict[str, str]:
    """By name, for the request. Raises CatalogRefused."""
    texts, problems = dict[str, str](), list[Problem]()
    for file in files:
        try:
            content = file.content
            texts[file.name] = content.decode() if isinstance(content, bytes) else content
        except UnicodeDecodeError as error:
            line = bytes(error.object).count(b"\n", 0, error.start) + 1
            problems.append(Problem(file.name, line, "", "is not text in UTF-8"))
    if problems:
        raise CatalogRefused(problems)
    return texts


def _tell(applied: ApplyResponse, *, dry_run: bool) -> int:
    for warning in applied.warnings:
        problem = Problem(warning.file, warning.line, warning.path, warning.message)
        say(f"warning: {problem}")
    for change in applied.changes:
        print(f"{word(ChangeKind.Name, change.kind):8} {plain(change.what)}")
    if dry_run:
        say(f"nothing was changed (dry run); catalog {applied.version} stays in force")
    elif applied.changes:
        say(f"catalog {applied.version} is in force")
    else:
        say(f"nothing to change; catalog {applied.version} stays in force")
    sys.stdout.flush()
    return Exit.OK


def _refused(refusal: InvalidArgument, files: Sequence[SourceFile]) -> int:
    """What the server said, and what its answer had no room for: a status holds a few kilobytes."""
    said = [f"{violation.field}: {violation.description}" for violation in refusal.violations]
    try:
        load(files, secret_names=None)
    except CatalogRefused as here:
        # What belongs to no file came as `catalog: ...` and is said by the server alone.
        said += [str(problem) for problem in here.problems if problem.file and str(problem) not in said]
    return _told(said or [refusal.message])


def _told(problems: Iterable[str]) -> int:
    lines = list(problems)
    for problem in lines:
        say(problem)
    say(f"refused: {len(lines)} problem(s); nothing was changed")
    return Exit.USAGE
