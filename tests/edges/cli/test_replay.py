"""`leadrelay replay`: recorded leads against a changed catalog, from a data folder."""

from pathlib import Path

import orjson
import pytest

from edges.cli.commands import lines, run_beside
from edges.market import a_market
from servers import a_catalog, a_flow, a_server, deliver
from soap_service import SCHEMA, a_soap_service, wsdl


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


async def test_soap_requests_are_compared_where_the_wsdl_is_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """But for what is of the moment: the time and the nonce of a UsernameToken."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "pw").write_text("s3cret")
    destination = {
        "name": "crm",
        "soap": {"wsdl": "crm.wsdl", "operation": "AddLead"},
        "mapping": [
            {"to": "campaign", "value": "solar"},
            {"to": "lead.FirstName", "value": "{{first_name}}"},
            {"to": "lead.Email", "value": "{{email}}"},
        ],
        "auth": [{"wsse": {"username": "relay", "password": {"secret": "pw"}, "digest": True}}],
        "reading": {"rules": [{"outcome": "success", "match": [{"path": "//Status", "equals": "accepted"}]}]},
    }
    async with a_soap_service(password="s3cret") as service:
        (tmp_path / "crm.wsdl").write_text(wsdl(f"http://127.0.0.1:{service.port}/leads"))
        (tmp_path / "types.xsd").write_text(SCHEMA)
        catalog = a_catalog(tmp_path, destination, a_flow("f", {"deliver": "crm"}))
        async with a_server(tmp_path, catalog, secrets=tmp_path / "secrets") as address:
            await deliver(address, "f", {"email": "ann@example.com", "first_name": "Ann"})
    argv = ("replay", "--data", str(tmp_path / "data"), "--catalog")
    same = await run_beside(capsys, *argv, str(catalog))
    destination["mapping"][1]["value"] = "{{uppercase first_name}}"  # type: ignore[index]
    changed = a_catalog(tmp_path, destination, a_flow("f", {"deliver": "crm"}))
    otherwise = await run_beside(capsys, *argv, str(changed))
    destination["soap"]["wsdl"] = f"http://127.0.0.1:{service.port}/?wsdl"  # type: ignore[index]
    elsewhere = a_catalog(tmp_path, destination, a_flow("f", {"deliver": "crm"}))
    unread = await run_beside(capsys, *argv, str(elsewhere))
    assert (same.code, otherwise.code, unread.code) == (0, 1, 0)
    assert "FirstName>ANN</" in otherwise.out
    assert "crm: its requests are not compared: the WSDL is not in files alone" in unread.err
