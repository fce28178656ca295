"""A process that puts stored secrets under one key and then the other, until it is killed.

It says when it begins and when it is through, so that whoever kills it knows where it may stand.
"""

import sys
from pathlib import Path

import trio

from leadrelay.auth.keyring import Keyring, key_of
from leadrelay.auth.vault import open_vault
from leadrelay.journal.journal import open_journal
from leadrelay.runtime.clock import WallClock


async def main(folder: Path, one: str, other: str) -> None:
    keys = [key_of(one), key_of(other)]
    async with open_journal(folder) as journal:
        while True:
            vault = await open_vault(journal, Keyring(keys), WallClock())
            print("begin", flush=True)
            await vault.rotate()
            print("through", flush=True)
            keys.reverse()


if __name__ == "__main__":
    trio.run(main, Path(sys.argv[1]), sys.argv[2], sys.argv[3])
