"""A credential on its way in: from a file, a pipe or a prompt, and never from the command line or back out.

A command line is seen by everybody on the machine and kept in the shell's history.
"""

import sys
import warnings
from getpass import GetPassWarning, getpass
from pathlib import Path

from leadrelay.auth.secrets import MAX_SECRET, as_meant
from leadrelay.edges.cli.exits import Exit, Stop
from leadrelay.edges.cli.saying import say

LONGEST = MAX_SECRET + 2  # bytes; the last line break is not meant


def read_value(name: str, file: Path | None) -> str:
    """The value for a secret. Ends the verb when there is none that could be stored."""
    if file is not None:
        return _text(_of_file(file), str(file))
    if sys.stdin.isatty():
        return _typed(name)
    return _text(_of_stdin(), "standard input")


def _of_stdin() -> bytes:
    try:
        return sys.stdin.buffer.read(LONGEST + 1)
    except OSError as error:
        raise _nothing(f"standard input: cannot be read: {error.strerror}") from None


def _of_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LONGEST + 1)
    except OSError as error:
        raise _nothing(f"{path}: cannot be read: {error.strerror}") from None


def _text(content: bytes, place: str) -> str:
    try:
        value = as_meant(content.decode())
    except UnicodeDecodeError:
        raise _nothing(f"{place}: is not text in UTF-8") from None
    if len(content) > LONGEST:
        raise _nothing(f"{place}: is longer than {MAX_SECRET} bytes")
    if not value:
        raise _nothing(f"{place}: is empty")
    return value


def _typed(name: str) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", GetPassWarning)  # it would go on, and show what is typed
            value = getpass(f"Value of {name} (not shown): ")
            again = getpass("The same once more: ")
    except GetPassWarning:
        raise _nothing("this terminal would show what is typed; use --file or a pipe") from None
    except EOFError:
        raise _nothing("no value was typed") from None
    except UnicodeDecodeError:
        raise _nothing("what was typed is not text in UTF-8") from None
    if value != again:
        raise _nothing("the two differ")
    if not value:
        raise _nothing("no value was typed")
    return value


def _nothing(words: str) -> Stop:
    say(f"{words}; nothing was stored")
    return Stop(Exit.USAGE)
