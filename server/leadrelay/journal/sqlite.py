"""The journal in one SQLite file: nothing to install, nothing to run beside the server.

One connection writes, a few read; in WAL mode a reader never waits for a commit. A batch is three
statements in one transaction. A batch with a parcel that does not fit is undone and recorded again
parcel by parcel, so that the rare refusal costs time and the ordinary batch pays nothing for it.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Self

from leadrelay.core.errors import AlreadyReceived, JournalError
from leadrelay.core.limits.caps import Claim, Count
from leadrelay.core.sealed import Sealed
from leadrelay.journal import rows, sqlite_books, sqlite_caps, sqlite_file
from leadrelay.journal.store import (
    CatalogNote,
    Committed,
    Counts,
    LeadFilter,
    Parcel,
    Place,
    Row,
    Sums,
    Times,
)

# A number that does not follow becomes NULL, which the table refuses, as the index refuses one that
# exists: both for the price of one look into an index that the insert is about to read anyway.
# Its values are the lead and the number, and then the row: `?` binds to one place only.
INSERT_FACT = """
    INSERT INTO facts (lead, number, at, kind, body) VALUES (
        ?,
        CASE ? WHEN 1 THEN 1 ELSE (SELECT number + 1 FROM facts WHERE lead = ? AND number = ? - 1) END,
        ?, ?, CAST(? AS TEXT)
    )"""
INSERT_LEAD = """
    INSERT INTO leads (lead, request_id, digest, flow, catalog_version, received_at, source, again_of)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
TURN_LEAD = """
    UPDATE leads SET settled_at = ?2, result = ?3, due_at = ?4 WHERE lead = ?1"""
DRAW = "INSERT INTO pools (name, drawn) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET drawn = drawn + 1"
HOLDER = "SELECT lead, digest FROM leads WHERE request_id = ? AND request_id <> ''"
INSERT_ENVELOPE = """
    INSERT OR REPLACE INTO secrets (name, version, updated_at, key_id, data_key, content)
    VALUES (:name, :version, :updated_at, :key_id, :data_key, :content)"""
REWRAP_ENVELOPE = """
    UPDATE secrets SET key_id = :key_id, data_key = :data_key
    WHERE name = :name AND version = :version AND updated_at = :updated_at"""

# What a single row can be to blame for; anything else is trouble with the database itself.
UNFIT = (sqlite3.IntegrityError, sqlite3.DataError, OverflowError)


