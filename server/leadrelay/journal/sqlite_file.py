"""The data folder on disk: who may write to it, and which schema it has.

One server at a time writes to a folder. The lock is the kernel's and ends with the process, however
it ends. Reading from outside needs no lock, creates nothing and changes no entry, whether a server
runs, was stopped or was killed: a server that stops leaves one plain file behind, because a database
in WAL mode could not be read without creating files beside it.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path

from leadrelay.core.errors import JournalError
from leadrelay.journal import sqlite_caps

DATABASE = "journal.db"
LOCK = "journal.lock"
PATIENCE = 5.0  # seconds for another program, a backup say, to let go of the database


class FolderLock:
    """The right to write to a data folder."""

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)
        except OSError as error:
            owner = os.pread(self._file, 32, 0).decode("ascii", "replace").strip()
            os.close(self._file)
            if not isinstance(error, BlockingIOError):
                raise
            raise JournalError(
                f"the data folder {folder} is in use by another server (process {owner or 'unknown'}): "
                f"stop that one, or give this one a data folder of its own"
            ) from None

    def release(self) -> None:
        os.close(self._file)


def create(folder: Path) -> None:
    """Make the folder and an empty database, for nobody else to read: leads are personal."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(folder / DATABASE, os.O_RDWR | os.O_CREAT, 0o600))
    names = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(names)  # a new file survives a power cut only once its name does
    finally:
        os.close(names)


class Place:
    """Where the database was when it was opened."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / DATABASE
        self._opened = self._identity()

    def check(self) -> None:
        """Raises JournalError where another file is there now, or none.

        SQLite would go on writing into a file without a name, and all of it would be gone with the server.
        """
        if not self.is_ours:
            raise JournalError(
                f"the journal in {self._folder} was moved or deleted while the server ran: put it back, or "
                f"stop the server"
            )

    @property
    def is_ours(self) -> bool:
        """The file of this name is the one that was opened."""
        try:
            return self._identity() == self._opened
        except (FileNotFoundError, NotADirectoryError):
            return False

    def _identity(self) -> tuple[int, int]:
        found = os.stat(self._file)
        return found.st_dev, found.st_ino


def connect_writer(folder: Path, max_pages: int | None = None) -> sqlite3.Connection:
    """The connection that commits, on a database brought up to this version's schema."""
    connection = _connect(folder, "rw")
    try:
        _refuse_newer(connection, folder)
        if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
            raise JournalError(f"the file system of {folder} cannot share memory: use one on a local disk")
        connection.execute("PRAGMA synchronous = FULL")  # a commit is on the disk when it returns
        connection.execute("PRAGMA secure_delete = ON")  # a secret's former envelope is not left behind
        connection.execute("PRAGMA cache_size = -16384")
        connection.execute(f"PRAGMA journal_size_limit = {64 * 1024 * 1024}")
        sqlite_caps.teach(connection)
        if max_pages is not None:
            connection.execute(f"PRAGMA max_page_count = {max_pages}")
        _migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_reader(folder: Path) -> sqlite3.Connection:
    """A connection that can only read."""
    if not (folder / DATABASE).exists():
        raise JournalError(f"there is no journal in {folder}: name the data folder of a server")
    connection = _connect(folder, "ro")
    try:
        _refuse_newer(connection, folder)
        if _version(connection) < len(_migrations()):
            raise JournalError(
                f"the journal in {folder} has an older schema: start this version's server on it once"
            )
    except BaseException:
        connection.close()
        raise
    return connection


def close_writer(connection: sqlite3.Connection, place: Place) -> None:
    """Close, leaving one plain file unless someone is reading just now: then the WAL stays too.

    So it does where the file was moved: SQLite would remove a WAL by its name, which may be another's by now.
    """
    if place.is_ours:
        with suppress(sqlite3.Error):
            connection.execute("PRAGMA busy_timeout = 0")
            connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Trouble with the database or its folder as a JournalError that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise explain(error, folder) from error
    except OSError as error:
        raise JournalError(f"the data folder {folder} cannot be used: {error.strerror or error}") from error


def explain(error: sqlite3.Error, folder: Path) -> JournalError:
    """What an error of the database means to the people who run the server."""
    name: str = getattr(error, "sqlite_errorname", "")
    for prefix, words in _MEANINGS.items():
        if name.startswith(prefix):
            return JournalError(f"{words.format(folder=folder, file=folder / DATABASE)} ({name})")
    return JournalError(f"the journal in {folder} failed: {error}" + (f" ({name})" if name else ""))


_MEANINGS = {
    "SQLITE_FULL": "the disk that holds {folder} is full, or the journal has reached its size limit: "
    "make room; the server tries again with the next lead",
    "SQLITE_READONLY": "{folder} cannot be written to: check that its file system is mounted for writing "
    "and that the folder and the files in it belong to the server's user",
    "SQLITE_CORRUPT": "{file} is damaged: stop the server and restore a backup, or save what can still be "
    "read with the .recover command of the sqlite3 shell",
    "SQLITE_NOTADB": "{file} is not a journal: move it away, or name another data folder",
    "SQLITE_BUSY": "{file} is held by another program: end that one",
    "SQLITE_CANTOPEN": "{file} cannot be opened: check that the folder and the files in it belong to this "
    "user",
    "SQLITE_IOERR": "the disk that holds {folder} reports an error: check the disk and the system's log",
}


def _connect(folder: Path, mode: str) -> sqlite3.Connection:
    address = f"{(folder / DATABASE).absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(address, uri=True, timeout=PATIENCE, isolation_level=None, check_same_thread=False)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _refuse_newer(connection: sqlite3.Connection, folder: Path) -> None:
    found, known = _version(connection), len(_migrations())
    if found > known:
        raise JournalError(
            f"the journal in {folder} has schema {found}, written by a newer leadrelay; this one knows "
            f"schemas up to {known}: run the newer version"
        )


def _migrate(connection: sqlite3.Connection) -> None:
    scripts = _migrations()
    for version in range(_version(connection), len(scripts)):
        try:
            connection.executescript(
                f"BEGIN IMMEDIATE; {scripts[version]} PRAGMA user_version = {version + 1}; COMMIT;"
            )
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _migrations() -> list[str]:
    """The scripts that lead from an empty database to this version's schema, one per version."""
    folder = files("leadrelay.journal").joinpath("schema")
    scripts = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda f: f.name)
    return [script.read_text(encoding="utf-8") for script in scripts]
