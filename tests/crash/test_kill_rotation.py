"""A rotation that is killed leaves every secret readable, each under one key or the other (behaviour 9)."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from auth.vaults import a_vault
from leadrelay.auth.keyring import key_of, new_key
from leadrelay.journal.journal import open_journal
from servers import an_environment

pytestmark = pytest.mark.timeout(120)
SECRETS = 2000  # enough for a commit to take a while
ROTATOR = Path(__file__).with_name("rotator.py")


def rotate_and_kill(folder: Path, keys: tuple[str, str], after: float) -> None:
    """Kill it some seconds after its second rotation began, whatever it is doing then."""
    process = subprocess.Popen(
        [sys.executable, str(ROTATOR), str(folder), *keys], stdout=subprocess.PIPE, env=an_environment()
    )
    try:
        assert process.stdout is not None
        for line in (b"begin\n", b"through\n", b"begin\n"):
            assert process.stdout.readline() == line
        time.sleep(after)
    finally:
        process.kill()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


async def test_every_secret_is_readable_after_kills_at_any_moment_of_a_rotation(tmp_path: Path) -> None:
    keys = (new_key(), new_key())
    one, other = key_of(keys[0]), key_of(keys[1])
    values = {f"s-{number}": f"value {number}" for number in range(SECRETS)}
    async with a_vault(tmp_path, one) as vault:
        for name, value in values.items():
            await vault.put(name, value)
    for attempt in range(8):
        rotate_and_kill(tmp_path, keys, after=attempt * 0.012)
        async with open_journal(tmp_path, read_only=True) as journal:
            used = {sealed.key_id for sealed in await journal.secrets()}
        assert len(used) == 1, "a rotation is done whole or not at all"
        async with a_vault(tmp_path, one, other) as vault:
            assert {name: vault.get(name) for name in vault.names()} == values
            assert vault.damaged() == []
