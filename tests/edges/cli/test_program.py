"""A mistake on the command line is a sentence, and what is right reaches its verb."""

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from edges.cli.commands import no_server, run
from leadrelay.edges.cli import program
from leadrelay.edges.cli.exits import Exit
from leadrelay.settings import Settings
from servers import an_environment

Capsys = pytest.CaptureFixture[str]


def test_no_verb_waits_for_the_imports_of_another() -> None:
    """Most of the product is the compiler and the runtime, which take a second to import."""
    asked = "import sys, leadrelay.__main__ as program\ntry: program.main()\nfinally: print(*sys.modules)"

    def imported(*argv: str) -> set[str]:
        command = [sys.executable, "-c", asked, *argv]
        return set(
            subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.split()
        )

    assert "grpc" not in imported("--version")
    listing = imported("list", "--help")
    assert "leadrelay.edges.cli.list" in listing
    assert not listing & {"leadrelay.core.catalog", "leadrelay.runtime.courier"}


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ((), "VERB"),
        (("sreve",), "sreve"),
        (("serve", "--listen", "foo"), "HOST:PORT"),
        (("serve", "--listen", "1.2.3.4"), "HOST:PORT"),
        (("serve", "--listen", "::1:7400"), "HOST:PORT"),
        (("serve", "--listen", "127.0.0.1:99999"), "HOST:PORT"),
        (("serve", "--tls-certificate", "c.pem"), "go together"),
        (("serve", "--tls-key", "k.pem"), "go together"),
        (("serve", "--client-ca", "ca.pem"), "over TLS only"),
        (("serve", "--max-leads", "0"), "must be a whole number, 1 or more"),
        (("serve", "--max-leads", "many"), "must be a whole number, 1 or more"),
        (("serve", "--max-leads", "9" * 5000), "must be a whole number"),
        (("serve", "--grace", "nan"), "must be seconds from 0 to 3600"),
        (("serve", "--grace", "-1"), "must be seconds from 0 to 3600"),
        (("serve", "--grace", "soon"), "must be seconds from 0 to 3600"),
        (("deliver", "--flow", "a"), "--lead"),
        (("deliver", "--flow", "a", "--lead", "-", "--server", ""), "HOST:PORT"),
        (("deliver", "--flow", "a", "--lead", "-", "--server", "localhost"), "HOST:PORT"),
        (("deliver", "--flow", "a", "--lead", "-", "--server", "a b:1"), "HOST:PORT"),
        (("list", "--server", "127.0.0.1:99999"), "HOST:PORT"),
        (("list", "--server", "localhost:"), "HOST:PORT"),
        (("list", "--since", "999999w"), "from 1970 to 9999"),
        (("trace", "--data", "data", "lead\udcff"), "argument 4 is not text in UTF-8"),
        (("list", "--flow=\udcff"), "argument 2 is not text in UTF-8"),
        (("apply",), "--file"),
        (("trace",), "LEAD_ID"),
        (("recipients", "--port", "70000"), "0 to 65535"),
        (("recipients", "--port", "-1"), "0 to 65535"),
    ],
)
def test_a_mistake_is_told_in_words(argv: tuple[str, ...], words: str, capsys: Capsys) -> None:
    end = run(capsys, *argv)
    assert (end.code, end.out) == (Exit.USAGE, "")
    assert words in end.err
    assert "_" not in end.err.rpartition("error: ")[2].replace("LEAD_ID", ""), "no name of our own code"


def test_a_file_may_have_a_name_that_is_no_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("first\udcff.yaml").write_text("flows: []")
    end = run(capsys, "check", "-f", "first\udcff.yaml")
    assert "the catalog is empty" in end.err


def test_help_and_version_are_results(capsys: Capsys) -> None:
    for argv in (("--help",), ("serve", "--help"), ("--version",)):
        end = run(capsys, *argv)
        assert (end.code, end.err) == (Exit.OK, "")
        assert "leadrelay" in end.out


def test_ctrl_c_has_its_own_code() -> None:
    def interrupted(_: Settings) -> int:
        raise KeyboardInterrupt

    assert program.main(["serve"], interrupted) == Exit.INTERRUPTED


@pytest.mark.parametrize("argv", [("--help",), ("secrets", "new-key")])
def test_a_reader_who_has_gone_is_no_error_that_anybody_sees(argv: tuple[str, ...]) -> None:
    """As in `leadrelay deliver --json | head -1`: never a success either, for nobody knows the result."""
    ours, theirs = os.pipe()
    os.close(ours)
    try:
        end = subprocess.run(
            [sys.executable, "-m", "leadrelay", *argv],
            stdout=theirs,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
            env=an_environment({"PYTHONUNBUFFERED": ""}),
        )
    finally:
        os.close(theirs)
    assert end.returncode == Exit.NO_READER
    assert "BrokenPipe" not in end.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_told_in_words() -> None:
    with Path("/dev/full").open("w") as full:
        end = command("secrets", "new-key", stdout=full)
    assert end.returncode == Exit.NO_READER
    assert "standard output cannot be written: No space left on device" in end.stderr
    assert "Traceback" not in end.stderr


def test_a_stream_that_the_caller_closed_is_no_error() -> None:
    """As in `leadrelay list >&-`."""
    shell = f"{shlex.join([sys.executable, '-m', 'leadrelay'])} secrets new-key >&- <&-"
    end = subprocess.run(
        ["/bin/sh", "-c", shell],
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
        env=an_environment({}),
    )
    assert end.returncode == Exit.OK
    assert "Traceback" not in end.stderr


def test_ctrl_c_while_the_program_is_being_read_is_as_good_as_any_other() -> None:
    interrupted = (
        "import sys, leadrelay.__main__ as program\n"
        "class Interrupt:\n"
        "    def find_spec(self, *name):\n"
        "        raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupt())\n"
        "sys.exit(program.main())"
    )
    end = subprocess.run(
        [sys.executable, "-c", interrupted], stderr=subprocess.PIPE, text=True, timeout=60, check=False
    )
    assert (end.returncode, end.stderr) == (Exit.INTERRUPTED, "")


def command(*argv: str, stdout: IO[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "leadrelay", *argv],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
        env=an_environment({}),
    )


def test_a_terminal_that_lacks_a_letter_is_shown_its_number(tmp_path: Path) -> None:
    (tmp_path / "žofie.json").write_text("{")
    end = subprocess.run(
        [sys.executable, "-m", "leadrelay", "deliver", "--flow", "x", "--lead", str(tmp_path / "žofie.json")],
        capture_output=True,
        timeout=60,
        check=False,
        env=an_environment({"PYTHONIOENCODING": "ascii"}),
    )
    assert end.returncode == Exit.USAGE
    assert b"\\u017eofie.json" in end.stderr
    assert b"Traceback" not in end.stderr


def test_the_other_verbs_start_no_server(tmp_path: Path, capsys: Capsys) -> None:
    with pytest.raises(AssertionError):
        no_server(Settings())
    assert run(capsys, "trace", "--data", str(tmp_path), "x").code == Exit.USAGE