class SqliteStore:
    """A Store in a data folder. Made by `open` or `open_to_read`."""

    def __init__(
        self,
        folder: Path,
        writer: sqlite3.Connection,
        let_go: Callable[[sqlite3.Connection, sqlite_file.Place], None],
    ) -> None:
        self._folder, self._writer, self._let_go = folder, writer, let_go
        self._place = sqlite_file.Place(folder)
        self._readers: list[sqlite3.Connection] = []  # the idle ones

    @classmethod
    def open(cls, folder: Path, *, max_pages: int | None = None) -> Self:
        """The journal of a server, created if there is none; `max_pages` of 4 KiB limit its size.

        Raises JournalError when another server uses the folder, when a newer version wrote it, and
        when it cannot be used.
        """
        with sqlite_file.explained(folder):
            sqlite_file.create(folder)
            lock = sqlite_file.FolderLock(folder)
            try:
                writer = sqlite_file.connect_writer(folder, max_pages)
            except BaseException:
                lock.release()
                raise

        def let_go(writer: sqlite3.Connection, place: sqlite_file.Place) -> None:
            sqlite_file.close_writer(writer, place)
            lock.release()

        return cls(folder, writer, let_go)

    @classmethod
    def open_to_read(cls, folder: Path) -> Self:
        """The journal of any server, running or not. Nothing is created; whatever writes is refused."""
        with sqlite_file.explained(folder):
            return cls(folder, sqlite_file.connect_reader(folder), lambda reader, _: reader.close())

    def commit(self, batch: Sequence[Parcel]) -> Committed:
        with self._transaction() as db:
            refused: dict[int, AlreadyReceived | JournalError] = {}
            try:
                drawn = _insert(db, batch)
            except UNFIT:
                db.execute("ROLLBACK")
                db.execute("BEGIN IMMEDIATE")
                drawn, refused = _insert_one_by_one(db, batch)
            return Committed(_last(db), drawn, refused)

    def move_cursor(self, name: str, seq: int) -> None:
        with self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO cursors (name, seq) VALUES (?, ?)", (name, seq))

    def save_catalog(self, body: bytes, at: int) -> int:
        with self._transaction() as db:
            return db.execute("INSERT INTO catalogs (at, body) VALUES (?, ?)", (at, body)).lastrowid or 0

    def put_secret(self, secret: Sealed) -> None:
        with self._transaction() as db:
            db.execute(INSERT_ENVELOPE, asdict(secret))

    def delete_secrets(self, names: Sequence[str]) -> int:
        with self._transaction() as db:
            return db.executemany("DELETE FROM secrets WHERE name = ?", [(name,) for name in names]).rowcount

    def rewrap_secrets(self, secrets: Sequence[Sealed]) -> int:
        with self._transaction() as db:
            return db.executemany(REWRAP_ENVELOPE, [asdict(secret) for secret in secrets]).rowcount

    def read(self, lead: bytes, after: int, limit: int) -> list[Row]:
        found = self._all(
            "SELECT lead, number, at, kind, CAST(body AS BLOB) FROM facts"
            " WHERE lead = ? AND number > ? ORDER BY number LIMIT ?",
            lead, after, limit,
        )  # fmt: skip
        return [Row._make(line) for line in found]

    def since(self, seq: int, limit: int) -> list[tuple[int, Row]]:
        found = self._all(
            "SELECT seq, lead, number, at, kind, CAST(body AS BLOB) FROM facts"
            " WHERE seq > ? ORDER BY seq LIMIT ?",
            seq, limit,
        )  # fmt: skip
        return [(line[0], Row._make(line[1:])) for line in found]

    def last(self) -> int:
        with self._reading() as db:
            return _last(db)

    def find(self, request_id: str) -> bytes | None:
        found = self._all(HOLDER, request_id)
        return found[0][0] if found else None

    def unsettled(self, after: bytes, limit: int) -> list[bytes]:
        found = self._all(
            "SELECT lead FROM leads WHERE settled_at IS NULL AND due_at IS NULL AND lead > ?"
            " ORDER BY lead LIMIT ?",
            after, limit,
        )  # fmt: skip
        return [lead for (lead,) in found]

    def due(self, after: tuple[int, bytes], limit: int) -> list[tuple[int, bytes]]:
        return self._all(
            "SELECT due_at, lead FROM leads WHERE due_at IS NOT NULL AND (due_at, lead) > (?, ?)"
            " ORDER BY due_at, lead LIMIT ?",
            *after, limit,
        )  # fmt: skip

    def waiting(self, cap: str, after: tuple[bytes, str], limit: int) -> list[tuple[bytes, str]]:
        return self._all(sqlite_caps.IN_LINE, cap, *after, limit)

    def waited_for(self) -> list[str]:
        return [cap for (cap,) in self._all(sqlite_caps.WAITED_FOR)]

    def advance(self, limit: int) -> bool:
        with self._transaction() as db:
            return sqlite_books.advance(db, limit)

    def matching(self, wanted: LeadFilter, after: bytes, limit: int, *, newest_first: bool) -> list[bytes]:
        with self._reading() as db:
            return sqlite_books.matching(db, wanted, after, limit, newest_first=newest_first)

    def family(self, lead: bytes) -> list[tuple[bytes, str | None]]:
        with self._reading() as db:
            return sqlite_books.family(db, lead)

    def flow_of(self, lead: bytes) -> str | None:
        found = self._all("SELECT flow FROM leads WHERE lead = ?", lead)
        return found[0][0] if found else None

    def sums(self, by: str, since: int, until: int) -> list[Sums]:
        with self._reading() as db:
            return sqlite_books.sums(db, by, since, until)

    def leads_by(self, by: str, since: int, until: int) -> dict[str, int]:
        with self._reading() as db:
            return sqlite_books.leads_by(db, by, since, until)

    def times(self, by: str, since: int, until: int) -> list[Times]:
        with self._reading() as db:
            return sqlite_books.times(db, by, since, until)

    def counts(self) -> Counts:
        with self._reading() as db:
            leads, settled = db.execute("SELECT count(*), count(settled_at) FROM leads").fetchone()
            return Counts(leads, settled, facts=_last(db))  # no line of facts is ever removed

    def cursor(self, name: str) -> int:
        found = self._all("SELECT seq FROM cursors WHERE name = ?", name)
        return int(found[0][0]) if found else 0

    def catalog(self, version: int) -> bytes | None:
        found = self._all("SELECT body FROM catalogs WHERE version = ?", version)
        return found[0][0] if found else None

    def latest_catalog(self) -> tuple[int, bytes] | None:
        found = self._all("SELECT version, body FROM catalogs ORDER BY version DESC LIMIT 1")
        return found[0] if found else None

    def catalogs(self) -> list[CatalogNote]:
        found = self._all("SELECT version, at, length(body) FROM catalogs ORDER BY version")
        return [CatalogNote(*line) for line in found]

    def places(self) -> list[Place]:
        return [sqlite_caps.place(line) for line in self._all(sqlite_caps.PLACES)]

    def sold(self) -> list[tuple[Claim, Count]]:
        return [sqlite_caps.sold(line) for line in self._all(sqlite_caps.SOLD)]

    def secrets(self) -> list[Sealed]:
        found = self._all(
            "SELECT name, version, updated_at, key_id, data_key, content FROM secrets ORDER BY name"
        )
        names = ("name", "version", "updated_at", "key_id", "data_key", "content")
        return [Sealed(**dict(zip(names, line, strict=True))) for line in found]

    def close(self) -> None:
        while self._readers:
            self._readers.pop().close()
        self._let_go(self._writer, self._place)

    def _all(self, query: str, *values: object) -> list[Any]:
        with self._reading() as db:
            return db.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        db = self._writer
        with sqlite_file.explained(self._folder):
            self._place.check()
            try:
                db.execute("BEGIN IMMEDIATE")
                yield db
                db.execute("COMMIT")
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with sqlite_file.explained(self._folder):
            try:
                db = self._readers.pop()
            except IndexError:
                self._place.check()
                db = sqlite_file.connect_reader(self._folder)
            try:
                yield db
            finally:
                self._readers.append(db)


