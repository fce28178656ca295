"""`leadrelay check`: the examples of a catalog, tried as tests are, without a server and without sending."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from rich.text import Text

from leadrelay.core.outcome import Kind
from leadrelay.edges.catalog.load import Loaded
from leadrelay.edges.catalog.problems import listed
from leadrelay.edges.cli.comparing import Difference
from leadrelay.edges.cli.exits import Exit, Stop
from leadrelay.edges.cli.marks import ASCII, COLOURS, UNICODE, Marks
from leadrelay.edges.cli.previewing import read_catalog
from leadrelay.edges.cli.saying import say
from leadrelay.edges.cli.screen import Screen
from leadrelay.edges.cli.trying import try_example
from leadrelay.runtime.clock import WallClock

ABOUT = """\
Check a catalog without a server: every problem and every warning of it, and the `examples` that its
destinations carry. For each a lead is mapped, the request composed and the sample reply read, by the code
that delivers; nothing is sent and no secret is read.

  destinations:
    - name: crm
      ...
      examples:
        - name: a state is spelled out
          lead: {last_name: Byron, state: CA}
          request: {body: {State: California}}
          reply: {status: 201, body: {id: 00Q1}}
          outcome: {kind: success, reference: 00Q1}

exit codes:
  0  every example passed
  1  an example failed
  2  the catalog is refused
"""


def options(verb: argparse.ArgumentParser) -> None:
    verb.description = ABOUT
    verb.add_argument(
        "-f",
        "--file",
        dest="paths",
        type=Path,
        action="append",
        metavar="PATH",
        help="a file or folder; may be given again; default: the current folder",
    )
    verb.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check. Exit 0 when every example passed, 1 when one failed, 2 when the catalog is refused."""
    try:
        loaded = read_catalog(args.paths or [Path()])
    except Stop as stop:
        return stop.code
    for warning in loaded.warnings:
        say(f"warning: {warning}")
    return _Check(loaded).run()


class _Check:
    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._console = Screen()
        self._marks: Marks = ASCII if self._console.options.ascii_only else UNICODE
        self._passed = self._failed = 0

    def run(self) -> Exit:
        now, catalog = WallClock().now(), self._loaded.catalog
        for index, message in enumerate(self._loaded.message.destinations):
            if message.examples:
                self._print(Text(message.name, style="bold"))
            for number, example in enumerate(message.examples):
                found = try_example(catalog, catalog.destinations[message.name], example, now)
                place = self._loaded.where(("destinations", index, "examples", number))
                for line in self._lines(example.name or f"example {number + 1}", place, found):
                    self._print(line)
        return self._tell()

    def _lines(self, name: str, place: str, found: list[Difference]) -> Iterator[Text]:
        kind = Kind.HARD_REJECT if found else Kind.SUCCESS
        self._failed += bool(found)
        self._passed += not found
        sign = (self._marks.kinds[kind], COLOURS[kind])
        where = (f"  {place}", "bright_black") if found else ""
        yield Text.assemble("  ", sign, f" {self._marks.clean(name)}", where)
        for difference in found:
            yield Text(f"      {self._marks.clean(str(difference))}")

    def _tell(self) -> Exit:
        sys.stdout.flush()
        count = self._passed + self._failed
        say(f"{count} example(s): {self._passed} passed, {self._failed} failed")
        bare = [one.name for one in self._loaded.message.destinations if not one.examples]
        if bare:
            say(f"without `examples`: {listed(bare)}")
        return Exit.FAILURE if self._failed else Exit.OK

    def _print(self, line: Text) -> None:
        self._console.print(line, soft_wrap=True)
