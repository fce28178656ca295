"""`leadrelay replay`: recorded leads against a changed catalog, from a data folder."""

from pathlib import Path

import orjson
import pytest

from edges.cli.commands import lines, run_beside
from edges.market import a_market


async def a_recorded_market(folder: Path) -> tuple[Path, Path]:
    """A data folder with three leads, and the catalog that they came under."""
    async with a_market(folder) as market:
        for name in ("Ann", "Bob", "Cid"):
            await market.sell(name)
    return folder / "data", folder / "catalog.yaml"


async def test_the_same_catalog_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, catalog = await a_recorded_market(tmp_path)
    end = await run_beside(
        capsys, "replay", "--data", str(data), "--catalog", str(catalog), "--since", "1h", "--dry-run"
    )
    assert end.code == 0
    assert lines(end) == [
        "3 lead(s) replayed: 3 the same, 0 otherwise (0 request(s), 0 outcome(s), 0 result(s))"
    ]


async def test_what_would_be_otherwise_is_told_lead_by_lead_and_summed_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, catalog = await a_recorded_market(tmp_path)
    changed = orjson.loads(catalog.read_bytes())
    changed["flows"][0]["steps"] = [{"waterfall": {"steps": [{"deliver": "buyer"}, {"deliver": "second"}]}}]
    changed["destinations"][0]["mapping"][1]["value"] = "{{lowercase first_name}}"
    new = tmp_path / "new.yaml"
    new.write_bytes(orjson.dumps(changed))
    argv = ("replay", "--data", str(data), "--catalog", str(new), "--assume", "success")
    told = await run_beside(capsys, *argv)
    as_json = await run_beside(capsys, *argv, "--json")
    none = await run_beside(capsys, *argv, "--flow", "second_chance")
    assert told.code == 1
    assert "flow loans: failure -> success" in told.out
    assert "  second: not in the flow -> success, assumed: nothing is recorded" in told.out
    assert '    + > {"name":"bob"}' in told.out
    assert lines(told)[-3:] == [
        "3 lead(s) replayed: 0 the same, 3 otherwise (3 request(s), 3 outcome(s), 2 result(s))",
        "sold to second: 0 -> 2",
        "2 answer(s) assumed, because nothing is recorded of them (--assume)",
    ]
    assert [orjson.loads(line)["result"]["after"] for line in lines(as_json)] == ["success"] * 3
    assert "0 lead(s) replayed" in none.out


async def test_a_folder_without_a_journal_and_a_catalog_with_errors_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, catalog = await a_recorded_market(tmp_path)
    nowhere = await run_beside(capsys, "replay", "--data", str(tmp_path / "x"), "--catalog", str(catalog))
    catalog.write_text("flows: [{}]")
    wrong = await run_beside(capsys, "replay", "--data", str(data), "--catalog", str(catalog))
    assert (nowhere.code, wrong.code) == (2, 2)
    assert "there is no journal" in nowhere.err
    assert "refused" in wrong.err
