"""The bench works from end to end, its books close, and it leaves nothing behind. Its figures are not tested:
they belong to the machine and the moment."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BENCH = [sys.executable, str(ROOT / "scripts" / "bench.py"), "--quick"]
PLACE = "LEADRELAY_BENCH_TEST"  # in the environment of everything that a run starts


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What one quick run wrote, in a folder of its own."""
    folder = tmp_path_factory.mktemp("bench")
    output = folder / "performance.md"
    done = subprocess.run(
        [*BENCH, "--output", str(output)],
        env=os.environ | {"TMPDIR": str(folder), PLACE: str(folder)},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("the ledger closes") == 2
    assert left_behind(str(folder)) == []
    assert [path.name for path in folder.iterdir()] == ["performance.md"]
    return output.read_text()


def left_behind(mark: str) -> list[str]:
    """Processes whose environment has the mark."""
    wanted, found = f"{PLACE}={mark}".encode(), []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_text())
        except OSError:  # it has just ended, or is none of ours
            continue
    return found


def rows(report: str, title: str) -> list[list[str]]:
    """The cells of the table under a title, without its head."""
    section = report.partition(f"## {title}")[2].partition("\n## ")[0]
    lines = [line.strip("| ") for line in section.splitlines() if line.startswith("|")]
    return [line.split(" | ") for line in lines[2:]]


def number(cell: str) -> float:
    return float(cell.replace(",", ""))


def test_every_load_has_a_line_with_its_cost(report: str) -> None:
    lines = rows(report, "CPU of the server per lead")
    assert len(lines) == 7
    assert all(number(cell) > 0 for line in lines for cell in line[1:4])


def test_the_cost_is_split_into_its_parts(report: str) -> None:
    parts = [line[0].partition(":")[0] for line in rows(report, "Where it goes")]
    assert [part.split()[0] for part in parts] == [
        *("gRPC", "request", "map", "HTTP", "journal", "remainder"),
        *("**whole,", "beside"),
    ]


def test_a_request_is_measured_beside_httpx_under_each_load(report: str) -> None:
    lines = rows(report, "A request over HTTP")
    assert len(lines) == 4
    assert all(number(cell) > 0 for line in lines for cell in line)


def test_mapping_is_measured_on_twenty_fields_with_six_templates(report: str) -> None:
    assert "| 20 fields, of which 6 are templates |" in report
    assert all(number(line[1]) > 0 for line in rows(report, "Mapping"))


def test_what_the_machine_and_grpc_add_is_measured(report: str) -> None:
    lines = rows(report, "What pauses cost on this machine")
    assert [line[0] for line in lines][:2] == ["one after the other", "600 times a second"]
    assert all(number(line[1]) > 0 for line in lines)
    assert "KB of it\nbelong to gRPC's core" in report


def test_every_aim_is_judged(report: str) -> None:
    assert len(lines := rows(report, "Aims")) == 6
    assert {line[-1] for line in lines} <= {"yes", "**no**"}


def test_the_books_balance(report: str) -> None:
    for _, accepted, settled, parked, pending, deliveries, _ in rows(report, "Ledger"):
        assert number(accepted) == number(settled) > 0
        assert number(parked) == number(pending) == 0
        assert number(deliveries) == 3 * number(accepted)


def test_books_that_do_not_agree_are_told_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT)
    from scripts.bench_parts.ledger import Books, audit  # noqa: PLC0415 (no path leads there before)

    books = Books(received=10, settled=9, replies=27)
    count, bought = {"0": 9, "50": 9, "500": 9}, {"without_key": 0, "forgotten": 0}
    good = audit(books, 10, 9, count, {"accepted": {"a": {"times": 1}}, **bought})
    assert (good.pending, good.problems) == (1, ())
    bad = audit(books, 11, 9, count | {"0": 8}, {"accepted": {"a": {"times": 2}}, **bought})
    assert [problem.partition(":")[0] for problem in bad.problems] == [
        "leads accepted, as callers saw it",
        "requests that recipients took",
        "leads sold twice, by the recipients",
    ]


def test_a_quick_run_says_that_its_figures_mean_nothing(report: str) -> None:
    assert "its figures mean nothing" in report


def test_the_report_names_no_folder_of_the_machine(report: str) -> None:
    assert str(ROOT) not in report
    assert str(Path.home()) not in report
    assert os.uname().nodename not in report


def test_an_interrupted_run_leaves_nothing_behind(tmp_path: Path) -> None:
    run = subprocess.Popen(
        BENCH,
        env=os.environ | {"TMPDIR": str(tmp_path), PLACE: str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert run.stderr is not None
    with run, run.stderr as said:
        assert "warming up" in said.readline()
        run.send_signal(signal.SIGINT)
        assert run.wait(40) == 130
    assert left_behind(str(tmp_path)) == []
    assert list(tmp_path.iterdir()) == []
