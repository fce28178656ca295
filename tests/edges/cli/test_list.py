"""`leadrelay list`: what became of leads, one line each."""

from pathlib import Path

import pytest

from edges.cli.commands import lines, run, run_beside
from edges.market import a_market


async def test_leads_are_listed_the_newest_first_with_what_became_of_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with a_market(tmp_path) as market:
        for name in ("Ann", "Bob", "Eve"):
            await market.sell(name)
        every = await run_beside(capsys, "list", "--server", market.address)
        one = await run_beside(capsys, "list", "--limit", "1", "--server", market.address)
        held = await run_beside(
            capsys, "list", "--result", "unresolved", "--json", "--server", market.address
        )
        none = await run_beside(capsys, "list", "--flow", "x", "--server", market.address)
    eve, bob, ann = lines(every)
    assert "buyer system_error?" in eve
    assert "failure    buyer hard_reject" in bob
    assert ann.endswith("success    buyer success  12.50")
    assert (len(lines(one)), "there are more" in one.err) == (1, True)
    assert f'"lead_id": "{market.leads["Eve"]}"' in held.out
    assert (none.code, none.out) == (0, "")


def test_a_misspelt_result_is_told_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    end = run(capsys, "list", "--result", "sold")
    assert end.code == 2
    assert "unresolved" in end.err


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_limit_that_lists_nothing_is_refused(limit: str, capsys: pytest.CaptureFixture[str]) -> None:
    end = run(capsys, "list", "--limit", limit)
    assert end.code == 2
    assert "must be a whole number, 1 or more" in end.err
