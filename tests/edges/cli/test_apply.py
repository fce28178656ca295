"""A catalog is in force, or everything that is wrong with it is told (behaviour 2)."""

from pathlib import Path

import pytest

from edges.cli.commands import End, run, run_beside
from leadrelay.edges.cli.exits import Exit
from servers import a_catalog, a_destination, a_flow, a_server

Capsys = pytest.CaptureFixture[str]


async def applied(folder: Path, capsys: Capsys, *argv: str) -> End:
    async with a_server(folder) as address:
        return await run_beside(capsys, "apply", "--server", address, *argv)


async def test_changes_are_results_and_the_version_is_a_remark(tmp_path: Path, capsys: Capsys) -> None:
    catalog = a_catalog(tmp_path, a_destination("crm", 9), a_flow("loans", {"deliver": "crm"}))
    end = await applied(tmp_path, capsys, "-f", str(catalog))
    assert end.code == Exit.OK
    assert end.out == "added    destination crm\nadded    flow loans\nadded    egress 127.0.0.0/8\n"
    assert "catalog 1 is in force" in end.err


async def test_a_folder_is_a_catalog_and_several_files_are_one(tmp_path: Path, capsys: Capsys) -> None:
    folder = tmp_path / "catalog"
    folder.mkdir()
    a_catalog(folder, a_destination("crm", 9))
    (tmp_path / "flows.yaml").write_text("flows: [{name: loans, steps: [{deliver: crm}]}]")
    end = await applied(tmp_path, capsys, "-f", str(folder), "-f", str(tmp_path / "flows.yaml"))
    assert end.code == Exit.OK, end.err
    assert "flow loans" in end.out


async def test_every_problem_is_told_also_those_that_the_answer_has_no_room_for(
    tmp_path: Path, capsys: Capsys
) -> None:
    """A gRPC status holds a few kilobytes."""
    names = [f"destination-number-{number}" for number in range(150)]
    path = tmp_path / "bad.yaml"
    path.write_text("destinations:\n" + "".join(f"- {{name: {name}, timeoutz: {{}}}}\n" for name in names))
    end = await applied(tmp_path, capsys, "-f", str(path))
    lines = end.err.splitlines()
    assert (end.code, end.out) == (Exit.USAGE, "")
    for number in range(150):
        assert any(line.startswith(f"{path}:{number + 2}:") for line in lines), number
    assert len(lines) == len(set(lines)), "each is told once"
    assert f"refused: {len(lines) - 1} problem(s)" in lines[-1]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read: No such file"),
        (b"\xff\xfe\x00\x00", "is not text in UTF-8"),
        (b"a: 1\nb: \xff", ":2: is not text in UTF-8"),
        (b"", "the catalog is empty"),
        (b"}{", ":1"),
        (b"[]", ":1"),
        (b"\0", "U+0000"),
    ],
)
async def test_what_cannot_be_a_catalog_is_told_in_a_sentence(
    content: bytes | None, words: str, tmp_path: Path, capsys: Capsys
) -> None:
    path = tmp_path / "catalog.yaml"
    if content is not None:
        path.write_bytes(content)
    end = await applied(tmp_path, capsys, "-f", str(path))
    assert (end.code, end.out) == (Exit.USAGE, "")
    assert words in end.err
    assert "nothing was changed" in end.err


async def test_a_folder_without_a_catalog_is_told(tmp_path: Path, capsys: Capsys) -> None:
    (tmp_path / "empty").mkdir()
    end = await applied(tmp_path, capsys, "-f", str(tmp_path / "empty"))
    assert end.code == Exit.USAGE
    assert "no catalog" in end.err
    assert "None" not in end.err


async def test_a_file_of_more_than_a_message_is_told_in_a_sentence(tmp_path: Path, capsys: Capsys) -> None:
    path = tmp_path / "big.yaml"
    path.write_text("# " + "x" * 5_000_000)
    end = await applied(tmp_path, capsys, "-f", str(path))
    assert end.code == Exit.USAGE
    assert end.err.strip()


async def test_a_dry_run_says_that_nothing_was_changed(tmp_path: Path, capsys: Capsys) -> None:
    catalog = a_catalog(tmp_path, a_destination("crm", 9), a_flow("loans", {"deliver": "crm"}))
    end = await applied(tmp_path, capsys, "-f", str(catalog), "--dry-run")
    assert end.code == Exit.OK
    assert "added    flow loans" in end.out
    assert "nothing was changed (dry run); catalog 0 stays in force" in end.err


def test_nobody_there_is_another_code(tmp_path: Path, capsys: Capsys) -> None:
    catalog = a_catalog(tmp_path, a_destination("crm", 9), a_flow("loans", {"deliver": "crm"}))
    end = run(capsys, "apply", "--server", "127.0.0.1:9", "-f", str(catalog))
    assert (end.code, end.out) == (Exit.UNAVAILABLE, "")


async def test_what_is_wrong_with_no_file_in_particular_is_told_once(tmp_path: Path, capsys: Capsys) -> None:
    (tmp_path / "catalog.yaml").write_text("")
    end = await applied(tmp_path, capsys, "-f", str(tmp_path / "catalog.yaml"))
    assert end.err.count("the catalog is empty") == 1
    assert "refused: 1 problem(s)" in end.err
