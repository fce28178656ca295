"""One catalog is in force, and none that a lead runs under is forgotten (behaviour 2)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import orjson
import pytest
import trio

from leadrelay.core.errors import JournalError
from leadrelay.edges.catalog.problems import CatalogRefused
from leadrelay.edges.catalog.shelf import KEPT, Applied, Shelf
from leadrelay.edges.catalog.yaml_source import MAX_FILE_BYTES, SourceFile
from leadrelay.journal.journal import Journal, open_journal
from leadrelay.runtime.clock import WallClock
from servers import a_destination, a_flow


def a_file(*names: str, name: str = "catalog.yaml", **more: object) -> list[SourceFile]:
    """Destinations with these names, and a flow to the first."""
    catalog = {
        "destinations": [a_destination(each, 9, **more) for each in names],
        "flows": [a_flow("loans", {"deliver": names[0]})],
    }
    return [SourceFile(name, orjson.dumps(catalog).decode())]


@asynccontextmanager
async def a_shelf(folder: Path, *secrets: str) -> AsyncIterator[tuple[Shelf, Journal]]:
    async with open_journal(folder) as journal:
        shelf = Shelf(journal, secrets, WallClock())
        await shelf.open()
        yield shelf, journal


async def test_a_server_without_a_catalog_has_an_empty_one(tmp_path: Path) -> None:
    async with a_shelf(tmp_path) as (shelf, _):
        assert (shelf.current.version, shelf.current.flows) == (0, {})
        assert await shelf.applied_at(0) is None


async def test_what_was_applied_is_in_force_also_after_a_restart(tmp_path: Path) -> None:
    async with a_shelf(tmp_path) as (shelf, _):
        applied = await shelf.apply(a_file("crm"))
        assert applied.version == shelf.current.version == 1
        assert [change.what for change in applied.changes] == ["destination crm", "flow loans"]
        before, message = shelf.current, shelf.message
    async with a_shelf(tmp_path) as (shelf, _):
        assert shelf.current.version == 1
        assert shelf.message == message
        assert set(shelf.current.destinations) == set(before.destinations)
        assert shelf.current.destinations["crm"].fingerprint == before.destinations["crm"].fingerprint


async def test_the_same_again_makes_no_new_version(tmp_path: Path) -> None:
    async with a_shelf(tmp_path) as (shelf, _):
        await shelf.apply(a_file("crm"))
        again = await shelf.apply(a_file("crm", name="elsewhere.yaml"))
        assert again == Applied(1, (), again.warnings)


async def test_a_dry_run_says_what_would_change_and_changes_nothing(tmp_path: Path) -> None:
    async with a_shelf(tmp_path) as (shelf, journal):
        would = await shelf.apply(a_file("crm"), dry_run=True)
        assert would.version == shelf.current.version == 0
        assert len(would.changes) == 2
        assert await journal.latest_catalog() is None


@pytest.mark.parametrize(
    "files",
    [
        [],
        [SourceFile("a.yaml", "")],
        [SourceFile("a.yaml", "}{ [")],
        [SourceFile("a.yaml", b"\xff\xfe\x00\xd8")],
        [SourceFile("a.yaml", "destinations: 5")],
        [SourceFile("big.yaml", "# " + "x" * MAX_FILE_BYTES)],
        [SourceFile("", "flows: [{name: x, steps: [{deliver: nowhere}]}]")],
        a_file("crm", auth=[{"bearer": {"token": {"secret": "none-such"}}}]),
    ],
    ids=["no file", "empty", "no YAML", "no text", "no catalog", "too large", "no such name", "no secret"],
)
async def test_what_cannot_be_a_catalog_is_refused_and_changes_nothing(
    tmp_path: Path, files: list[SourceFile]
) -> None:
    async with a_shelf(tmp_path) as (shelf, journal):
        await shelf.apply(a_file("crm"))
        with pytest.raises(CatalogRefused):
            await shelf.apply(files)
        assert shelf.current.version == 1
        assert len(await journal.catalogs()) == 1


async def test_applies_at_the_same_time_are_done_one_after_another(tmp_path: Path) -> None:
    """Each is told the version that it came to and the changes from the one before it."""
    told: dict[str, Applied] = {}

    async def apply(name: str) -> None:
        told[name] = await shelf.apply(a_file(name))

    async with a_shelf(tmp_path) as (shelf, journal):
        async with trio.open_nursery() as nursery:
            for name in "abcdefgh":
                nursery.start_soon(apply, name)
        by_version = sorted(told.items(), key=lambda item: item[1].version)
        assert [applied.version for _, applied in by_version] == list(range(1, 9))
        assert shelf.current.version == 8
        assert set(shelf.current.destinations) == {by_version[-1][0]}
        assert [note.version for note in await journal.catalogs()] == list(range(1, 9))
        for (before, _), (after, applied) in pairwise(by_version):
            changed = {change.what: change.kind for change in applied.changes}
            assert changed[f"destination {after}"] == "added"
            assert changed[f"destination {before}"] == "removed"


async def test_who_gives_up_on_an_apply_leaves_memory_and_disk_of_one_mind(tmp_path: Path) -> None:
    async with a_shelf(tmp_path) as (shelf, journal):
        for version in range(20):
            with trio.move_on_after(0.0005 * version):
                await shelf.apply(a_file(f"d{version}"))
            latest = await journal.latest_catalog()
            assert shelf.current.version == (latest[0] if latest else 0)


async def test_every_version_is_there_for_the_leads_that_run_under_it(tmp_path: Path) -> None:
    async with a_shelf(tmp_path) as (shelf, _):
        for number in range(KEPT + 5):
            await shelf.apply(a_file(f"d{number}"))
        for number in range(KEPT + 5):
            catalog = await shelf.version(number + 1)
            assert set(catalog.destinations) == {f"d{number}"}
        assert await shelf.version(shelf.current.version) is not None
        with pytest.raises(KeyError, match="99"):
            await shelf.version(99)


async def test_a_destination_that_stays_as_it_was_keeps_its_fingerprint(tmp_path: Path) -> None:
    """So it keeps its outlet, with connections, queue and token; also when read from the record."""
    async with a_shelf(tmp_path) as (shelf, _):
        await shelf.apply(a_file("same", "other"))
        first = shelf.current.destinations
        await shelf.apply(a_file("same", "other", "third"))
        assert shelf.current.destinations["same"].fingerprint == first["same"].fingerprint
        await shelf.apply(a_file("same", timeouts={"connect": "1s"}))
        assert shelf.current.destinations["same"].fingerprint != first["same"].fingerprint
    async with a_shelf(tmp_path) as (shelf, _):
        again = await shelf.version(1)
        assert again.destinations["same"].fingerprint == first["same"].fingerprint


async def test_many_leads_of_one_old_version_have_it_compiled_once(tmp_path: Path) -> None:
    async with a_shelf(tmp_path) as (shelf, _):
        await shelf.apply(a_file("old"))
        await shelf.apply(a_file("new"))
    found: list[object] = []

    async def ask() -> None:
        found.append(await shelf.version(1))

    async with a_shelf(tmp_path) as (shelf, _), trio.open_nursery() as nursery:
        for _ in range(50):
            nursery.start_soon(ask)
    assert len(found) == 50
    assert len(set(map(id, found))) == 1


async def test_a_version_that_cannot_be_read_any_more_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with a_shelf(tmp_path) as (shelf, journal):
        await journal.save_catalog(b"\xff\xff\xff", 1)
        await shelf.apply(a_file("crm"))
        for _ in range(3):
            with pytest.raises(ValueError, match="version 1"):
                await shelf.version(1)
    assert caplog.text.count("catalog 1 cannot be read") == 1


async def test_a_version_is_told_as_it_was_applied_and_when(tmp_path: Path) -> None:
    async with a_shelf(tmp_path) as (shelf, _):
        before = WallClock().now()
        await shelf.apply(a_file("crm"))
        message = await shelf.message_of(1)
        assert message == shelf.message
        assert message is not None
        assert message.destinations[0].name == "crm"
        assert await shelf.message_of(2) is None
        assert before <= (await shelf.applied_at(1) or 0) <= WallClock().now()


async def test_nobody_applies_inside_a_rest(tmp_path: Path) -> None:
    async with a_shelf(tmp_path) as (shelf, _):
        async with trio.open_nursery() as nursery, shelf.at_rest():
            nursery.start_soon(shelf.apply, a_file("crm"))
            await trio.sleep(0.05)
            assert shelf.current.version == 0
        assert shelf.current.version == 1


async def test_a_journal_that_fails_leaves_the_old_catalog_in_force(tmp_path: Path) -> None:
    async with a_shelf(tmp_path) as (shelf, journal):
        await shelf.apply(a_file("crm"))

        class Full:
            """A store that has no room for one more."""

            async def save_catalog(self, body: bytes, at: int) -> int:
                raise JournalError("disk full")

            catalog, latest_catalog, catalogs = journal.catalog, journal.latest_catalog, journal.catalogs

        full = Shelf(Full(), (), WallClock())
        await full.open()
        with pytest.raises(JournalError, match="disk full"):
            await full.apply(a_file("other"))
        assert set(full.current.destinations) == {"crm"}
