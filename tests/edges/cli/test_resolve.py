"""`leadrelay resolve`: an unresolved delivery gets its answer from a terminal (behaviour 4.5)."""

from pathlib import Path

import pytest

from edges.cli.commands import run, run_beside
from servers import ACCEPTS, HANGS_UP, a_catalog, a_destination, a_flow, a_server, deliver, recipients

STEPS = {"waterfall": {"steps": [{"deliver": "first"}, {"deliver": "second"}]}}


async def test_a_success_is_told_with_its_price_and_a_no_asks_the_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with recipients(first=HANGS_UP, second=ACCEPTS) as served:
        entries = [a_destination(name, recipient.port) for name, recipient in served.items()]
        catalog = a_catalog(tmp_path, *entries, a_flow("loans", STEPS))
        async with a_server(tmp_path, catalog) as address:
            sold, moved = [(await deliver(address, "loans")).lead_id for _ in range(2)]
            yes = await run_beside(
                capsys, "resolve", sold, "first", "success", "--price", "42.50", "--server", address
            )
            no = await run_beside(
                capsys, "resolve", moved.upper(), "first", "hard_reject", "--server", address
            )
            other = await run_beside(capsys, "resolve", sold, "first", "timeout", "--server", address)
            drawn = await run_beside(capsys, "trace", sold, "--server", address)
        assert len(served["second"].requests) == 1
    assert (yes.code, no.code) == (0, 0)
    assert yes.out.splitlines()[0] == "resolved   first: success 42.50"
    assert "resolved   first: hard_reject" in no.out
    assert other.code == 2
    assert "resolved before, as success" in other.err
    assert "first was unresolved until somebody said success" in " ".join(drawn.out.split())


def test_a_misspelt_outcome_is_told_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    end = run(capsys, "resolve", "x", "crm", "sold")
    assert end.code == 2
    assert "success" in end.err
