"""The check sees what has no test, what tests nothing, and exceptions that have outlived their reason."""

import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "check_mirror.py"
CHECK: dict[str, Any] = runpy.run_path(str(SCRIPT))
RUNS = "def run():\n    return 1\n"
Elsewhere = dict[str, tuple[str, tuple[str, ...]]]


def put(root: Path, **files: str) -> None:
    """Files by their path, with `__` for a slash."""
    for name, text in files.items():
        path = root / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def found(root: Path, elsewhere: Elsewhere | None = None) -> list[str]:
    return [*CHECK["strays"](root), *CHECK["untested"](root, elsewhere or {})]


def test_a_module_with_its_test_is_a_mirror(tmp_path: Path) -> None:
    put(tmp_path, server__leadrelay__core__lead=RUNS, tests__core__test_lead="")
    assert found(tmp_path) == []


@pytest.mark.parametrize("name", ["test_server", "test_server_drain", "test_bridge_server"])
def test_a_test_may_be_about_a_part_or_name_its_folder_first(tmp_path: Path, name: str) -> None:
    put(tmp_path, server__leadrelay__bridge__server=RUNS)
    put(tmp_path, **{f"tests__bridge__{name}": ""})
    assert found(tmp_path) == []


def test_the_longest_name_is_the_one_that_is_tested(tmp_path: Path) -> None:
    put(tmp_path, server__leadrelay__sqlite=RUNS, server__leadrelay__sqlite_file=RUNS)
    put(tmp_path, tests__test_sqlite_file="")
    assert found(tmp_path) == ["server/leadrelay/sqlite.py: there is no tests/test_sqlite.py"]


def test_a_package_is_tested_under_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "server/leadrelay/template").mkdir(parents=True)
    (tmp_path / "server/leadrelay/template/__init__.py").write_text(RUNS)
    assert found(tmp_path) == [
        "server/leadrelay/template/__init__.py: there is no tests/template/test_template.py"
    ]
    put(tmp_path, tests__template__test_template="")
    assert found(tmp_path) == []


def test_a_test_without_a_module_is_a_stray_except_among_the_stories(tmp_path: Path) -> None:
    put(tmp_path, tests__core__test_gone="", tests__stories__test_selling="", tests__fakes="")
    assert found(tmp_path) == ["tests/core/test_gone.py: there is no server/leadrelay/core/gone.py"]


def test_a_story_stands_for_no_module(tmp_path: Path) -> None:
    put(tmp_path, server__leadrelay__stories__selling=RUNS, tests__stories__test_selling="")
    assert len(found(tmp_path)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "LIMIT = 3\n",
        "class Port(Protocol):\n    def send(self) -> None: ...\n",
        'class Broken(Exception):\n    """Why."""\n    def __init__(self) -> None:\n        self.code = 1\n',
        'async def later() -> None:\n    """Nothing yet."""\n    pass\n',
    ],
)
def test_a_module_that_runs_nothing_needs_no_test(tmp_path: Path, text: str) -> None:
    put(tmp_path, server__leadrelay__core__ports=text)
    assert found(tmp_path) == []


def test_generated_modules_need_no_test(tmp_path: Path) -> None:
    put(tmp_path, server__leadrelay__v1__lead_pb2=RUNS)
    assert found(tmp_path) == []


def test_an_exception_counts_while_it_is_one(tmp_path: Path) -> None:
    elsewhere: Elsewhere = {"core/test_all.py": ("together", ("core/a.py",))}
    put(
        tmp_path, server__leadrelay__core__a=RUNS, server__leadrelay__core__all=RUNS, tests__core__test_all=""
    )
    assert found(tmp_path, elsewhere) == []
    put(tmp_path, tests__core__test_a="")
    assert found(tmp_path, elsewhere) == [
        "server/leadrelay/core/a.py: is no exception any more; take it out of ELSEWHERE"
    ]


def test_an_exception_needs_the_test_that_it_names(tmp_path: Path) -> None:
    put(tmp_path, server__leadrelay__core__a=RUNS)
    assert found(tmp_path, {"core/test_all.py": ("together", ("core/a.py",))}) == [
        "tests/core/test_all.py: is not there, and ELSEWHERE names it"
    ]


def test_findings_end_in_exit_code_one(tmp_path: Path) -> None:
    put(tmp_path, tests__core__test_gone="")
    done = subprocess.run(
        [sys.executable, SCRIPT, tmp_path], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert "tests/core/test_gone.py: there is no" in done.stderr
