"""The reference page is made of what the code says, and notices when it says something else."""

import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "reference.py"
REFERENCE: dict[str, Any] = runpy.run_path(str(SCRIPT))
filled: Callable[..., str] = REFERENCE["filled"]


def test_the_page_is_what_the_code_says() -> None:
    done = subprocess.run(
        [sys.executable, SCRIPT, "--check"], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_an_insert_is_filled_in_and_its_headings_are_among_the_contents() -> None:
    source = "# A page\n\n<!-- insert: contents -->\n\n## One thing\n\n<!-- insert: two -->\n\n## Another\n"
    page = filled(source, {"two": lambda: "### Its `parts`, all\n\ntext\n"})
    assert page.partition("\n\n")[2] == (
        "# A page\n\n- [One thing](#one-thing): [Its parts, all](#its-parts-all)\n- [Another](#another)\n\n"
        "## One thing\n\n### Its `parts`, all\n\ntext\n\n## Another\n"
    )


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<!-- insert: one -->\n<!-- insert: two -->\n", "nothing called 'two'"),
        ("", "'one' is inserted 0 times"),
        ("<!-- insert: one -->\n<!-- insert: one -->\n", "'one' is inserted 2 times"),
    ],
)
def test_what_cannot_be_inserted_or_would_be_left_out_stops_the_page(source: str, words: str) -> None:
    with pytest.raises(REFERENCE["BadPage"], match=words):
        filled(source, {"one": lambda: "1"})
