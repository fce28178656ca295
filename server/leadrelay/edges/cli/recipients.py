"""`leadrelay recipients`: the sample recipients by themselves."""

import argparse
import signal

import trio

from leadrelay.edges.cli.asking import say
from leadrelay.edges.cli.exits import Exit
from leadrelay.edges.cli.parent import until_stdin_ends
from leadrelay.recipients import CannotListenError, main_async


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
