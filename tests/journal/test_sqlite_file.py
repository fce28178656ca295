"""Who may use a data folder, and what stays behind in it."""

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.resources import files
from pathlib import Path

import pytest

from journal.samples import a_secret, key, parcel, receipt, row
from leadrelay.core.errors import JournalError
from leadrelay.journal.sqlite import SqliteStore
from leadrelay.journal.sqlite_file import DATABASE, LOCK, connect_writer, explain

ALL = 1000
SERVER = Path(__file__).parents[2] / "server"
RUN_UNTIL_KILLED = """
import sys, time
from pathlib import Path
from leadrelay.journal.sqlite import SqliteStore
from leadrelay.journal.store import Parcel, Receipt, Row
store = SqliteStore.open(Path(sys.argv[1]))
lead = bytes.fromhex(sys.argv[2])
store.commit([Parcel([Row(lead, 1, 0, "LeadReceived", b"{}")], [Receipt(lead, "", "", "", 1, 0)])])
print("open", flush=True)
time.sleep(60)
"""


@contextmanager
def another_server(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process with a store open, with lead 1 in it; killed at the end."""
    command = [sys.executable, "-c", RUN_UNTIL_KILLED, str(folder), key(1).hex()]
    environment = {**os.environ, "PYTHONPATH": str(SERVER)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "open\n"
            yield process
        finally:
            process.kill()


def contents(folder: Path, but: str = "") -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != but}


def test_a_second_server_is_refused_and_told_which_one_holds_the_folder(tmp_path: Path) -> None:
    with another_server(tmp_path) as other:
        with pytest.raises(JournalError) as caught:
            SqliteStore.open(tmp_path)
        assert str(tmp_path) in str(caught.value)
        assert f"process {other.pid}" in str(caught.value)
        assert "data folder of its own" in str(caught.value)


def test_a_killed_server_leaves_its_folder_to_the_next(tmp_path: Path) -> None:
    with another_server(tmp_path):
        pass
    with closing(SqliteStore.open(tmp_path)) as store:
        assert store.unsettled(b"", ALL) == [key(1)]


def test_a_server_may_come_back_to_its_folder_at_once(tmp_path: Path) -> None:
    for _ in range(3):
        store = SqliteStore.open(tmp_path)
        with pytest.raises(JournalError, match="in use by another server"):
            SqliteStore.open(tmp_path)
        store.close()


def test_reading_needs_no_server_and_changes_nothing(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path)
    store.commit([receipt(1)])
    store.close()
    before = contents(tmp_path)
    assert set(before) == {DATABASE, LOCK}
    with closing(SqliteStore.open_to_read(tmp_path)) as reader:
        assert reader.unsettled(b"", ALL) == [key(1)]
        assert reader.read(key(1), 0, ALL) == list(receipt(1).rows)
        assert contents(tmp_path) == before
    assert contents(tmp_path) == before


def test_reading_beside_a_running_server_shows_what_it_commits(tmp_path: Path) -> None:
    with closing(SqliteStore.open(tmp_path)) as store, closing(SqliteStore.open_to_read(tmp_path)) as reader:
        store.commit([receipt(1)])
        assert reader.unsettled(b"", ALL) == [key(1)]
        store.commit([parcel(row(1, 2))])
        assert len(reader.read(key(1), 0, ALL)) == 2


def test_reading_after_a_killed_server_sees_everything_and_changes_no_entry(tmp_path: Path) -> None:
    with another_server(tmp_path):
        pass
    index = f"{DATABASE}-shm"  # drawn up anew by whoever opens the file first
    before = contents(tmp_path, but=index)
    assert f"{DATABASE}-wal" in before
    with closing(SqliteStore.open_to_read(tmp_path)) as reader:
        assert reader.unsettled(b"", ALL) == [key(1)]
    assert contents(tmp_path, but=index) == before


def test_a_reader_that_stays_does_not_keep_a_server_from_starting_or_stopping(tmp_path: Path) -> None:
    SqliteStore.open(tmp_path).close()
    with closing(SqliteStore.open_to_read(tmp_path)) as reader:
        assert reader.last() == 0
        for place in (1, 2):
            store = SqliteStore.open(tmp_path)
            store.commit([receipt(place)])
            store.close()
            assert reader.counts().leads == place


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    SqliteStore.open(tmp_path).close()
    with closing(SqliteStore.open_to_read(tmp_path)) as reader:
        with pytest.raises(JournalError, match="cannot be written to"):
            reader.commit([receipt(1)])
        with pytest.raises(JournalError, match="cannot be written to"):
            reader.move_cursor("traces", 1)
        with pytest.raises(JournalError, match="cannot be written to"):
            reader.put_secret(a_secret("a"))


def test_reading_where_no_journal_is_creates_none(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(JournalError, match="there is no journal in"):
            SqliteStore.open_to_read(folder)
    assert list(tmp_path.iterdir()) == []


def test_a_schema_from_the_future_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    SqliteStore.open(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / DATABASE)) as database:
        database.execute("PRAGMA user_version = 99")
    before = contents(tmp_path, but=LOCK)
    for opened in (SqliteStore.open, SqliteStore.open, SqliteStore.open_to_read):
        with pytest.raises(JournalError, match=r"schema 99, written by a newer leadrelay"):
            opened(tmp_path)
    assert contents(tmp_path, but=LOCK) == before


def test_a_schema_from_the_past_is_only_changed_by_a_server(tmp_path: Path) -> None:
    tmp_path.joinpath(DATABASE).touch()
    with pytest.raises(JournalError, match="start this version's server"):
        SqliteStore.open_to_read(tmp_path)
    SqliteStore.open(tmp_path).close()
    SqliteStore.open_to_read(tmp_path).close()


def test_a_journal_from_before_there_were_secrets_keeps_its_facts(tmp_path: Path) -> None:
    first = files("leadrelay.journal").joinpath("schema", "0001_first.sql").read_text()
    with closing(sqlite3.connect(tmp_path / DATABASE)) as database:
        database.executescript(f"{first} PRAGMA user_version = 1;")
        database.execute("INSERT INTO catalogs (at, body) VALUES (1, x'00ff')")
        database.commit()
    with pytest.raises(JournalError, match="has an older schema"):
        SqliteStore.open_to_read(tmp_path)
    with closing(SqliteStore.open(tmp_path)) as store:
        assert store.latest_catalog() == (1, b"\x00\xff")
        assert store.secrets() == []
        store.put_secret(a_secret("a"))
        assert store.secrets() == [a_secret("a")]


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    letter = b"Dear buyer, " * 1000
    (tmp_path / DATABASE).write_bytes(letter)
    for opened in (SqliteStore.open, SqliteStore.open_to_read):
        with pytest.raises(JournalError, match="is not a journal"):
            opened(tmp_path)
    assert (tmp_path / DATABASE).read_bytes() == letter


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(JournalError, match="cannot be used"):
        SqliteStore.open(tmp_path / "file" / "data")


def test_a_commit_waits_for_the_disk(tmp_path: Path) -> None:
    SqliteStore.open(tmp_path).close()
    with closing(connect_writer(tmp_path)) as writer:
        assert writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert writer.execute("PRAGMA synchronous").fetchone() == (2,)


def test_what_is_removed_is_overwritten(tmp_path: Path) -> None:
    """Not every SQLite is built to do so by itself (behaviour 9)."""
    SqliteStore.open(tmp_path).close()
    with closing(connect_writer(tmp_path)) as writer:
        assert writer.execute("PRAGMA secure_delete").fetchone() == (1,)


def test_leads_are_for_nobody_else_to_read(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    with closing(SqliteStore.open(folder)) as store:
        store.commit([receipt(1)])
        modes = [stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())]
        assert all(mode & 0o077 == 0 for mode in modes)


def test_trouble_without_a_known_meaning_keeps_the_words_of_the_database(tmp_path: Path) -> None:
    with closing(sqlite3.connect(":memory:")) as database, pytest.raises(sqlite3.Error) as caught:
        database.execute("SELECT * FROM missing")
    words = str(explain(caught.value, tmp_path))
    assert "no such table: missing" in words
    assert str(tmp_path) in words
