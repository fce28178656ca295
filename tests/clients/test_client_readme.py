"""The examples of the client's README run as they stand, but for the address."""

import re
from pathlib import Path

import pytest

from clients.small_relay import SmallRelay

README = Path(__file__).parents[2] / "clients" / "python" / "README.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_of_the_readme_delivers_a_lead(
    relay: SmallRelay, number: int, capsys: pytest.CaptureFixture[str]
) -> None:
    source = EXAMPLES[number].replace("127.0.0.1:7400", relay.target)
    exec(compile(source, f"README example {number + 1}", "exec"), {"__name__": "__main__"})  # noqa: S102
    assert "lead-1" in capsys.readouterr().out
    assert list(relay.journal.leads) == ["lead-1"]


def test_the_first_example_fits_in_ten_lines() -> None:
    assert len([line for line in EXAMPLES[0].splitlines() if line.strip()]) <= 10
