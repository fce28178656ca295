"""A vault over a real journal, and what tests look for in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fakes import TrioClock
from leadrelay.auth.keyring import Key, Keyring, key_of, new_key
from leadrelay.auth.vault import Vault, open_vault
from leadrelay.journal.journal import open_journal

OLD, NEW = key_of(new_key()), key_of(new_key())
CANARY = "canary-4711-in-a-cage"


@asynccontextmanager
async def a_vault(folder: Path, *keys: Key) -> AsyncIterator[Vault]:
    """The vault in a data folder, opened as a server does."""
    async with open_journal(folder) as journal:
        yield await open_vault(journal, Keyring(keys), TrioClock())


def everything_in(folder: Path) -> dict[str, bytes]:
    """All files of a folder, the write-ahead log among them."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
