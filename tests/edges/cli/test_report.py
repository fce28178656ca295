"""`leadrelay report`: what became of many leads, as a table."""

from pathlib import Path

import pytest

from edges.cli.commands import lines, run_beside
from edges.market import a_market


async def test_a_row_for_each_destination_with_reasons_below(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with a_market(tmp_path) as market:
        for name in ("Ann", "Bob", "Cid", "Eve"):
            await market.sell(name)
        told = await run_beside(capsys, "report", "--since", "1h", "--server", market.address)
        flows = await run_beside(capsys, "report", "--by", "flow", "--json", "--server", market.address)
        source = await run_beside(capsys, "report", "--by", "source", "--server", market.address)
        none = await run_beside(capsys, "report", "--until", "1d", "--server", market.address)
    heading, buyer, *reasons = lines(told)
    assert heading.split()[:4] == ["destination", "leads", "sold", "no"]
    assert buyer.split()[:8] == ["buyer", "4", "1", "2", "0", "1", "0", "25%"]
    assert buyer.rstrip().endswith("12.50")
    assert reasons == ["buyer: 2 hard_reject (duplicate), 1 system_error (reset)"]
    assert '"key": "loans"' in flows.out
    assert '"success_rate"' in flows.out
    assert "(not said)" in source.out
    assert (none.code, "nothing ended" in none.err) == (1, True)
