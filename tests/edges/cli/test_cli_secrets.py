"""The verbs below `leadrelay secrets`, run as a user runs them (behaviour 9)."""

import re
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from auth.vaults import CANARY, NEW, OLD, a_vault
from leadrelay.auth.keyring import VARIABLE, key_of
from leadrelay.edges.cli.program import main
from servers import a_server, command, in_thread
from terminals import at_a_terminal

pytestmark = pytest.mark.timeout(60)
TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ"


@asynccontextmanager
async def a_server_with_a_key(folder: Path) -> AsyncIterator[str]:
    key = folder / "secrets.key"
    if not key.exists():
        made = await in_thread(lambda: command("secrets", "new-key", "--out", str(key)))
        assert made.returncode == 0
    async with a_server(folder, secrets_keys=(key,)) as address:
        yield address


async def ask(verb: str, *arguments: str, stdin: str = "", server: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error; no value is ever in what is said."""
    end = await in_thread(lambda: command("secrets", verb, *arguments, "--server", server, stdin=stdin))
    assert CANARY not in end.stdout + end.stderr
    assert "Traceback" not in end.stderr
    return end.returncode, end.stdout, end.stderr


async def test_put_list_rotate_and_delete_from_a_pipe(tmp_path: Path) -> None:
    async with a_server_with_a_key(tmp_path) as server:
        assert await ask("list", server=server) == (0, "", "the store is empty\n")
        assert await ask("put", "crm", stdin=f"{CANARY}\n", server=server) == (0, "stored crm\n", "")
        assert await ask("put", "crm", stdin=f"{CANARY}2", server=server) == (0, "replaced crm\n", "")
        (tmp_path / "value").write_text(f"{CANARY}\n")
        file = ("--file", str(tmp_path / "value"))
        assert await ask("put", "a", *file, server=server) == (0, "stored a\n", "")
        code, out, _ = await ask("list", server=server)
        assert code == 0
        assert re.fullmatch(f"{TIME}  a\n{TIME}  crm\n", out)
        code, out, err = await ask("rotate", server=server)
        assert (code, out) == (0, "rotated 2\n")
        assert "does not need older ones" in err
        assert await ask("delete", "crm", server=server) == (0, "deleted crm\n", "")
        code, out, err = await ask("delete", "crm", server=server)
        assert (code, out, err) == (2, "", "there is no secret crm in the server's store\n")
    key = key_of((tmp_path / "secrets.key").read_text().strip())
    async with a_vault(tmp_path / "data", key) as vault:
        assert vault.get("a") == CANARY


async def test_a_person_is_asked_without_being_shown_what_is_typed(tmp_path: Path) -> None:
    async with a_server_with_a_key(tmp_path) as server:
        arguments = (sys.executable, "-m", "leadrelay", "secrets", "put", "crm", "--server", server)
        typed = [("(not shown): ", f"{CANARY}\n"), ("once more: ", f"{CANARY}\n")]
        code, screen = await in_thread(lambda: at_a_terminal(*arguments, typed=typed))
        assert (code, CANARY in screen) == (0, False), screen
        assert screen.endswith("stored crm\r\n")
        interrupted = await in_thread(lambda: at_a_terminal(*arguments, typed=[("(not shown): ", "\x03")]))
        assert interrupted[0] == 130, interrupted[1]
        assert "Traceback" not in interrupted[1]


async def test_what_the_server_refuses_is_told_in_its_words(tmp_path: Path) -> None:
    async with a_server(tmp_path) as server:
        code, out, err = await ask("put", "crm", stdin=CANARY, server=server)
        assert (code, out) == (2, "")
        assert "this server has no key to put secrets under" in err
        code, _, err = await ask("put", "no/name", stdin=CANARY, server=server)
        assert code == 2
        assert "a secret's name has 1 to 128 letters" in err
        code, _, err = await ask("rotate", server=server)
        assert (code, "leadrelay secrets new-key" in err) == (2, True)
    code, _, err = await ask("list", server=server)
    assert code == 5
    assert server in err


@pytest.mark.parametrize(
    ("server", "is_open"),
    [
        ("192.0.2.1:7400", True),  # nobody's address (RFC 5737); without a value nothing is sent to it
        ("relay.example:7400", True),
        ("127.0.0.1:7400", False),
        ("[::1]:7400", False),
        ("localhost:7400", False),
        ("unix:/run/leadrelay", False),
    ],
)
def test_whoever_sends_a_value_over_an_open_network_is_warned(
    server: str, is_open: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["secrets", "put", "crm", "--server", server, "--file", "/nowhere"]
    assert main(arguments, lambda _: 0) == 2
    warning = f"warning: the way to {server.partition(':')[0]} is not encrypted"
    assert (warning in capsys.readouterr().err) is is_open


@pytest.mark.parametrize("typed", [["c4nary"], ["--value", "c4nary"], ["--tls", "--", "c4nary", "b"]])
def test_a_value_on_the_command_line_is_refused_and_not_repeated(typed: list[str]) -> None:
    end = command("secrets", "put", "crm-token", *typed)
    assert end.returncode == 2
    assert "everybody on this machine sees a command line" in end.stderr
    assert "c4nary" not in end.stdout + end.stderr


def test_a_new_key_is_the_only_thing_on_standard_output() -> None:
    end = command("secrets", "new-key")
    key = key_of(end.stdout.strip())
    assert end.returncode == 0
    assert key.id in end.stderr
    assert VARIABLE in end.stderr
    assert end.stdout.strip() not in end.stderr


def test_a_new_key_goes_into_a_file_that_is_nobody_elses(tmp_path: Path) -> None:
    path = tmp_path / "secrets.key"
    end = command("secrets", "new-key", "--out", str(path))
    assert (end.returncode, end.stdout) == (0, "")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key_of(path.read_text().strip()).id in end.stderr
    before = path.read_text()
    again = command("secrets", "new-key", "--out", str(path))
    assert (again.returncode, again.stdout) == (2, "")
    assert "is there already" in again.stderr
    assert path.read_text() == before
    nowhere = command("secrets", "new-key", "--out", str(tmp_path / "no" / "where"))
    assert nowhere.returncode == 2
    assert "cannot be written" in nowhere.stderr


async def test_secrets_under_a_lost_key_can_be_given_up(tmp_path: Path) -> None:
    async with a_vault(tmp_path / "data", OLD) as vault:
        await vault.put("b", CANARY)
        await vault.put("a", CANARY)
    async with a_vault(tmp_path / "data", NEW, OLD) as vault:
        await vault.put("kept", CANARY)
        running = await in_thread(lambda: forget(tmp_path, OLD.id))
        assert running.returncode == 2
        assert "in use by another server" in running.stderr
    gone = await in_thread(lambda: forget(tmp_path, OLD.id))
    assert (gone.returncode, gone.stdout) == (0, "deleted a\ndeleted b\n")
    again = await in_thread(lambda: forget(tmp_path, OLD.id))
    assert (again.returncode, again.stdout) == (1, "")
    assert f"is under key {OLD.id}" in again.stderr
    async with a_vault(tmp_path / "data", NEW) as vault:
        assert vault.names() == {"kept"}


def forget(folder: Path, key_id: str) -> "subprocess.CompletedProcess[str]":
    return command("secrets", "forget", key_id, "--data", str(folder / "data"))


async def test_forgetting_creates_no_data_folder(tmp_path: Path) -> None:
    end = await in_thread(lambda: forget(tmp_path, OLD.id))
    assert end.returncode == 2
    assert not (tmp_path / "data").exists()


def test_help_teaches_the_first_steps_and_rotation() -> None:
    words = command("secrets", "--help").stdout
    for part in ("new-key --out", "--secrets-key", "secrets put", "secrets rotate", "forget"):
        assert part in words
