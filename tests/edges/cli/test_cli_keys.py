"""`leadrelay keys`: a key is shown once, and what is wrong changes nothing."""

from pathlib import Path

import pytest

from edges.cli.commands import run
from leadrelay.auth.api_keys import read_entries
from leadrelay.core.callers import Caller
from leadrelay.edges.cli.exits import Exit

Capsys = pytest.CaptureFixture[str]


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(tmp_path / "callers")


def test_a_new_key_is_a_result_and_is_in_no_file(file: str, capsys: Capsys) -> None:
    end = run(capsys, "keys", "new", "forms", "--api-keys", file, "--verbs", "deliver", "--flows", "loans")
    assert end.code == Exit.OK
    assert end.out.startswith("lrk_")
    assert "shown this once" in end.err
    assert end.out.strip() not in Path(file).read_text()
    (entry,) = read_entries(Path(file))
    assert entry.caller == Caller(name="forms", verbs=frozenset({"deliver"}), flows=("loans",))


def test_callers_are_listed_with_their_scope_and_without_their_hashes(file: str, capsys: Capsys) -> None:
    run(capsys, "keys", "new", "root", "--api-keys", file)
    run(capsys, "keys", "new", "forms", "--api-keys", file, "--flows", "a,b", "--until", "2027-03-31")
    run(
        capsys,
        "keys",
        "new",
        "partner",
        "--api-keys",
        file,
        "--certificate",
        "p.example",
        "--verbs",
        "deliver",
    )
    assert run(capsys, "keys", "list", "--api-keys", file).out.splitlines() == [
        "root  key  verbs all  flows all",
        "forms  key  verbs deliver,steer,watch  flows a,b  until 2027-03-31",
        "partner  certificate p.example  verbs deliver  flows all",
    ]


def test_a_revoked_caller_is_gone_and_the_others_stay(file: str, capsys: Capsys) -> None:
    for name in ("one", "two"):
        run(capsys, "keys", "new", name, "--api-keys", file)
    end = run(capsys, "keys", "revoke", "one", "--api-keys", file)
    assert (end.code, end.out) == (Exit.OK, "revoked one\n")
    assert [entry.caller.name for entry in read_entries(Path(file))] == ["two"]


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("new", "one"), "there is a one already; revoke it first, or choose another name"),
        (("new", "b", "--verbs", "sell"), "`sell` is no verb"),
        (("new", "b", "--verbs", "apply", "--flows", "a"), "the verb `apply` is about all flows"),
        (("new", "b", "--until", "soon"), "`soon` is no day"),
        (("new", "b", "--until", "2020-01-01"), "2020-01-01 is over already"),
        (("new", "b", "--until", ""), "`` is no day"),
        (("new", "b", "--flows", ""), "`` is no flow"),  # never all of them
        (("new", "b", "--verbs", ""), "`` is no verb"),
        (("new", "b", "--certificate", ""), "a name has no blanks"),
        (("new", "b c"), "`b c` is no name"),
        (("new", "b", "--certificate", "two words"), "a name has no blanks"),
        (("revoke", "two"), "there is no two in"),
    ],
)
def test_a_mistake_changes_nothing(file: str, argv: tuple[str, ...], words: str, capsys: Capsys) -> None:
    run(capsys, "keys", "new", "one", "--api-keys", file)
    before = Path(file).read_text()
    end = run(capsys, "keys", *argv, "--api-keys", file)
    assert (end.code, end.out) == (Exit.USAGE, "")
    assert words in end.err
    assert end.err.endswith("nothing was changed\n")
    assert Path(file).read_text() == before


def test_an_empty_file_lets_nobody_in_and_says_so(file: str, capsys: Capsys) -> None:
    Path(file).write_text("# nobody yet\n")
    end = run(capsys, "keys", "list", "--api-keys", file)
    assert (end.code, end.out, end.err) == (Exit.OK, "", "nobody is let in\n")


def test_a_folder_that_is_not_there_is_named(capsys: Capsys) -> None:
    end = run(capsys, "keys", "new", "one", "--api-keys", "/no/such/folder/callers")
    assert (end.code, end.out) == (Exit.USAGE, "")
    assert "/no/such/folder/callers: cannot be written" in end.err
