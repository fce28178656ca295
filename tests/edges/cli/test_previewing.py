"""A preview without a server is the answer that a server would give."""

from pathlib import Path

import pytest

from catalog_texts import of_rest
from leadrelay.edges.cli.exits import Stop
from leadrelay.edges.cli.previewing import Refused, previews, read_catalog, request_for

NOWHERE = "127.0.0.1:9"


def a_catalog(folder: Path, more: str = "") -> Path:
    path = folder / "c.yaml"
    path.write_text(of_rest(f"auth: [{{bearer: {{token: {{secret: not-stored}}}}}}]\n{more}"))
    return path


def test_a_catalog_of_ones_own_needs_neither_a_server_nor_its_secrets(tmp_path: Path) -> None:
    request = request_for("crm", {"email": "a@b.c"}, source="radio", flow="f", reply=None)
    assert (request.lead.source, request.flow) == ("radio", "f")
    with previews(NOWHERE, [a_catalog(tmp_path)]) as ask:
        seen = ask(request)
    assert seen.request.body == '{"email":"a@b.c"}'
    assert seen.request.headers["Authorization"] == "***"


def test_a_catalog_that_is_refused_tells_every_problem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = a_catalog(tmp_path, "colour: red\nshape: round")
    with pytest.raises(Stop) as stop:
        read_catalog([path])
    assert stop.value.code == 2
    err = capsys.readouterr().err
    assert f"{path}:6: destinations[crm]: unknown key `colour`" in err
    assert f"{path}:7: destinations[crm]: unknown key `shape`" in err


def test_an_unknown_destination_ends_the_verb_with_the_nearest_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    request = request_for("cmr", {"email": "a"}, source="", flow="", reply=None)
    with pytest.raises(Stop) as stop, previews(NOWHERE, [a_catalog(tmp_path)]) as ask:
        ask(request)
    assert stop.value.code == 2
    assert "did you mean 'crm'?" in capsys.readouterr().err


def test_one_lead_that_is_none_leaves_the_others_alone(tmp_path: Path) -> None:
    with previews(NOWHERE, [a_catalog(tmp_path)]) as ask:
        with pytest.raises(Refused, match="is empty"):
            ask(request_for("crm", {}, source="", flow="", reply=None))
        with pytest.raises(Refused, match="more digits than"):
            request_for("crm", {"a": [2**60]}, source="", flow="", reply=None)
        assert ask(request_for("crm", {"email": "a"}, source="", flow="", reply=None)).request.body


def test_a_server_that_is_not_there_ends_the_verb(capsys: pytest.CaptureFixture[str]) -> None:
    request = request_for("crm", {"email": "a"}, source="", flow="", reply=None)
    with pytest.raises(Stop) as stop, previews(NOWHERE, []) as ask:
        ask(request)
    assert stop.value.code == 5
    assert NOWHERE in capsys.readouterr().err
