"""Verbs of the command line run in this process, beside a server in it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from leadrelay.edges.cli import program
from leadrelay.settings import Settings
from servers import in_thread


@dataclass
class End:
    code: int
    out: str
    err: str


def no_server(settings: Settings) -> int:
    raise AssertionError("this verb starts no server")


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> End:
    capsys.readouterr()
    try:
        code = program.main(argv, no_server)
    except SystemExit as end:  # help, and mistakes that the parser finds
        code = int(end.code or 0)
    told = capsys.readouterr()
    return End(int(code), told.out, told.err)


async def run_beside(capsys: pytest.CaptureFixture[str], *argv: str) -> End:
    """The same without holding up the server in this thread."""
    return await in_thread(lambda: run(capsys, *argv))


def lines(end: End) -> Sequence[str]:
    return end.out.splitlines()
