"""`leadrelay redeliver`: leads again, told one by one."""

from pathlib import Path

import pytest

from edges.cli.commands import lines, run, run_beside
from edges.market import a_market


async def test_each_lead_is_told_and_the_exit_code_says_whether_all_were_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with a_market(tmp_path) as market:
        ann, bob = await market.sell("Ann"), await market.sell("Bob")
        to = ("--to-flow", "second_chance", "--server", market.address)
        dry = await run_beside(capsys, "redeliver", "--lead", bob, "--set", "state=CA", "--dry-run", *to)
        sent = await run_beside(capsys, "redeliver", "--result", "failure", *to)
        some = await run_beside(capsys, "redeliver", "--flow", "loans", *to)
        none = await run_beside(capsys, "redeliver", "--flow", "x", *to)
        wrong = await run_beside(capsys, "redeliver", "--flow", "loans", "--to-flow", "x", *to[2:])
    assert (dry.code, dry.out.strip()) == (
        0,
        f"would    {bob}  go to flow second_chance with first_name=Bob, ssn=***, state=CA",
    )
    assert sent.code == 0
    assert lines(sent)[0].startswith(f"sent     {bob}  again as ")
    assert (some.code, "1 of 2 lead(s) were refused" in some.err) == (3, True)
    assert lines(some)[0].startswith(f"refused  {ann}  lead {ann} was sold")
    assert (none.code, wrong.code) == (1, 2)


@pytest.mark.parametrize("argv", [("redeliver",), ("redeliver", "--flow", "loans", "--set", "state")])
def test_what_cannot_be_meant_is_not_asked(argv: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, *argv).code == 2
