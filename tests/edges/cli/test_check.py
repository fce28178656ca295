"""`leadrelay check` prints as a test runner does, and its exit code is the verdict."""

from contextlib import chdir
from pathlib import Path

import pytest

from catalog_texts import of_rest
from leadrelay.edges.cli.program import main

EXAMPLES = """
examples:
- {name: good, lead: {email: a@b.c}, request: {body: {email: a@b.c}}}
- {lead: {email: a@b.c}, request: {body: {email: d@e.f}, method: PUT}}
"""
HERE = Path(__file__).parents[3]


def checked(*arguments: str) -> int:
    def never(_: object) -> int:
        raise AssertionError("no server is started")

    return main(["check", *arguments], never)


def a_file(folder: Path, text: str) -> str:
    path = folder / "c.yaml"
    path.write_text(text)
    return str(path)


def test_each_example_passes_or_says_what_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = a_file(tmp_path, of_rest(EXAMPLES))
    assert checked("-f", path) == 1
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "crm",
        "  ✓ good",
        f"  ✗ example 2  {path}:7",
        '      request.method: expected "PUT", found "POST"',
        '      request.body.email: expected "d@e.f", found "a@b.c"',
    ]
    assert err.splitlines() == ["2 example(s): 1 passed, 1 failed"]


def test_all_good_is_exit_zero_and_warnings_and_what_has_none_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = EXAMPLES.rpartition("- {lead")[0]
    bare = '- {name: bare, rest: {url: "https://x.example/"}, pass_through: all}\n'
    path = a_file(tmp_path, of_rest(good).replace("destinations:\n", f"destinations:\n{bare}"))
    assert checked("--file", path) == 0
    err = capsys.readouterr().err.splitlines()
    assert err == [
        f"warning: {path}:2: destinations[bare]: no flow delivers to it",
        "1 example(s): 1 passed, 0 failed",
        "without `examples`: `bare`",
    ]


def test_a_catalog_that_is_refused_tells_every_problem_and_tries_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = a_file(tmp_path, of_rest(EXAMPLES + "colour: red\ntimeouts: {total: 5}"))
    assert checked("-f", path) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert f"{path}:8: destinations[crm]: unknown key `colour`" in err
    assert f"{path}:9: destinations[crm].timeouts.total: a duration needs its unit" in err
    assert "refused: 2 problem(s)" in err


def test_without_a_path_it_checks_the_current_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a_file(tmp_path, of_rest(EXAMPLES))
    with chdir(tmp_path):
        assert checked() == 1
    assert "  ✗ example 2  c.yaml:7" in capsys.readouterr().out


def test_the_examples_of_the_example_catalog_pass(capsys: pytest.CaptureFixture[str]) -> None:
    assert checked("-f", str(HERE / "examples" / "catalog")) == 0
    out, err = capsys.readouterr()
    for name in ("crm", "dialer", "premium_buyer", "standard_buyer", "analytics", "slow_partner"):
        assert name in out.splitlines()
    assert "✗" not in out
    assert "warning" not in err
    assert "without" not in err
