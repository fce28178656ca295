"""A person at a terminal: a command on a pty, what is typed, and everything that the screen shows."""

import os
import pty
import subprocess
import sys
from collections.abc import Sequence

from servers import an_environment

# A terminal that is opened by the leader of a new session becomes its own, as `getpass` wants it.
SIT_DOWN = "import os, sys; os.close(os.open(os.ttyname(0), os.O_RDWR)); os.execv(sys.argv[1], sys.argv[1:])"


def at_a_terminal(*command: str, typed: Sequence[tuple[str, str]]) -> tuple[int, str]:
    """Run a command; after each text that the screen shows, type what belongs to it. Exit code and screen."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", SIT_DOWN, *command],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env=an_environment(),
    )
    os.close(theirs)
    try:
        screen = ""
        for prompt, answer in typed:
            screen += _read_until(ours, prompt)
            os.write(ours, answer.encode())
        screen += _read_until(ours, None)
        return process.wait(30), screen
    finally:
        process.kill()
        process.wait(10)
        os.close(ours)


def _read_until(terminal: int, text: str | None) -> str:
    """What the screen shows until a text, or until the terminal is closed from the other side."""
    shown = b""
    while text is None or text.encode() not in shown:
        try:
            more = os.read(terminal, 4096)
        except OSError:  # how Linux says that nobody is at the other end any more
            more = b""
        if not more:
            break
        shown += more
    return shown.decode(errors="replace")
