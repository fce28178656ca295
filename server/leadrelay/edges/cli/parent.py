"""Ends a program together with the one that started it, however that one ends.

The parent holds the other end of our standard input; the kernel closes it even on SIGKILL.
"""

import os
from collections.abc import Callable

import trio


async def until_stdin_ends(stop: Callable[[], None]) -> None:
    """Call `stop` once standard input is at its end; what comes before is thrown away."""
    with os.fdopen(os.dup(0), "rb", buffering=0) as stream:
        os.set_blocking(stream.fileno(), False)
        while True:
            await trio.lowlevel.wait_readable(stream.fileno())
            if stream.read(4096) == b"":
                break
    stop()
