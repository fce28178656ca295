"""A credential on its way in: from a file, a pipe or a person, and never shown (behaviour 9)."""

import subprocess
import sys
from pathlib import Path

import pytest

from leadrelay.auth.secrets import MAX_SECRET
from leadrelay.edges.cli.exits import Exit, Stop
from leadrelay.edges.cli.secret_value import read_value
from servers import an_environment
from terminals import at_a_terminal

CANARY = "canary-4711"
FIRST, SECOND = "Value of crm (not shown): ", "The same once more: "
# Says what was read without showing it: as a number of bytes and their sum.
READ = """
from leadrelay.edges.cli.exits import Stop
from leadrelay.edges.cli.secret_value import read_value
import sys
try:
    value = read_value("crm", None).encode()
except Stop as stop:
    sys.exit(int(stop.code))
print("read", len(value), sum(value))
"""
COMMAND = (sys.executable, "-c", READ)


def told(value: str) -> str:
    return f"read {len(value.encode())} {sum(value.encode())}"


def piped(content: bytes) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        COMMAND, input=content, capture_output=True, timeout=30, check=False, env=an_environment()
    )


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"hush", "hush"),
        (b"hush\n", "hush"),
        (b"hush\r\n", "hush"),
        (b"\xef\xbb\xbfhush\r\n", "hush"),
        (b"hush\n\n", "hush\n"),
        (b" hush ", " hush "),
        ("hüsh\n".encode(), "hüsh"),
        (b"x" * MAX_SECRET + b"\r\n", "x" * MAX_SECRET),
    ],
)
def test_a_file_is_the_value_without_its_last_line_break(content: bytes, value: str, tmp_path: Path) -> None:
    (tmp_path / "value").write_bytes(content)
    assert read_value("crm", tmp_path / "value") == value


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (CANARY.encode() + b"\xff", "is not text in UTF-8"),
        (CANARY.encode() + b"x" * MAX_SECRET, "is longer than 65536 bytes"),
        (CANARY.encode() + b"x" * 10 * MAX_SECRET, "is longer than 65536 bytes"),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_has_no_value_ends_the_verb_in_a_sentence(
    content: bytes | None, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "value"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Stop) as stopped:
        read_value("crm", path)
    assert stopped.value.code is Exit.USAGE
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"{path}: {words}")
    assert said.err.endswith("; nothing was stored\n")
    assert CANARY not in said.err


def test_a_pipe_is_the_value_without_its_last_line_break() -> None:
    end = piped(f"{CANARY}\n".encode())
    assert (end.returncode, end.stdout.decode().strip(), end.stderr) == (0, told(CANARY), b"")


def test_an_empty_pipe_ends_the_verb_in_a_sentence() -> None:
    end = piped(b"")
    assert (end.returncode, end.stderr) == (2, b"standard input: is empty; nothing was stored\n")


def test_what_a_person_types_is_not_shown_and_asked_for_twice() -> None:
    code, screen = at_a_terminal(*COMMAND, typed=[(FIRST, f"{CANARY}\n"), (SECOND, f"{CANARY}\n")])
    assert code == 0, screen
    assert told(CANARY) in screen
    assert CANARY not in screen


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (f"{CANARY}\n", f"{CANARY}x\n", "the two differ"),
        ("\n", "\n", "no value was typed"),
        ("\x04", None, "no value was typed"),
    ],
)
def test_a_person_who_mistypes_or_gives_up_stores_nothing(first: str, second: str | None, words: str) -> None:
    typed = [(FIRST, first)] if second is None else [(FIRST, first), (SECOND, second)]
    code, screen = at_a_terminal(*COMMAND, typed=typed)
    assert code == 2, screen
    assert f"{words}; nothing was stored" in screen
    assert CANARY not in screen
    assert "Traceback" not in screen


def test_a_terminal_that_would_show_what_is_typed_is_not_asked() -> None:
    """`getpass` would only warn, and go on. A terminal that keeps its echo is not to be had here."""
    stubborn = (
        "import termios\ndef tcsetattr(*_): raise termios.error(25, 'no')\ntermios.tcsetattr = tcsetattr"
    )
    code, screen = at_a_terminal(sys.executable, "-c", f"{stubborn}\n{READ}", typed=[])
    assert code == 2, screen
    assert "use --file or a pipe; nothing was stored" in screen
