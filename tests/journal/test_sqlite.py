"""The SQLite store keeps the promises of every store, and outlives trouble with its file."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from journal.samples import a_secret, key, parcel, receipt, row
from journal.store_conformance import ALL, OpenStore, StoreConformance
from leadrelay.core.errors import JournalError
from leadrelay.journal.sqlite import SqliteStore
from leadrelay.journal.sqlite_file import DATABASE

PAGE = 4096


class TestSqliteStore(StoreConformance):
    @pytest.fixture
    def open_store(self, tmp_path: Path) -> OpenStore:
        return lambda: SqliteStore.open(tmp_path / "data")


def test_a_full_disk_refuses_a_batch_and_the_next_one_that_fits_is_recorded(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path, max_pages=64)
    store.commit([receipt(1)])
    for _ in range(2):
        with pytest.raises(JournalError, match=r"full.*make room"):
            store.commit([receipt(2), parcel(row(1, 2, b"x" * 100 * PAGE))])
    assert store.commit([receipt(3), parcel(row(1, 2))]).refused == {}
    assert store.unsettled(b"", ALL) == [key(1), key(3)]
    with pytest.raises(JournalError, match="full"):
        store.save_catalog(b"x" * 100 * PAGE, 0)
    assert store.save_catalog(b"x", 0) == 1
    store.close()


def test_a_full_disk_is_found_also_while_a_batch_is_taken_apart(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path, max_pages=64)
    with pytest.raises(JournalError, match="full"):
        store.commit([parcel(row(9, 7)), receipt(1), parcel(row(1, 2, b"x" * 100 * PAGE))])
    assert store.counts().facts == 0
    assert list(store.commit([parcel(row(9, 7)), receipt(1)]).refused) == [0]
    store.close()


def test_a_folder_that_was_moved_takes_nothing_until_it_is_back(tmp_path: Path) -> None:
    """Writing would go on into a file without a name, and what was told as durable would be gone."""
    store = SqliteStore.open(tmp_path / "data")
    store.commit([receipt(1)])
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    with pytest.raises(JournalError, match="was moved or deleted while the server ran"):
        store.commit([receipt(2)])
    (tmp_path / "elsewhere").rename(tmp_path / "data")
    store.commit([receipt(2)])
    assert store.unsettled(b"", ALL) == [key(1), key(2)]
    store.close()


def test_a_server_whose_folder_was_moved_leaves_the_one_that_took_its_place_alone(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "data")
    store.commit([receipt(1)])
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    other = SqliteStore.open(tmp_path / "data")
    other.commit([receipt(2)])
    with pytest.raises(JournalError, match="was moved or deleted"):
        store.unsettled(b"", ALL)
    store.close()
    other.commit([receipt(3)])
    reader = SqliteStore.open_to_read(tmp_path / "data")
    assert reader.counts().leads == 2
    reader.close()
    other.close()
    moved = SqliteStore.open(tmp_path / "elsewhere")
    assert moved.unsettled(b"", ALL) == [key(1)]
    moved.close()


def test_a_damaged_file_is_told_to_whoever_meets_the_damage(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path)
    store.commit([receipt(place) for place in range(1, 400)])
    store.close()
    with sqlite3.connect(tmp_path / DATABASE) as database:
        (first,) = database.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'facts'").fetchone()
    database.close()
    with (tmp_path / DATABASE).open("r+b") as file:
        file.seek((first - 1) * PAGE)  # what the database says of itself is in the pages before
        file.write(b"\xff" * PAGE)
    store = SqliteStore.open(tmp_path)
    for _ in range(2):
        with pytest.raises(JournalError, match=r"is damaged.*restore a backup"):
            store.commit([receipt(1000)])
        with pytest.raises(JournalError, match="is damaged"):
            store.read(key(1), 0, ALL)
    store.close()


def test_a_reader_waits_for_no_commit_and_sees_none_before_its_end(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path)
    store.commit([receipt(1)])
    other = sqlite3.connect(tmp_path / DATABASE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("DELETE FROM leads")
    assert store.unsettled(b"", ALL) == [key(1)]
    other.execute("ROLLBACK")
    other.close()
    store.close()


def test_the_facts_can_be_read_with_the_shell_of_the_database(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path)
    store.commit([receipt(1), parcel(row(1, 2, b'{"delivery": "crm"}'))])
    shell = sqlite3.connect(tmp_path / DATABASE)
    query = "SELECT hex(lead), json_extract(body, '$.delivery') FROM facts WHERE number = 2"
    assert shell.execute(query).fetchone() == (key(1).hex().upper(), "crm")
    shell.close()
    store.close()


def test_of_secrets_that_do_not_fit_on_the_disk_none_is_put_under_another_key(tmp_path: Path) -> None:
    """A rotation is one commit, also when it breaks off half way (behaviour 9)."""
    store = SqliteStore.open(tmp_path, max_pages=64)
    secrets = [a_secret(f"s-{number:02}") for number in range(30)]
    for secret in secrets:
        store.put_secret(secret)
    grown = [replace(secret, key_id="new", data_key=b"x" * 2 * PAGE) for secret in secrets]
    with pytest.raises(JournalError, match="full"):
        store.rewrap_secrets(grown)
    assert store.secrets() == secrets
    assert store.rewrap_secrets([replace(secret, key_id="new") for secret in secrets]) == 30
    store.close()


def test_a_secret_that_was_replaced_or_deleted_is_wiped_from_the_file(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path)
    former = b"former envelope " * 1000
    store.put_secret(a_secret("a", content=former))
    store.put_secret(a_secret("b", content=former))
    store.put_secret(a_secret("a", version=2))
    store.delete_secrets(["b"])
    store.close()
    assert b"former envelope" not in (tmp_path / DATABASE).read_bytes()
