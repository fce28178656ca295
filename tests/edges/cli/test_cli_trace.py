"""A lead is found by either of its names and drawn, from a server or from its folder."""

from pathlib import Path
from uuid import uuid4
from xml.etree import ElementTree as ET

import pytest

from edges.cli.commands import run, run_beside
from leadrelay.edges.cli.exits import Exit
from servers import ACCEPTS, a_catalog, a_destination, a_flow, a_server, deliver, recipients

pytestmark = pytest.mark.timeout(60)
Capsys = pytest.CaptureFixture[str]


async def test_a_lead_is_found_by_its_id_and_by_its_request_id_of_any_form(
    tmp_path: Path, capsys: Capsys
) -> None:
    """Many request ids are UUIDs, and so are lead ids; both may be written in capitals."""
    request_ids = ["r-1", str(uuid4()), str(uuid4()).upper()]
    async with recipients(buyer=ACCEPTS) as served:
        catalog = a_catalog(
            tmp_path, a_destination("buyer", served["buyer"].port), a_flow("loans", {"deliver": "buyer"})
        )
        async with a_server(tmp_path, catalog) as address:
            names: dict[str, str] = {}
            for request_id in request_ids:
                lead_id = (await deliver(address, "loans", request_id=request_id)).lead_id
                names |= {request_id: lead_id, lead_id: lead_id, lead_id.upper(): lead_id}
            for name, lead_id in names.items():
                asked = await run_beside(capsys, "trace", "--server", address, name)
                assert (asked.code, asked.err) == (Exit.OK, "")
                assert lead_id in asked.out
            unknown = await run_beside(capsys, "trace", "--server", address, str(uuid4()))
    assert unknown.code == Exit.FAILURE
    assert "no lead" in unknown.err
    for name, lead_id in names.items():
        read = await run_beside(capsys, "trace", "--data", str(tmp_path / "data"), name)
        assert (read.code, read.err) == (Exit.OK, "")
        assert lead_id in read.out
    picture = tmp_path / "lead.svg"
    drawn = await run_beside(capsys, "trace", "--data", str(tmp_path / "data"), "r-1", "--svg", str(picture))
    assert (drawn.code, drawn.out) == (Exit.OK, "")
    assert ET.fromstring(picture.read_bytes()).tag.endswith("svg")  # noqa: S314 (our own)


async def test_what_is_drawn_from_a_server_is_what_is_drawn_from_its_folder(
    tmp_path: Path, capsys: Capsys
) -> None:
    async with recipients(buyer=ACCEPTS) as served:
        catalog = a_catalog(
            tmp_path, a_destination("buyer", served["buyer"].port), a_flow("loans", {"deliver": "buyer"})
        )
        async with a_server(tmp_path, catalog) as address:
            lead_id = (await deliver(address, "loans", {"email": "a", "source": "s"})).lead_id
            asked = await run_beside(capsys, "trace", "--server", address, lead_id)
            beside = await run_beside(capsys, "trace", "--data", str(tmp_path / "data"), lead_id)
    assert asked.out == beside.out


@pytest.mark.parametrize("kind", ["nowhere", "a file", "an empty folder", "no database"])
def test_a_folder_that_is_no_journal_is_told_in_a_sentence(kind: str, tmp_path: Path, capsys: Capsys) -> None:
    path = tmp_path / "data"
    if kind == "a file":
        path.write_text("x")
    elif kind != "nowhere":
        path.mkdir()
        if kind == "no database":
            (path / "journal.db").write_text("this is no database at all, but a text")
    end = run(capsys, "trace", "--data", str(path), "r-1")
    assert (end.code, end.out) == (Exit.USAGE, "")
    assert str(path) in end.err


def test_a_picture_that_cannot_be_written_and_a_server_that_is_not_there(
    tmp_path: Path, capsys: Capsys
) -> None:
    end = run(capsys, "trace", "--server", "127.0.0.1:9", "r-1")
    assert (end.code, end.out) == (Exit.UNAVAILABLE, "")