def _insert(db: sqlite3.Connection, batch: Sequence[Parcel]) -> dict[int, Row]:
    """Record parcels; the first rows of those that drew, by index."""
    drawn = {place: _draw(db, parcel) for place, parcel in enumerate(batch) if parcel.pools}
    if drawn:
        batch = [
            replace(parcel, rows=[drawn[place], *parcel.rows[1:]]) if place in drawn else parcel
            for place, parcel in enumerate(batch)
        ]
    if receipts := [line for parcel in batch for line in parcel.receipts]:
        db.executemany(INSERT_LEAD, receipts)
    db.executemany(INSERT_FACT, ((*row[:2], *row) for parcel in batch for row in parcel.rows))
    if turns := [line for parcel in batch for line in parcel.turns]:
        db.executemany(TURN_LEAD, [line[:4] for line in turns])
        sqlite_caps.change_waits(db, turns)
    for parcel in batch:
        for change in parcel.places:
            sqlite_caps.change_place(db, change)
    return drawn


def _draw(db: sqlite3.Connection, parcel: Parcel) -> Row:
    """The parcel's first row with the next number of each of its pools."""
    numbers = {}
    for pool in parcel.pools:
        db.execute(DRAW, (pool,))
        (numbers[pool],) = db.execute("SELECT drawn FROM pools WHERE name = ?", (pool,)).fetchone()
    return rows.drawn(parcel.rows[0], numbers)


def _insert_one_by_one(
    db: sqlite3.Connection, batch: Sequence[Parcel]
) -> tuple[dict[int, Row], dict[int, AlreadyReceived | JournalError]]:
    drawn: dict[int, Row] = {}
    refused: dict[int, AlreadyReceived | JournalError] = {}
    for place, parcel in enumerate(batch):
        db.execute("SAVEPOINT parcel")
        try:
            for row in _insert(db, [parcel]).values():
                drawn[place] = row
        except UNFIT as error:
            db.execute("ROLLBACK TO parcel")
            refused[place] = _why(db, parcel, error)
        db.execute("RELEASE parcel")
    return drawn, refused


def _why(db: sqlite3.Connection, parcel: Parcel, error: Exception) -> AlreadyReceived | JournalError:
    for receipt in parcel.receipts:
        if holder := db.execute(HOLDER, (receipt.request_id,)).fetchone():
            return AlreadyReceived(rows.text(holder[0]), holder[1])
    reached: dict[bytes, int] = {}
    for row in parcel.rows:
        last = reached.get(row.lead) or _last_number(db, row.lead)
        if row.number != last + 1:
            return JournalError(
                f"entry {row.number} of lead {rows.text(row.lead)} does not follow its last one, {last}: "
                f"nothing of this append was recorded"
            )
        reached[row.lead] = row.number
    leads = ", ".join(sorted({rows.text(row.lead) for row in parcel.rows}))
    return JournalError(f"an entry of lead {leads} does not fit the journal: {type(error).__name__}")


def _last_number(db: sqlite3.Connection, lead: bytes) -> int:
    return int(db.execute("SELECT coalesce(max(number), 0) FROM facts WHERE lead = ?", (lead,)).fetchone()[0])


def _last(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT coalesce(max(seq), 0) FROM facts").fetchone()[0])
