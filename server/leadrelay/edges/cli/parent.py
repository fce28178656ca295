"""Ends a program together with the one that started it, however that one ends.

The parent holds the other end of our standard input; the kernel closes it even on SIGKILL.
"""

import os
from collections.abc import Callable

import trio

STDIN = 0


async def until_stdin_ends(stop: Callable[[], None], stream: int = STDIN) -> None:
    """Call `stop` once standard input is at its end; what comes before is thrown away."""
    try:
        while await _is_readable(stream) and os.read(stream, 4096):
            pass
    except OSError:  # it was never open, or its terminal is gone: nobody holds the other end
        pass
    stop()


async def _is_readable(stream: int) -> bool:
    """Wait until there is something to read. A file, or /dev/null, cannot be waited for and always has."""
    try:
        await trio.lowlevel.wait_readable(stream)
    except PermissionError:
        await trio.lowlevel.checkpoint()
    return True
