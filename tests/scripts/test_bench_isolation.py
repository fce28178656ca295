"""The isolation bench works from end to end. Its figures are not tested: they belong to the machine."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_quick_run_ends_with_a_table_of_both_kinds_of_round(tmp_path: Path) -> None:
    output = tmp_path / "isolation.md"
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts/bench_isolation.py"), "--quick", "--output", str(output)],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    text = output.read_text()
    rows = re.findall(r"^\| (.+?) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \| (\d+) \|$", text, re.MULTILINE)
    assert [row[0] for row in rows] == ["all are well", "one hangs, one is busy"]
    assert all(50 <= float(p50) <= float(p95) <= float(p99) for _, p50, p95, p99, _ in rows)
    assert "the aim is +5% at most" in text
