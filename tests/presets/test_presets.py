"""All presets: sound, with examples that pass, previewed with a secret of nobody, and told of in the docs."""

import json
import re
from pathlib import Path

import pytest

from leadrelay.edges.catalog.files import read_paths
from leadrelay.edges.catalog.load import Loaded, load
from leadrelay.edges.catalog.problems import CatalogRefused
from leadrelay.edges.cli.trying import try_example
from leadrelay.runtime.clock import WallClock
from presets.staging import JULIA, PRESETS
from servers import ROOT, command


def loaded(path: Path) -> Loaded:
    return load(read_paths([path]), secret_names=None)


FILES = sorted(PRESETS.glob("*.yaml"))
NAMES = [file.stem for file in FILES]
DESTINATIONS = [
    (file, destination.name) for file in FILES for destination in loaded(file).message.destinations
]


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_a_preset_is_sound_and_its_examples_pass(file: Path) -> None:
    preset = loaded(file)
    assert [str(warning) for warning in preset.warnings] == []
    for destination in preset.message.destinations:
        assert len(destination.examples) >= 2
        for example in destination.examples:
            compiled = preset.catalog.destinations[destination.name]
            assert try_example(preset.catalog, compiled, example, WallClock().now()) == [], example.name


def test_all_of_them_stand_beside_each_other_in_one_catalog() -> None:
    assert len(loaded(PRESETS).catalog.destinations) == len(DESTINATIONS)


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_a_preset_says_how_to_start_and_where_the_service_documents_it(file: Path) -> None:
    comment = " ".join(line.lstrip("# ") for line in file.read_text().splitlines() if line.startswith("#"))
    assert "To start:" in comment
    if not file.stem.endswith("_buyer"):  # those are of nobody in particular
        assert re.search(r"[Dd]ocumented (at|in)", comment)
    for secret in re.findall(r"secret: ([\w-]+)", file.read_text()):
        assert f"leadrelay secrets put {secret}" in comment


@pytest.mark.parametrize(("file", "name"), DESTINATIONS, ids=[name for _, name in DESTINATIONS])
def test_what_it_would_send_is_shown_by_the_command(file: Path, name: str, tmp_path: Path) -> None:
    lead = tmp_path / "lead.json"
    lead.write_text(json.dumps(JULIA | {"ssn": "078-05-1120"}))
    done = command("preview", name, "--lead", str(lead), "--catalog", str(file), "--json")
    if name == "post_buyer":  # it needs a bid, which no single lead has
        assert done.returncode == 1
        assert "ping_id: it is required" in done.stdout
        return
    assert done.returncode == 0, done.stderr
    request = json.loads(done.stdout)["request"]
    body = " ".join(str(request.get("body", "")).split())
    assert (
        "julia.white%40example.net" in body
        or "ulia.white@example.net" in body.lower()
        or name == "ping_buyer"
    )
    assert "1120" not in done.stdout


def test_the_docs_list_every_preset() -> None:
    page = (ROOT / "docs" / "presets.md").read_text()
    assert set(re.findall(r"\(\.\./examples/presets/([\w]+)\.yaml\)", page)) == set(NAMES)


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_a_preset_whose_secret_is_missing_is_refused_with_the_command_that_stores_it(file: Path) -> None:
    names = set(re.findall(r"secret: ([\w-]+)", file.read_text()))
    if not names:
        assert loaded(file).catalog.destinations
        return
    with pytest.raises(CatalogRefused) as refusal:
        load(read_paths([file]), secret_names=set())
    for name in names:
        assert f"there is no secret `{name}`" in str(refusal.value)
        assert f"leadrelay secrets put {name}" in str(refusal.value)
